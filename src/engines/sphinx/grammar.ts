import type { Segment } from 'soundswallower';
import { must } from '../../base/must.ts';
import { type JobWord, type SphinxPhone, type SphinxWord, UNKNOWN_PHONE } from './job.ts';

/** All words that a decoder may have to find. */
export interface Vocabulary {
  readonly words: readonly JobWord[];
  /** The phones that a word without a known pronunciation may have. */
  readonly loopPhones: readonly string[];
}

/** The words that the decoder found. */
export interface ReadWords {
  /** With seconds from the first sample. */
  readonly words: readonly SphinxWord[];
  /** Mean of `scores`. 0 is perfect; worse scores are negative. */
  readonly score: number;
  /** The worst of `scores`. */
  readonly worstScore: number;
  /** ln(probability) per frame of each word; null: its pronunciation is unknown, and any audio fits. */
  readonly scores: readonly (number | null)[];
}

const FRAMES_PER_SEC = 100;
/** Silence and noise, which the decoder adds between words. */
const FILLER = /^[<[(]/;
const WORD_TOKEN = /^w(\d+)(?:\(\d+\))?$/;
const LOOP_TOKEN = /^([uv])\d+$/;
/** Two sets of tokens for unknown words, used in turn: with one set, the boundary between two such words would be lost. */
const LOOPS = ['u', 'v'] as const;

/**
 * The entries of the decoder's dictionary: word number 7 is `w7`, its second pronunciation `w7(2)`; phone number 3 of the loops is
 * `u3` and `v3`. No text of a user is in it.
 *
 * A word without a known pronunciation is decoded as a loop over all phones. With 8 % of the words of synthetic speech removed from
 * the dictionary, 78 to 93 % of the boundaries of these words were found within 50 ms, and 93 to 96 % of those of their
 * neighbours. With the model's phone for noise or silence instead of the loop, it was 36 % and 73 %.
 */
export function dictionaryEntries({ words, loopPhones }: Vocabulary): [token: string, phones: string][] {
  const known = words.flatMap(({ pronunciations }, word) =>
    pronunciations.map((phones, at): [string, string] => [
      at === 0 ? `w${word}` : `w${word}(${at + 1})`,
      phones,
    ]),
  );
  const loops = LOOPS.flatMap((loop) =>
    loopPhones.map((phone, at): [string, string] => [`${loop}${at}`, phone]),
  );
  return [...known, ...loops];
}

/** Whether the pronunciation of a word is unknown. */
export function isUnknown(word: number, vocabulary: Vocabulary): boolean {
  return wordOf(word, vocabulary).pronunciations.length === 0;
}

function wordOf(word: number, { words }: Vocabulary): JobWord {
  return must(words[word], `word ${word} of the vocabulary, which has ${words.length}`);
}

/**
 * A grammar of the words in their order, in the Java Speech Grammar Format.
 * @param hasShortLoops - whether unknown words may have a single phone. Each further phone takes as much work as 40 words: with 1 %
 *   of the words unknown, following takes 1.3 times as long as with none, or twice as long without short loops.
 */
export function toGrammar(
  wordNumbers: readonly number[],
  vocabulary: Vocabulary,
  { hasShortLoops = false } = {},
): string {
  let unknownCount = 0;
  const text = wordNumbers.map((word) => {
    if (!isUnknown(word, vocabulary)) return `w${word}`;
    const loop = LOOPS[unknownCount++ % 2];
    const minCount = hasShortLoops ? 1 : Math.max(1, wordOf(word, vocabulary).minPhoneCount);
    return `${`<${loop}> `.repeat(minCount - 1)}<${loop}>+`;
  });
  const toRule = (loop: string) =>
    `<${loop}> = ${vocabulary.loopPhones.map((_, at) => loop + at).join(' | ')};`;
  const rules = LOOPS.map(toRule);
  const usedRules = unknownCount > 0 ? rules : [];
  return ['#JSGF V1.0;', 'grammar text;', ...usedRules, `public <text> = ${text.join(' ')};`, ''].join('\n');
}

/**
 * Reads the words of a decoder's result.
 * @param segments - the result, in time order
 * @param isWhole - whether all words must be in it
 * @returns null: it has other words than those asked for, or not all of them
 */
export function readWords(
  segments: readonly Segment[],
  wordNumbers: readonly number[],
  isWhole: boolean,
): ReadWords | null {
  const words: { phones: SphinxPhone[]; loop: string | null }[] = [];
  const all: (number | null)[] = [];
  for (const segment of segments) {
    if (FILLER.test(segment.t)) continue;
    const loop = LOOP_TOKEN.exec(segment.t)?.[1] ?? null;
    const last = words.at(-1);
    if (loop !== null && last?.loop === loop) {
      last.phones = [unknownPhone(last.phones, segment)];
      continue;
    }
    const number = WORD_TOKEN.exec(segment.t)?.[1];
    if (loop === null && Number(number) !== wordNumbers[words.length]) return null;
    words.push({ phones: loop === null ? phonesOf(segment) : [unknownPhone([], segment)], loop });
    // Any audio fits the loop, so its score tells nothing.
    all.push(loop === null ? Math.log(segment.p) / (segment.d * FRAMES_PER_SEC) : null);
  }
  const isComplete = words.length === wordNumbers.length || !isWhole;
  if (!isComplete || words.some(({ phones }) => phones.length === 0)) return null;
  return { words: words.map(({ phones }) => phones), ...summarize(all), scores: all };
}

/** The mean and the worst of the scores of words; 0: no word has a score. */
export function summarize(all: ReadWords['scores']): Pick<ReadWords, 'score' | 'worstScore'> {
  const scores = all.filter((one) => one !== null);
  const score = scores.reduce((sum, one) => sum + one, 0) / Math.max(1, scores.length);
  return { score, worstScore: scores.reduce((worst, one) => Math.min(worst, one), 0) };
}

function phonesOf({ t, b, d, w }: Segment): SphinxPhone[] {
  return (w ?? [{ t, b, d }]).map((phone) => toPhone(phone.t, phone.b, phone.b + phone.d));
}

function unknownPhone([before]: readonly SphinxPhone[], { b, d }: Segment): SphinxPhone {
  return toPhone(UNKNOWN_PHONE, before?.startSec ?? b, b + d);
}

/** Rounds times to whole frames: the decoder's sums have rounding errors, which would make gaps between phones. */
function toPhone(label: string, startSec: number, endSec: number): SphinxPhone {
  const toFrame = (sec: number): number => Math.round(sec * FRAMES_PER_SEC) / FRAMES_PER_SEC;
  return { label, startSec: toFrame(startSec), endSec: toFrame(endSec) };
}
