import type { Warning } from '../../base/errors.ts';
import { findingAt } from '../../base/finding.ts';
import { type InPieces, Piece } from '../../base/pieces.ts';
import { laneTiers } from '../lane-tiers.ts';
import { setMissingEnds } from '../missing-ends.ts';
import { nameSpeakers } from '../speaker-names.ts';
import { decodeText } from '../text-encoding.ts';
import { type Interval, sortByStart } from '../tiers.ts';
import type { ReadOptions, Transcript, TranscriptFormat } from '../transcript.ts';
import { findCueNames, splitNamedLines } from './named-cues.ts';
import { type Cue, readCues } from './read-cues.ts';
import { unroll } from './rolled-cues.ts';
import { hasVoices, shownCueText, splitVoices } from './voices.ts';

/** The name of the tier for cues without a voice. */
const SPEAKER = 'speaker';

/** Subtitles in SRT or WebVTT: each voice is a tier, and each cue an interval. */
export const SUBTITLES: TranscriptFormat = {
  read: function* (bytes, file, options): InPieces<Transcript> {
    const { text, warning } = decodeText(bytes, file, options.legacyEncoding);
    if (warning !== undefined) options.warn(warning);
    const passedOver = new Set<string>();
    const voices = yield* readVoices(text, file, passedOver, options);
    const tiers = laneTiers(voices, file, 'cues', options.warn);
    let endSec = options.audioSec ?? 0;
    for (const { intervals } of tiers) endSec = Math.max(endSec, lastEndSec(intervals));
    const span = { startSec: 0, endSec };
    return {
      ...span,
      tiers: tiers.map(({ name, intervals }) => ({ kind: 'interval', name, ...span, intervals })),
      shownLabel: shownCueText,
      besideTiers: [...passedOver],
    };
  },
};

function lastEndSec(intervals: readonly Interval[]): number {
  return intervals.reduce((last, { endSec }) => Math.max(last, endSec), 0);
}

/** The intervals of each voice, sorted by their starts. */
function* readVoices(
  text: string,
  file: string,
  passedOver: Set<string>,
  { audioSec, warn }: ReadOptions,
): InPieces<Map<string, Interval[]>> {
  // Programs show cues by their times; their order in the file does not matter.
  const shown = sortByStart(yield* readCues(text, file, passedOver));
  const unrolled = unroll(shown);
  if (unrolled !== null) {
    const found = `the cues roll: of ${shown.length} cues, ${unrolled.length} show new lines; each line is read once`;
    warn(findingAt('W_TRANSCRIPT_READ', { file }, found));
  }
  const cues = setMissingEnds(unrolled ?? shown, file, 'cues', audioSec, warn);
  const speakers = yield* findCueNames(cues);
  const voices = new Map<string, Interval[]>();
  const intervalsOf = (name: string) => {
    const known = voices.get(name);
    if (known !== undefined) return known;
    const intervals: Interval[] = [];
    voices.set(name, intervals);
    return intervals;
  };
  const piece = new Piece();
  let firstNamed: Cue | null = null;
  for (const cue of cues) {
    if (piece.add(cue.text)) yield;
    const isVoiced = hasVoices(cue.text);
    if (!isVoiced && speakers.size === 0) {
      if (cue.text !== '') intervalsOf(SPEAKER).push(cue);
      continue;
    }
    for (const { voice, text: said } of isVoiced
      ? splitVoices(cue.text)
      : splitNamedLines(cue.text, speakers)) {
      if (voice !== null && !isVoiced) firstNamed ??= cue;
      if (said !== '') intervalsOf(voice ?? SPEAKER).push({ ...cue, text: said });
    }
  }
  if (firstNamed !== null) warn(namesWarning(speakers, file, firstNamed));
  return voices;
}

function namesWarning(speakers: ReadonlyMap<string, number>, file: string, { line, startSec }: Cue): Warning {
  const found =
    `words before a colon are read as names of speakers, each with a tier: ${nameSpeakers(speakers)}; ` +
    'where such words are spoken, remove the colon';
  return findingAt('W_TRANSCRIPT_READ', { file, line, timeSec: startSec }, found);
}
