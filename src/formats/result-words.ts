import type { ResultDocument, TimeSpan } from './result.ts';
import type { IntervalTier } from './tiers.ts';

/** The tiers of one speaker of a document; null: the speaker has no such tier. */
export interface Speaker {
  readonly name: string;
  readonly phone: IntervalTier | null;
  /** The intervals of `phone`, in IPA. */
  readonly ipa: IntervalTier | null;
  readonly word: IntervalTier | null;
  readonly trans: IntervalTier | null;
  /** Where words and phones may be wrong, in time order. */
  readonly doubtful: readonly TimeSpan[];
}

/** `doubtful`: the result has a warning about the place (W_DOUBTFUL). */
export type Quality = 'ok' | 'doubtful';

/** A word in the result, with its phones. */
export interface SpokenWord extends TimeSpan {
  /** The word as the user wrote it; empty for phones that are in no word. */
  readonly text: string;
  /** Its place among the words of the speaker in the recording, from 1; null: these are phones that are in no word. */
  readonly number: number | null;
  readonly quality: Quality;
  /** In time order; empty: the document has none for it. */
  readonly phones: readonly SpokenPhone[];
}

/** A phone in the result. */
export interface SpokenPhone extends TimeSpan {
  readonly label: string;
  /** Null: the document has no IPA. */
  readonly ipa: string | null;
}

/** The speakers of a document, in the order of its tiers. */
export function speakersOf({ phones, ipa, doubtful }: ResultDocument): Speaker[] {
  const speakers = new Map<string, Speaker>();
  for (const [index, tier] of phones.entries()) {
    if (tier.role === 'other' || tier.kind !== 'interval') continue;
    const none = { phone: null, ipa: null, word: null, trans: null };
    const own = speakers.get(tier.speaker) ?? {
      name: tier.speaker,
      ...none,
      doubtful: doubtful.get(tier.speaker) ?? [],
    };
    const inIpa = ipa?.[index];
    const also = tier.role === 'phone' && inIpa?.kind === 'interval' ? { ipa: inIpa } : {};
    speakers.set(tier.speaker, { ...own, [tier.role]: tier, ...also });
  }
  return [...speakers.values()];
}

/**
 * The words of a speaker with their phones, in time order. Intervals without a label are pauses, and left out. A phone
 * belongs to the word that its middle lies in.
 */
export function* spokenWords({ word, phone, ipa, doubtful }: Speaker): Generator<SpokenWord, void> {
  const phonesUntil = phonesInTurn(phone, ipa);
  const qualityOf = doubtsInTurn(doubtful);
  const stray = (one: SpokenPhone): SpokenWord => {
    const { startSec, endSec } = one;
    return { startSec, endSec, text: '', number: null, quality: qualityOf(one), phones: [one] };
  };
  let number = 0;
  for (const interval of word?.intervals ?? []) {
    const { startSec, endSec, text } = interval;
    if (text.trim() === '') continue;
    for (const one of phonesUntil(startSec)) yield stray(one);
    number += 1;
    yield { startSec, endSec, text, number, quality: qualityOf(interval), phones: phonesUntil(endSec) };
  }
  for (const one of phonesUntil(Number.POSITIVE_INFINITY)) yield stray(one);
}

/**
 * Makes a function that gives the next phones, without pauses, whose middle lies before a time. Its calls must have
 * rising times.
 */
function phonesInTurn(
  phone: IntervalTier | null,
  ipa: IntervalTier | null,
): (endSec: number) => SpokenPhone[] {
  const intervals = phone?.intervals ?? [];
  let next = 0;
  return (endSec) => {
    const phones: SpokenPhone[] = [];
    for (let one = intervals[next]; one !== undefined && middle(one) < endSec; one = intervals[++next]) {
      const label = one.text;
      if (label.trim() === '') continue;
      phones.push({
        startSec: one.startSec,
        endSec: one.endSec,
        label,
        ipa: ipa?.intervals[next]?.text ?? null,
      });
    }
    return phones;
  };
}

/**
 * Makes a function that tells whether the middle of a span lies in a doubtful place. It must get spans in time order,
 * since it goes through the list once.
 * @param doubtful - in time order, without overlap
 */
export function doubtsInTurn(doubtful: readonly TimeSpan[]): (span: TimeSpan) => Quality {
  const parentOf = parentsInTurn(doubtful);
  return (span) => (parentOf(span) === null ? 'ok' : 'doubtful');
}

/**
 * Makes a function that gives the index of the one of `spans` in which the middle of a span lies; null: in none. It
 * must get spans in time order, since it goes through the list once.
 * @param spans - in time order, without overlap
 */
export function parentsInTurn(spans: readonly TimeSpan[]): (span: TimeSpan) => number | null {
  let next = 0;
  return (span) => {
    const at = middle(span);
    while ((spans[next]?.endSec ?? Number.POSITIVE_INFINITY) <= at) next++;
    return (spans[next]?.startSec ?? Number.POSITIVE_INFINITY) <= at ? next : null;
  };
}

function middle({ startSec, endSec }: TimeSpan): number {
  return (startSec + endSec) / 2;
}
