import type { Warning } from '../base/errors.ts';
import type { AlignedWord, Speech } from '../engines/engine.ts';
import type { PreparedTier, PreparedUtterance, Recording } from './prepared.ts';

/** Longer quotes are cut in the middle. */
const MAX_QUOTED_WORDS = 8;
const QUOTED_AT_END = 3;

/**
 * W_NOT_SAID for each lot of words of the text that were not found in the sound, W_NOT_WRITTEN for each stretch of speech
 * that the text does not have, in the order of the tiers and of time. Of utterances that were not aligned at all there
 * is nothing.
 * @param unwritten - by tier, in time order
 */
export function describeMisfits(
  { transcript, tiers }: Recording,
  words: ReadonlyMap<PreparedUtterance, readonly AlignedWord[]>,
  unwritten: ReadonlyMap<string, readonly Speech[]>,
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
      return [
        ...findUnsaid(utterance, found).map((unsaid) => notSaid(place, unsaid)),
        ...speeches.slice(first, next).map((speech) => notWritten(place, speech)),
      ].sort((a, b) => (a.timeSec ?? 0) - (b.timeSec ?? 0));
    });
  });
}

interface Place {
  readonly file: string;
  readonly tier: PreparedTier;
  readonly utterance: PreparedUtterance;
}

interface Unsaid extends Speech {
  readonly written: readonly string[];
}

/** The words that are missing, with the time between their neighbours. */
function findUnsaid(
  { startSec, endSec, written }: PreparedUtterance,
  found: readonly AlignedWord[],
): Unsaid[] {
  const unsaid: Unsaid[] = [];
  let next = 0;
  let fromSec = startSec;
  for (const [index, word] of found.entries()) {
    const at = word.at ?? index;
    if (at > next)
      unsaid.push({ startSec: fromSec, endSec: word.startSec, written: written.slice(next, at) });
    next = at + 1;
    fromSec = word.endSec;
  }
  if (next < written.length) unsaid.push({ startSec: fromSec, endSec, written: written.slice(next) });
  return unsaid;
}

function notSaid(place: Place, unsaid: Unsaid): Warning {
  const count = unsaid.written.length;
  const what = count === 1 ? '1 word of the text was' : `${count} words of the text were`;
  const message =
    `not said? ${what} not found in the sound, and left out: "${quote(unsaid.written)}". ` +
    'Listen to this place, and correct the text.';
  return describe('W_NOT_SAID', message, place, unsaid);
}

function notWritten(place: Place, speech: Speech): Warning {
  const message =
    'not written? There seems to be speech here that the text does not have. Listen to this place, and add what is said.';
  return describe('W_NOT_WRITTEN', message, place, speech);
}

function describe(code: Warning['code'], text: string, place: Place, { startSec, endSec }: Speech): Warning {
  const { file, tier, utterance } = place;
  const times = `${startSec.toFixed(2)} to ${endSec.toFixed(2)} s`;
  const message = `${file} tier "${tier.name}" interval ${utterance.interval} (${times}): ${text}`;
  return { code, message, file, tier: tier.name, interval: utterance.interval, timeSec: startSec };
}

function quote(words: readonly string[]): string {
  if (words.length <= MAX_QUOTED_WORDS) return words.join(' ');
  return [
    ...words.slice(0, -QUOTED_AT_END).slice(0, MAX_QUOTED_WORDS - QUOTED_AT_END),
    '...',
    ...words.slice(-QUOTED_AT_END),
  ].join(' ');
}
