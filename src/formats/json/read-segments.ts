import { findingAt } from '../../base/finding.ts';
import { type InPieces, Piece } from '../../base/pieces.ts';
import { type LaneTier, laneTiers } from '../lane-tiers.ts';
import { setMissingEnds } from '../missing-ends.ts';
import { formatSec, type Interval, sortByStart, type Tier } from '../tiers.ts';
import type { ReadOptions, Transcript } from '../transcript.ts';
import type { CheckedJson, Json, JsonObject } from './checked.ts';
import { WordReader } from './words.ts';

/** The tier of segments that name no speaker. */
const UNNAMED_SPEAKER = 'speaker';

/** One segment of a program's output, with its words that have times. */
interface Segment extends Interval {
  readonly speaker: string;
  readonly words: readonly Interval[];
}

type Voices = Map<string, Segment[]>;

/** The segments of a file, and where they are in it. */
export interface SegmentSource {
  /** Objects with `start`, `end`, `text`, and maybe `speaker` and `words`. */
  readonly segments: readonly Json[];
  /** Path of the list in the file, such as `segments`; empty: the file is the list. */
  readonly path: string;
  /** A list of words outside of the segments. */
  readonly words: Json | undefined;
}

/**
 * Reads segments of programs that recognise speech: Whisper and programs made from it. Each speaker is a tier. If words
 * have times, the speaker has two tiers with names as in results: `Anna - trans` and `Anna - word`.
 * @throws TaskError E_TRANSCRIPT_MALFORMED with the paths of the values
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
    tell(`words that are only in the text, since their times are missing or overlap: ${words.leftOutCount}`);
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

/** The end of a segment, in seconds. Transcripts of YouTube have `duration` or `dur` instead. */
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
  // Rounded to nanoseconds: 0.1 + 0.2 would be 0.30000000000000004.
  return startSec === null || durationSec === null ? null : Number((startSec + durationSec).toFixed(9));
}

function speakerOf({ speaker }: JsonObject): string {
  const isNamed = (typeof speaker === 'string' && speaker.trim() !== '') || typeof speaker === 'number';
  return isNamed ? String(speaker).trim() : UNNAMED_SPEAKER;
}

/** The words of a tier. @param beside - words outside of the segments; used if the segments have none */
function wordsOf({ intervals }: LaneTier<Segment>, beside: readonly Interval[]): readonly Interval[] {
  const own = intervals.flatMap((one) => one.words);
  return own.length > 0 ? own : beside;
}

/** Whisper works on 30 s at a time, so that its last segment may end after the audio: cuts it there. */
function endWithAudio(voices: Voices, audioSec: number, tell: (text: string) => void): void {
  for (const own of voices.values()) {
    const last = own.at(-1);
    if (last === undefined || last.endSec <= audioSec || last.startSec >= audioSec) continue;
    own[own.length - 1] = { ...last, endSec: audioSec };
    tell(
      `the last segment ends at ${formatSec(last.endSec)}, after the audio; its end is moved to the end of the audio`,
    );
  }
}
