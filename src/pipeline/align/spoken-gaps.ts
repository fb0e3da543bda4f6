import { upperMedian } from '../../base/upper-median.ts';
import { MIN_LOUD_SEC, measureLoudGaps } from '../../engines/loud-gaps.ts';
import type { Span } from '../../engines/stretches.ts';
import { readMonoPcm16AsFloat } from '../../formats/wav-pcm.ts';
import type { MonoAudio, PreparedUtterance } from '../prepared.ts';
import type { WordInPlace } from './match.ts';
import type { Unsqueezed } from './squeezed.ts';

/** Words of an utterance that were not found and may still be said, and the time between the found words around them. */
export interface SpokenGap extends Span {
  readonly firstWord: number;
  readonly wordCount: number;
  /** `apart`: their audio is between the words around them; `beside`: these may have taken it. */
  readonly kind: 'apart' | 'beside';
}

/** No speaker is faster, on average over some words. */
const WORD_MIN_SEC = 0.15;
/** The longest gap: a part for an engine is no longer, and so much audio is read into memory at once. */
const MAX_SEC = 25;
/** Words on each side, without a longer pause between them, with which the loudness of the gap is compared. */
const NEAREST_WORDS = 10;
const MAX_PAUSE_SEC = 0.5;
/**
 * Words that are said have at least this share of the time that they take at the speaker's usual rate. If the whole text
 * seems to be right, words with less time count as said, too, if they are few and short and there is no pause.
 */
const MIN_TIME_SHARE = 0.5;
const MAX_MISSING_SHARE = 0.05;
const SHORT_SEC = 0.7;
/** Between words that have taken the time of others there is no longer pause. */
const MAX_QUIET_SEC = 0.25;

interface Gap extends Span {
  readonly firstWord: number;
  readonly wordCount: number;
  /** Whether it holds speech that is not in the text. */
  readonly hasOther: boolean;
  /** How much of it is about as loud as the words around it. */
  readonly loudSec: number;
  /** What the words take at the speaker's usual rate. */
  readonly usualSec: number;
  /** The time for them: `loudSec`, and what their neighbours take above the usual rate. */
  readonly freeSec: number;
}

/**
 * The gaps between found words in which other words of the text may still be said. A voice that fits a model badly makes
 * such gaps.
 *
 * A gap is `apart` if it has enough time for its words, as loud as the words around it, and no speech that is not in the
 * text. It is `beside` if the words around it have taken the time of its words, or if the whole text seems to be right.
 * @param heard - what was found; gaps of squeezed words always stay
 * @param phoneCount - how many phones a word has
 */
export async function findSpokenGaps(
  utterance: PreparedUtterance,
  heard: Unsqueezed,
  audio: Pick<MonoAudio, 'monoPath' | 'monoRateHz'>,
  phoneCount: (word: string) => number,
): Promise<SpokenGap[]> {
  const gaps = await measureGaps(utterance, heard, audio, phoneCount);
  const missingCount = utterance.words.length - heard.words.length - heard.squeezed.size;
  const isRight =
    heard.unwritten.length === 0 &&
    missingCount <= Math.max(1, MAX_MISSING_SHARE * utterance.words.length) &&
    gaps.every((gap) => isApart(gap) || hasTime(gap) || isTight(gap));
  return gaps.flatMap((gap): SpokenGap[] => {
    const { startSec, endSec, firstWord, wordCount } = gap;
    const span = { startSec, endSec, firstWord, wordCount };
    if (isApart(gap)) return [{ ...span, kind: 'apart' }];
    const wasFound = heard.squeezed.has(firstWord) || heard.squeezed.has(firstWord + wordCount - 1);
    const stays = wasFound || isRight || (hasTime(gap) && !gap.hasOther);
    return stays ? [{ ...span, kind: 'beside' }] : [];
  });
}

function isApart({ startSec, endSec, wordCount, hasOther, loudSec }: Gap): boolean {
  const gapSec = endSec - startSec;
  return !hasOther && loudSec >= MIN_LOUD_SEC && gapSec >= wordCount * WORD_MIN_SEC && gapSec <= MAX_SEC;
}

function hasTime({ startSec, endSec, freeSec, usualSec }: Gap): boolean {
  return freeSec >= MIN_TIME_SHARE * usualSec && endSec - startSec <= MAX_SEC;
}

function isTight({ startSec, endSec, loudSec, usualSec }: Gap): boolean {
  return usualSec <= SHORT_SEC && endSec - startSec - loudSec <= MAX_QUIET_SEC;
}

async function measureGaps(
  utterance: PreparedUtterance,
  { words, unwritten }: Unsqueezed,
  audio: Pick<MonoAudio, 'monoPath' | 'monoRateHz'>,
  phoneCount: (word: string) => number,
): Promise<Gap[]> {
  const gaps: Gap[] = [];
  if (words.length === 0) return gaps;
  const phoneSec = usualPhoneSec(words, phoneCount);
  const excessSec = (word: WordInPlace | undefined): number =>
    word === undefined ? 0 : word.endSec - word.startSec - phoneCount(word.label) * phoneSec;
  let other = 0;
  // The first gap is the one before all words.
  for (let index = -1; index < words.length; index++) {
    const [before, after] = [words[index], words[index + 1]];
    const firstWord = (before?.at ?? -1) + 1;
    const wordCount = (after?.at ?? utterance.words.length) - firstWord;
    if (wordCount === 0) continue;
    const gap = {
      startSec: before?.endSec ?? utterance.startSec,
      endSec: after?.startSec ?? utterance.endSec,
    };
    while ((unwritten[other]?.endSec ?? Number.POSITIVE_INFINITY) <= gap.startSec) other++;
    const hasOther = (unwritten[other]?.startSec ?? Number.POSITIVE_INFINITY) < gap.endSec;
    const missing = utterance.words.slice(firstWord, firstWord + wordCount);
    const loudSec = gap.endSec - gap.startSec <= MAX_SEC ? await measureLoud(gap, words, index, audio) : 0;
    gaps.push({
      ...gap,
      firstWord,
      wordCount,
      hasOther,
      loudSec,
      usualSec: phoneSec * missing.reduce((sum, word) => sum + phoneCount(word), 0),
      freeSec: loudSec + excessSec(before) + excessSec(after),
    });
  }
  return gaps;
}

/** @param index - of the word before the gap; -1: it is the first */
async function measureLoud(
  { startSec, endSec }: Span,
  words: readonly WordInPlace[],
  index: number,
  { monoPath, monoRateHz }: Pick<MonoAudio, 'monoPath' | 'monoRateHz'>,
): Promise<number> {
  const left = nearestWords(words, index, -1).reverse();
  const near = [...left, ...nearestWords(words, index + 1, 1)];
  const fromSec = Math.min(startSec, near[0]?.startSec ?? startSec);
  const toSec = Math.max(endSec, near.at(-1)?.endSec ?? endSec);
  const samples = await readMonoPcm16AsFloat(monoPath, fromSec, toSec);
  const spans = near.map((one) => ({ startSec: one.startSec - fromSec, endSec: one.endSec - fromSec }));
  return measureLoudGaps(samples, monoRateHz, spans, toSec - fromSec)[left.length] ?? 0;
}

/** The median over the words. */
function usualPhoneSec(words: readonly WordInPlace[], phoneCount: (word: string) => number): number {
  return upperMedian(words.map(({ label, startSec, endSec }) => (endSec - startSec) / phoneCount(label)));
}

/** The words from one on, in one direction, up to the first pause, so that no other gap is between them. */
function nearestWords(words: readonly WordInPlace[], from: number, step: 1 | -1): WordInPlace[] {
  const found: WordInPlace[] = [];
  for (let at = from; found.length < NEAREST_WORDS; at += step) {
    const [word, last] = [words[at], found.at(-1)];
    if (word === undefined) break;
    if (last !== undefined && pauseSec(last, word, step) > MAX_PAUSE_SEC) break;
    found.push(word);
  }
  return found;
}

function pauseSec(last: Span, next: Span, step: 1 | -1): number {
  return step === 1 ? next.startSec - last.endSec : last.startSec - next.endSec;
}
