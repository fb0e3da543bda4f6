import { findingAt } from '../../base/finding.ts';
import { type InPieces, Piece } from '../../base/pieces.ts';
import { type LaneTier, laneTiers } from '../lane-tiers.ts';
import { setMissingEnds } from '../missing-ends.ts';
import { formatSec, type Interval, sortByStart, type Tier } from '../tiers.ts';
import type { ReadOptions, Transcript } from '../transcript.ts';
import type { CheckedJson, Json, JsonObject } from './checked.ts';
import { WordReader } from './words.ts';

/** The tier of what no speaker is named for. */
const SPEAKER = 'speaker';

/** One segment of a program's output, with its words that have times. */
interface Segment extends Interval {
  readonly speaker: string;
  readonly words: readonly Interval[];
}

type Voices = Map<string, Segment[]>;

/** Where segments stand in a file. */
export interface SegmentSource {
  /** Objects with `start`, `end`, `text`, and maybe `speaker` and `words`. */
  readonly segments: readonly Json[];
  readonly path: string;
  /** Words that stand beside the segments. */
  readonly words: Json | undefined;
}

/**
 * Segments as programs that recognise speech write them: Whisper, and those made from it. Each speaker is a tier; where
 * the times of words are known, the tiers are called as in results: `Anna - trans` and `Anna - word`.
 */
export function* readSegments(
  source: SegmentSource,
  file: string,
  checked: CheckedJson,
  { audioSec, warn }: Pick<ReadOptions, 'audioSec' | 'warn'>,
): InPieces<Transcript> {
  const words = new WordReader();
  const segments = sortByStart(yield* readAll(source, checked, words));
  const ended = setMissingEnds(segments, file, 'segments', audioSec, warn);
  const voices = Map.groupBy(ended, ({ speaker }) => speaker);
  const tell = (text: string) => warn(findingAt('W_TRANSCRIPT_READ', { file }, text));
  if (audioSec !== null) endWithAudio(voices, audioSec, tell);
  const lanes = laneTiers(voices, file, 'segments', warn);
  const lastSec = lanes
    .flatMap(({ intervals }) => intervals)
    .reduce((last, { endSec }) => Math.max(last, endSec), 0);
  const span = { startSec: 0, endSec: Math.max(lastSec, audioSec ?? 0) };
  const tiers: Tier[] = [];
  for (const lane of lanes) {
    const heard = words.inOrder(wordsOf(lane, lanes.length === 1 ? words.read(source.words) : []));
    const intervals = lane.intervals.map(({ startSec, endSec, text }) => ({ startSec, endSec, text }));
    const name = heard.length === 0 ? lane.name : `${lane.name} - trans`;
    tiers.push({ kind: 'interval', name, ...span, intervals });
    if (heard.length > 0)
      tiers.push({ kind: 'interval', name: `${lane.name} - word`, ...span, intervals: heard });
    yield;
  }
  if (words.leftOutCount > 0)
    tell(`words without times of their own, which stand in the text alone: ${words.leftOutCount}`);
  return { ...span, tiers };
}

function* readAll(
  { segments, path }: SegmentSource,
  checked: CheckedJson,
  words: WordReader,
): InPieces<Segment[]> {
  const all: Segment[] = [];
  const piece = new Piece();
  for (const [index, value] of segments.entries()) {
    const at = `${path}[${index}]`;
    const segment = checked.object(value, at);
    const text = segment === null ? null : checked.text(segment['text'], `${at}.text`);
    if (segment === null || text === null) continue;
    if (piece.add(text)) yield;
    const startSec = checked.seconds(segment['start'], `${at}.start`);
    const endSec = endOf(segment, startSec, at, checked);
    if (startSec === null || endSec === null || text.trim() === '') continue;
    const speaker = speakerOf(segment);
    all.push({ startSec, endSec, text: text.trim(), speaker, words: words.read(segment['words']) });
  }
  checked.faults.throwAny();
  return all;
}

/** In transcripts of YouTube it is a duration, `duration` or `dur`. */
function endOf(
  segment: JsonObject,
  startSec: number | null,
  at: string,
  checked: CheckedJson,
): number | null {
  const name = segment['duration'] === undefined ? 'dur' : 'duration';
  const { end, [name]: duration } = segment;
  if (end !== undefined || duration === undefined) return checked.seconds(end, `${at}.end`);
  const durationSec = checked.seconds(duration, `${at}.${name}`);
  // In whole nanoseconds: sums of decimals carry rounding errors.
  return startSec === null || durationSec === null ? null : Number((startSec + durationSec).toFixed(9));
}

function speakerOf({ speaker }: JsonObject): string {
  const isNamed = (typeof speaker === 'string' && speaker.trim() !== '') || typeof speaker === 'number';
  return isNamed ? String(speaker).trim() : SPEAKER;
}

/** @param beside - words that stand beside all segments */
function wordsOf({ intervals }: LaneTier<Segment>, beside: readonly Interval[]): readonly Interval[] {
  const own = intervals.flatMap((one) => one.words);
  return own.length > 0 ? own : beside;
}

/** Whisper hears in windows of 30 s: its last segment may end after the audio. */
function endWithAudio(voices: Voices, audioSec: number, tell: (text: string) => void): void {
  for (const own of voices.values()) {
    const last = own.at(-1);
    if (last === undefined || last.endSec <= audioSec || last.startSec >= audioSec) continue;
    own[own.length - 1] = { ...last, endSec: audioSec };
    tell(`the last segment ends at ${formatSec(last.endSec)}, after the audio: it ends with the audio here`);
  }
}
