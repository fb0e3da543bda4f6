import { plural } from '../../base/count-text.ts';
import type { Warning } from '../../base/errors.ts';
import { findingAt } from '../../base/finding.ts';
import { must } from '../../base/must.ts';
import type { AlignedWord, Speech } from '../../engines/engine.ts';
import {
  lineOfWord,
  type PreparedTier,
  type PreparedUtterance,
  placeOfUtterance,
  type Recording,
} from '../prepared.ts';
import type { Assembled, Missing } from './assemble.ts';

/** Longer quotes are cut in the middle. */
const MAX_QUOTED_WORDS = 8;
const QUOTED_AT_END = 3;

/**
 * W_NOT_SAID for each row of words of the text that were not found in the audio, W_NOT_ALIGNED for those that the engine
 * did not return or was not tried with, W_NOT_WRITTEN for each stretch of speech that the text does not have; by tier, in
 * time order. Utterances that were not aligned at all are not here, see `describeLost`.
 */
export function describeMismatches(
  { transcript, tiers }: Recording,
  { words, missing, unwritten }: Assembled,
  engine: string,
): Warning[] {
  const file = transcript.originalName;
  return tiers.flatMap((tier) => {
    const speeches = unwritten.get(tier.id) ?? [];
    let next = 0;
    return tier.utterances.flatMap((utterance) => {
      while ((speeches[next]?.endSec ?? Number.POSITIVE_INFINITY) <= utterance.startSec) next++;
      const first = next;
      while ((speeches[next]?.startSec ?? Number.POSITIVE_INFINITY) < utterance.endSec) next++;
      const found = words.get(utterance);
      if (found === undefined) return [];
      const place = { file, tier, utterance };
      let heard = 0;
      return [
        ...findMissingRows(utterance, found, missing.get(utterance) ?? new Map()).map((row) =>
          describeRow(place, row, engine),
        ),
        ...speeches.slice(first, next).map((speech) => {
          while ((found[heard]?.endSec ?? Number.POSITIVE_INFINITY) <= speech.startSec) heard++;
          return notWritten(place, speech, found[heard - 1]?.at ?? 0);
        }),
      ].sort((a, b) => (a.place?.timeSec ?? 0) - (b.place?.timeSec ?? 0));
    });
  });
}

interface Place {
  readonly file: string;
  readonly tier: PreparedTier;
  readonly utterance: PreparedUtterance;
}

/** A row of missing words, and the time between the found words around it. */
interface MissingRow extends Speech {
  /** Place of the first within the utterance. */
  readonly at: number;
  readonly written: string[];
  readonly why: Missing | 'unsaid';
}

function findMissingRows(
  { startSec, endSec, written }: PreparedUtterance,
  found: readonly AlignedWord[],
  missing: ReadonlyMap<number, Missing>,
): MissingRow[] {
  const all: MissingRow[] = [];
  let next = 0;
  let fromSec = startSec;
  for (const word of [...found, { at: written.length, startSec: endSec, endSec }]) {
    const rows: MissingRow[] = [];
    const { at = next } = word;
    for (let place = next; place < at; place++) {
      const why = missing.get(place) ?? 'unsaid';
      const text = must(written[place], 'a written word');
      const last = rows.at(-1);
      if (last?.why === why) last.written.push(text);
      else rows.push({ at: place, startSec: fromSec, endSec: word.startSec, written: [text], why });
    }
    all.push(...rows);
    next = at + 1;
    fromSec = word.endSec;
  }
  return all;
}

function describeRow(place: Place, row: MissingRow, engine: string): Warning {
  switch (row.why) {
    case 'unsaid':
      return notSaid(place, row);
    case 'lost':
      return notAligned(place, row, engine);
    case 'untried':
      return notTried(place, row, engine);
  }
}

function notSaid(place: Place, row: MissingRow): Warning {
  const text =
    `not said? ${plural(row.written.length, 'word of the text was', 'words of the text were')} not found in the audio, and left out: "${quote(row.written)}". ` +
    'Listen to this place, and correct the text.';
  return describe('W_NOT_SAID', text, place, row);
}

function notAligned(place: Place, row: MissingRow, engine: string): Warning {
  const text =
    `not aligned: ${engine} did not return ${plural(row.written.length, 'word')} of the text, ` +
    `left out: "${quote(row.written)}". Listen to this place; correct the text, or make it an interval of its own.`;
  return describe('W_NOT_ALIGNED', text, place, row);
}

function notTried(place: Place, row: MissingRow, engine: string): Warning {
  const text = `not tried: ${plural(row.written.length, 'word')} of the text, left out: "${quote(row.written)}". ${whyUntried(engine)}`;
  return describe('W_NOT_ALIGNED', text, place, row);
}

/** Why an engine was not started for some words, and the fix. */
export function whyUntried(engine: string): string {
  return (
    `${engine} failed at too many other intervals of this recording, and was not started again. ` +
    'Correct or remove those that are reported as not aligned, then align again.'
  );
}

/** @param after - the word that was found before it */
function notWritten(place: Place, speech: Speech, after: number): Warning {
  const text =
    'not written? There seems to be speech here that the text does not have. Listen to this place, and add what is said.';
  return describe('W_NOT_WRITTEN', text, place, { ...speech, at: after });
}

/** @param at - place within the utterance of the word that the warning is about, or that is beside it */
function describe(
  code: Warning['code'],
  text: string,
  { file, tier, utterance }: Place,
  { startSec, endSec, at }: Speech & { readonly at: number },
): Warning {
  const inTier = placeOfUtterance(file, tier, { ...utterance, startSec });
  return findingAt(code, { ...inTier, ...lineOfWord(utterance, at), endSec }, text);
}

function quote(words: readonly string[]): string {
  if (words.length <= MAX_QUOTED_WORDS) return words.join(' ');
  return [
    ...words.slice(0, -QUOTED_AT_END).slice(0, MAX_QUOTED_WORDS - QUOTED_AT_END),
    '...',
    ...words.slice(-QUOTED_AT_END),
  ].join(' ');
}
