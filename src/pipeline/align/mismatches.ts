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
import type { Assembled } from './assemble.ts';

/** Longer quotes are cut in the middle. */
const MAX_QUOTED_WORDS = 8;
const QUOTED_AT_END = 3;

/**
 * W_NOT_SAID for each lot of words of the text that were not found in the audio, W_NOT_ALIGNED for those that the
 * engine did not give back, W_NOT_WRITTEN for each stretch of speech that the text does not have, in the order of the
 * tiers and of time. Of utterances that were not aligned at all there is nothing.
 */
export function describeMismatches(
  { transcript, tiers }: Recording,
  { words, lost, unwritten }: Assembled,
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
        ...findMissing(utterance, found, lost.get(utterance) ?? new Set()).map((missing) =>
          missing.isLost ? notAligned(place, missing, engine) : notSaid(place, missing),
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

/** Words that follow each other in the text, and the time between the words that were found around them. */
interface Missing extends Speech {
  /** Place of the first within the utterance. */
  readonly at: number;
  readonly written: string[];
  /** Whether the engine was asked for them. */
  readonly isLost: boolean;
}

function findMissing(
  { startSec, endSec, written }: PreparedUtterance,
  found: readonly AlignedWord[],
  lost: ReadonlySet<number>,
): Missing[] {
  const all: Missing[] = [];
  let next = 0;
  let fromSec = startSec;
  for (const word of [...found, { at: written.length, startSec: endSec, endSec }]) {
    const lots: Missing[] = [];
    const { at = next } = word;
    for (let place = next; place < at; place++) {
      const isLost = lost.has(place);
      const text = must(written[place], 'a written word');
      const last = lots.at(-1);
      if (last?.isLost === isLost) last.written.push(text);
      else lots.push({ at: place, startSec: fromSec, endSec: word.startSec, written: [text], isLost });
    }
    all.push(...lots);
    next = at + 1;
    fromSec = word.endSec;
  }
  return all;
}

function notSaid(place: Place, missing: Missing): Warning {
  const count = missing.written.length;
  const what = count === 1 ? '1 word of the text was' : `${count} words of the text were`;
  const text =
    `not said? ${what} not found in the audio, and left out: "${quote(missing.written)}". ` +
    'Listen to this place, and correct the text.';
  return describe('W_NOT_SAID', text, place, missing);
}

function notAligned(place: Place, missing: Missing, engine: string): Warning {
  const count = missing.written.length;
  const text =
    `not aligned: ${engine} did not give back ${count === 1 ? '1 word' : `${count} words`} of the text, ` +
    `left out: "${quote(missing.written)}". Listen to this place; correct the text, or make it an interval of its own.`;
  return describe('W_NOT_ALIGNED', text, place, missing);
}

/** @param after - the word that was found before it */
function notWritten(place: Place, speech: Speech, after: number): Warning {
  const text =
    'not written? There seems to be speech here that the text does not have. Listen to this place, and add what is said.';
  return describe('W_NOT_WRITTEN', text, place, { ...speech, at: after });
}

/** @param at - a word that it is about or stands beside, by its place within the utterance */
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
