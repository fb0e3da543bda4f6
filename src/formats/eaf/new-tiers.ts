import { type InPieces, Piece } from '../../base/pieces.ts';
import { type Speaker, type SpokenWord, spokenWords } from '../result-words.ts';
import { type MsSpan, toMilliseconds } from './milliseconds.ts';
import type { TierNames } from './tier-names.ts';
import { TYPES } from './tier-types.ts';
import type { NewAnnotation, NewTier } from './xml-write.ts';

/** A word may begin or end this much outside of its annotation, since the times of both were rounded separately. */
const SLACK_MS = 2;

/** The tier on which words will depend. */
export interface ParentTier {
  readonly name: string;
  readonly participant: string;
  /** The times of its annotations in the file, in time order. */
  readonly spans: readonly MsSpan[];
}

/** Where the tiers of a speaker belong in a file. */
export interface TierPlace {
  /** Null: words depend on no tier. */
  readonly parent: ParentTier | null;
  /** The time in the file plus this is the time in the audio. */
  readonly originMs: number;
  /** The end of the audio, as a time in the file. */
  readonly endMs: number;
  /** The names of all tiers of the file. */
  readonly names: TierNames;
}

/**
 * Makes the tiers of words and phones of one speaker. Words depend on the parent tier if each lies within one of its
 * annotations; otherwise on no tier. Phones depend on their words.
 * @throws TaskError E_OUTPUT_INVALID as `toMilliseconds`
 */
export function* makeWordTiers(speaker: Speaker, place: TierPlace): InPieces<NewTier[]> {
  const spoken: SpokenWord[] = [];
  const piece = new Piece();
  for (const word of spokenWords(speaker)) {
    spoken.push(word);
    if (piece.add(word.text)) yield;
  }
  const words = spoken.filter(({ number }) => number !== null).map((word) => inFile(word, place));
  const groups = place.parent === null ? null : groupByParent(words, place.parent.spans);
  const wordSpans =
    groups?.flatMap(({ within, members }) => toMilliseconds(members, within)) ??
    toMilliseconds(words, { startMs: 0, endMs: Math.max(0, place.endMs) });
  yield;
  const participant = place.parent?.participant ?? speaker.name;
  const wordTier: NewTier = {
    name: place.names.take(speaker.word?.name ?? `${speaker.name} - word`),
    participant,
    ...(groups === null || place.parent === null
      ? { type: TYPES.free, parent: null }
      : { type: TYPES.words, parent: place.parent.name }),
    annotations: words.map(({ text }, index) => ({ ...(wordSpans[index] ?? NOWHERE), value: text })),
  };
  // If phones are in no word, which no engine gives, their tier cannot depend on the words.
  const hasStrays = words.length < spoken.length;
  const phones: NewAnnotation[] = [];
  if (hasStrays)
    phones.push(
      ...labelled(
        spoken.flatMap((word) => inFile(word, place).phones),
        { startMs: 0, endMs: place.endMs },
      ),
    );
  else
    for (const [index, word] of words.entries()) {
      for (const phone of labelled(word.phones, wordSpans[index] ?? NOWHERE)) phones.push(phone);
      if (piece.add(word.text)) yield;
    }
  const phoneTier: NewTier = {
    name: place.names.take(speaker.phone?.name ?? `${speaker.name} - phone`),
    participant,
    ...(hasStrays ? { type: TYPES.free, parent: null } : { type: TYPES.phones, parent: wordTier.name }),
    annotations: phones,
  };
  return [wordTier, phoneTier];
}

const NOWHERE: MsSpan = { startMs: 0, endMs: 0 };

/** A word with its times in the file. */
interface FileWord {
  readonly startSec: number;
  readonly endSec: number;
  readonly minMs: number;
  readonly text: string;
  readonly phones: readonly { readonly startSec: number; readonly endSec: number; readonly text: string }[];
}

/** Converts the times of a word to those of the file. */
function inFile({ startSec, endSec, text, phones }: SpokenWord, { originMs }: TierPlace): FileWord {
  const move = (sec: number) => sec - originMs / 1000;
  return {
    startSec: move(startSec),
    endSec: move(endSec),
    minMs: Math.max(1, phones.length),
    text,
    phones: phones.map((phone) => ({
      startSec: move(phone.startSec),
      endSec: move(phone.endSec),
      text: phone.label,
    })),
  };
}

/** The words within one annotation. */
interface Group {
  readonly within: MsSpan;
  readonly members: FileWord[];
}

/** Groups words by the annotation in which they lie. @returns null: one of them lies in none */
function groupByParent(words: readonly FileWord[], spans: readonly MsSpan[]): Group[] | null {
  const groups: Group[] = [];
  let at = 0;
  let current: MsSpan | null = null;
  for (const word of words) {
    const middleMs = ((word.startSec + word.endSec) / 2) * 1000;
    while (at < spans.length && (spans[at]?.endMs ?? 0) <= middleMs) at++;
    const within = spans[at];
    const fits =
      within !== undefined &&
      word.startSec * 1000 >= within.startMs - SLACK_MS &&
      word.endSec * 1000 <= within.endMs + SLACK_MS;
    if (!fits) return null;
    if (within !== current) groups.push({ within, members: [] });
    current = within;
    groups.at(-1)?.members.push(word);
  }
  return groups;
}

/** Makes annotations of intervals that have labels. @param within - as in `toMilliseconds` */
export function labelled(
  intervals: readonly { readonly startSec: number; readonly endSec: number; readonly text: string }[],
  within: MsSpan,
): NewAnnotation[] {
  const spans = toMilliseconds(intervals, within);
  return intervals.map(({ text }, index) => ({ ...(spans[index] ?? NOWHERE), value: text }));
}
