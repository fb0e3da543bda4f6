import { type Fault, type TaskError, throwFaults, type Warning } from '../../base/errors.ts';
import { findingAt } from '../../base/finding.ts';
import { must } from '../../base/must.ts';
import type { Span } from '../../engines/stretches.ts';
import {
  lineOfWord,
  type Prepared,
  type PreparedTier,
  type PreparedUtterance,
  placeOfUtterance,
  type Recording,
  selectUtterances,
} from '../prepared.ts';
import type { PipelinePolicy } from '../stage.ts';
import type { Assembled, Pieces } from './assemble.ts';
import type { Doubtful, Found } from './engine-run.ts';
import type { WordInPlace } from './match.ts';
import { whyUntried } from './mismatches.ts';
import { isPart, type Part } from './parts.ts';

/** A task and the result of its alignment. */
export interface Outcome {
  readonly prepared: Prepared;
  readonly result: Assembled;
}

export interface LossCase extends Outcome {
  readonly policy: PipelinePolicy;
  /** Why the second run failed; null: it did not. */
  readonly fault: TaskError | null;
}

/**
 * Refuses a result in which a whole recording is empty, unless partial results are allowed.
 * @param lost - the recordings, each with its utterances that were not found
 * @throws TaskError E_NOT_ALIGNED naming all such recordings
 */
export function refuseEmptyRecordings(lost: readonly Recording[], loss: LossCase): void {
  const { prepared, policy, fault } = loss;
  const empty = lost.filter((recording) => isEmpty(recording, prepared));
  if (empty.length === 0) return;
  if (policy.partialResults === 'allow' && empty.length < prepared.recordings.length) return;
  const { name } = prepared.engine;
  const faults = empty.map((recording, index): Fault => {
    const file = recording.audio.originalName;
    // An aligner with a broken model may exit with 0 and without output.
    const isAll = empty.length === prepared.recordings.length && index === empty.length - 1;
    // A built-in model was tested with its engine.
    const { engine, language } = prepared;
    const isOwnModel = engine.builtInLanguages.some(({ code }) => code === language.code);
    const doubt =
      isAll && !isOwnModel
        ? ` If they do: nothing of this task came back, so ${name} or its acoustic model may be at fault; tell the operator.`
        : '';
    const text =
      `${name} ${describeLoss(recording, loss)}. ` +
      `Check that the transcript belongs to this recording and that its times fit.${doubt}${reasonFor(file, fault)}`;
    return findingAt('E_NOT_ALIGNED', { file }, text);
  });
  const others = prepared.recordings.length - empty.length;
  const last = faults.at(-1);
  if (others > 0 && last !== undefined) {
    const rest = others === 1 ? 'The other recording' : `The other ${others} recordings`;
    const fix = `${rest} came out: submit without this one, or try again with --partial.`;
    faults.splice(-1, 1, { ...last, text: `${last.text} ${fix}` });
  }
  throwFaults(faults);
}

export function countUtterances(recordings: readonly Recording[]): number {
  return recordings.flatMap(({ tiers }) => tiers).reduce((sum, { utterances }) => sum + utterances.length, 0);
}

/** W_NOT_ALIGNED for each lost utterance; before them one for the recording if all are lost. */
export function describeLost(lost: Recording, outcome: Outcome): Warning[] {
  const { prepared, result } = outcome;
  const file = lost.transcript.originalName;
  const text = `EMPTY: ${prepared.engine.name} ${describeLoss(lost, outcome)}`;
  const intervals = lost.tiers.flatMap((tier: PreparedTier) =>
    tier.utterances.map(
      (utterance): Warning =>
        findingAt(
          'W_NOT_ALIGNED',
          placeOfUtterance(file, tier, utterance),
          isUntried(utterance, result)
            ? `not tried, left empty. ${whyUntried(prepared.engine.name)}`
            : 'not aligned, left empty. Check its text against the recording, and its times.',
        ),
    ),
  );
  return isEmpty(lost, prepared) ? [findingAt('W_NOT_ALIGNED', { file }, text), ...intervals] : intervals;
}

/** About words that the engine found and the cutter did not. */
const UNHEARD =
  'aligned, but a first search for these words, with another model, did not find them. ' +
  'Check that this is what is said; an unusual voice can be the reason too.';

const DOUBTS: Readonly<Record<Doubtful, string>> = {
  fit:
    'aligned, but its words fit the audio badly. ' +
    'Check that this is what is said; noise or an unusual voice can be the reason too.',
  search:
    'aligned only in the second run, which tries what the first has lost. ' +
    'Check that this is what is said, and its boundaries.',
  partial:
    'the aligner returned too few or too many words. The words beside those may have taken their audio: ' +
    'check that this is what is said, and its boundaries.',
};

interface Doubt {
  /** An utterance, a part of one that was cut, some words of it, or a stretch of a text without times. */
  readonly place: PreparedUtterance;
  readonly isWhole: boolean;
  readonly text: string;
}

/**
 * The doubtful utterances of a tier, parts of them, and rows of words, in time order. A text without times is one
 * utterance, so each of its stretches that the engine doubts is listed.
 * @param doubts - stretches that the engine doubts, by tier
 */
export function findDoubts(
  { id, utterances }: PreparedTier,
  { cuts, doubtful, words }: Pieces,
  doubts: Found['doubts'],
): Doubt[] {
  return utterances.flatMap((utterance) => {
    const cut = cuts.get(utterance);
    const places: readonly PreparedUtterance[] = cut?.parts ?? [utterance];
    return places.flatMap((place): Doubt[] => {
      const about = doubtful.get(place);
      const found = words.get(place) ?? [];
      const line = isPart(place) ? lineOfWord(utterance, place.places[0] ?? 0) : {};
      if (about === undefined) {
        const rows = cut === undefined || !isPart(place) ? [] : findUnheard(place, found, cut.unheard);
        return rows.map((span) => ({ place: { ...place, ...line, ...span }, isWhole: false, text: UNHEARD }));
      }
      const text = DOUBTS[about];
      const spans = doubts.get(id) ?? [];
      if (about === 'fit' && place.lines !== undefined && spans.length > 0)
        return toStretches(place, found, spans).map((one) => ({ place: one, isWhole: false, text }));
      return [{ place: { ...place, ...line }, isWhole: !isPart(place), text }];
    });
  });
}

/** Stretches of a text, each with the line of its first word. Both lists are in time order. */
function toStretches(
  utterance: PreparedUtterance,
  found: readonly WordInPlace[],
  spans: readonly Span[],
): PreparedUtterance[] {
  let next = 0;
  return spans.map(({ startSec, endSec }) => {
    while ((found[next]?.endSec ?? Number.POSITIVE_INFINITY) <= startSec) next++;
    return { ...utterance, startSec, endSec, ...lineOfWord(utterance, found[next]?.at ?? 0) };
  });
}

/** W_DOUBTFUL for each doubtful utterance, part of one, or row of words. */
export function describeDoubts(
  { transcript, tiers }: Recording,
  pieces: Pieces,
  doubts: Found['doubts'],
): Warning[] {
  const file = transcript.originalName;
  return tiers.flatMap((tier) =>
    findDoubts(tier, pieces, doubts).map(({ place, isWhole, text }): Warning => {
      const at = placeOfUtterance(file, tier, place);
      return findingAt('W_DOUBTFUL', isWhole ? at : { ...at, endSec: place.endSec }, text);
    }),
  );
}

/** The time of each row of words that the cutter did not find. */
function findUnheard({ places }: Part, words: readonly WordInPlace[], unheard: ReadonlySet<number>): Span[] {
  const rows: Span[] = [];
  let last: WordInPlace | undefined;
  for (const word of words) {
    const isUnheard = unheard.has(must(places[word.at], 'the place of a word of a part'));
    if (isUnheard && last !== undefined)
      rows.splice(-1, 1, { ...must(rows.at(-1), 'a row'), endSec: word.endSec });
    else if (isUnheard) rows.push({ startSec: word.startSec, endSec: word.endSec });
    last = isUnheard ? word : undefined;
  }
  return rows;
}

/** @param lost - a recording with its utterances that were not found */
function isEmpty(lost: Recording, { recordings }: Prepared): boolean {
  return countUtterances([lost]) === countUtterances(recordings.filter(({ id }) => id === lost.id));
}

function describeLoss(recording: Recording, { result }: Outcome): string {
  const count = countUtterances([recording]);
  if (count === 1) return 'could not align its only interval';
  const untried = countUtterances(selectUtterances([recording], (one) => isUntried(one, result)));
  const note =
    untried === 0 ? '' : `, and was not tried with ${untried} of them, since it failed at the others`;
  return `could align none of its ${count} intervals${note}`;
}

function isUntried(utterance: PreparedUtterance, { missing }: Assembled): boolean {
  const whys = [...(missing.get(utterance)?.values() ?? [])];
  return whys.length > 0 && whys.every((why) => why === 'untried');
}

function reasonFor(file: string, fault: TaskError | null): string {
  const reason = fault?.faults.find(({ place }) => place?.file === undefined || place.file === file);
  return reason === undefined
    ? ''
    : ` A second run on this recording alone also failed: ${reason.text.replace(/\.?$/, '.')}`;
}
