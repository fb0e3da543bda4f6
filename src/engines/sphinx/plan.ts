import { must } from '../../base/must.ts';
import type { AlignedTier, AlignedWord, AlignmentRequest, Doubt, Speech, Utterance } from '../engine.ts';
import { type JobWord, type SphinxItem, type SphinxOutcome, type SphinxWord, spanOf } from './job.ts';
import { findUnwritten } from './unwritten.ts';

/** An item of a job, with its place in the request. */
export interface WorkItem extends SphinxItem {
  /** Number of the utterance in the request, from 0. */
  readonly utterance: number;
  /** Place of the item's first word in the utterance, from 0. */
  readonly firstWord: number;
  /** Its part of the progress, in seconds of audio. */
  readonly shareSec: number;
  /** The part of the items that may follow from it. */
  readonly laterSec: number;
}

export interface FoundWords {
  readonly utterance: number;
  readonly firstWord: number;
  readonly words: readonly SphinxWord[];
  readonly doubt: Doubt | null;
}

/** Speech in an utterance that a search did not find in the text. */
export interface OtherSpeech extends Speech {
  readonly utterance: number;
}

export interface SortedOutcomes {
  readonly pending: readonly WorkItem[];
  readonly found: readonly FoundWords[];
  readonly others: readonly OtherSpeech[];
  /** Items that could not be aligned and the reasons, for the log. */
  readonly failures: readonly string[];
  readonly crashCount: number;
}

/** Longer utterances are divided: 33 s take 150 MB of memory, 122 s 800 MB, and 240 s end the process. */
const STRETCH_MAX_SEC = 30;
/** The share that dividing has in the work on a long utterance. */
const DIVIDE_SHARE = 0.5;
const MAX_MIN_PHONES = 8;
/** Seconds of audio that are worth the start of one more child process. */
const SEC_PER_CHILD = 20;

/** The items of a request, one for each utterance. Their ids are their places in the list. */
export function planItems(request: AlignmentRequest, numbers: ReadonlyMap<string, number>): WorkItem[] {
  return listUtterances(request).map(({ file, words, startSec, endSec }, utterance): WorkItem => {
    const isLong = endSec - startSec > STRETCH_MAX_SEC;
    const shareSec = (endSec - startSec) * (isLong ? DIVIDE_SHARE : 1);
    return {
      id: utterance,
      kind: isLong ? 'divide' : 'align',
      audioPath: file.audioPath,
      sampleRateHz: file.sampleRateHz,
      startSec,
      endSec,
      words: words.map((word) => must(numbers.get(word), 'the number of a word')),
      from: 'text',
      minScore: 0,
      isForeign: request.isForeign === true,
      utterance,
      firstWord: 0,
      shareSec,
      laterSec: endSec - startSec - shareSec,
    };
  });
}

/** A number for each word that occurs. */
export function numberWords(request: AlignmentRequest): Map<string, number> {
  const words = new Set(listUtterances(request).flatMap((utterance) => utterance.words));
  return new Map([...words].map((word, number) => [word, number]));
}

/** The words in the order of their numbers. A word whose only pronunciation is the unknown phone has no pronunciation. */
export function toJobWords(
  request: AlignmentRequest,
  numbers: ReadonlyMap<string, number>,
  unknownPhone: string,
): JobWord[] {
  const pronunciations = new Map<string, Set<string>>();
  for (const { word, phones } of request.pronunciations) {
    if (phones.length === 1 && phones[0] === unknownPhone) continue;
    const known = pronunciations.get(word) ?? new Set();
    pronunciations.set(word, known.add(phones.join(' ')));
  }
  return [...numbers.keys()].map((word) => ({
    pronunciations: [...(pronunciations.get(word) ?? [])],
    // In most languages, a phone has one or two letters.
    minPhoneCount: Math.min(MAX_MIN_PHONES, Math.max(1, Math.floor([...word].length / 2))),
  }));
}

/** Divides items between child processes, with about the same amount of audio for each. The items of a child keep their order. */
export function shareOut(items: readonly WorkItem[], maxChildCount: number): WorkItem[][] {
  const totalSec = items.reduce((sum, item) => sum + item.endSec - item.startSec, 0);
  const count = Math.max(1, Math.min(maxChildCount, items.length, Math.ceil(totalSec / SEC_PER_CHILD)));
  const shares = Array.from({ length: count }, () => ({ items: [] as WorkItem[], sec: 0 }));
  const secOf = ({ startSec, endSec }: WorkItem): number => endSec - startSec;
  for (const item of items.toSorted((a, b) => secOf(b) - secOf(a))) {
    const share = shares.reduce((least, one) => (one.sec < least.sec ? one : least));
    share.items.push(item);
    share.sec += secOf(item);
  }
  return shares.map((share) => share.items.sort((a, b) => a.id - b.id));
}

/**
 * Sorts the outcomes of child processes into what was found and what must still be done: stretches of long utterances, and items that
 * a child did not begin before it died. The item at which it died is not tried again.
 */
export function sortOutcomes(items: readonly WorkItem[], outcomes: readonly SphinxOutcome[]): SortedOutcomes {
  // The last outcome of an item counts.
  const byId = new Map(outcomes.map((outcome) => [outcome.id, outcome]));
  const pending: WorkItem[] = [];
  const found: FoundWords[] = [];
  const others: OtherSpeech[] = [];
  const failures: string[] = [];
  let crashCount = 0;
  for (const item of items) {
    const outcome = byId.get(item.id);
    const place = `${item.audioPath} ${item.startSec.toFixed(2)}-${item.endSec.toFixed(2)} s`;
    if (outcome === undefined) {
      pending.push(item);
    } else if (outcome.state === 'begun') {
      crashCount += 1;
      failures.push(`${place}: the decoder crashed`);
    } else if (outcome.state === 'failed') {
      failures.push(`${place}: ${outcome.reason}`);
    } else if (outcome.state === 'aligned') {
      const { utterance, firstWord, startSec, endSec } = item;
      const doubt = outcome.doubt === null ? null : { startSec, endSec, reason: outcome.doubt };
      found.push({ utterance, firstWord, words: outcome.words, doubt });
      others.push(...(outcome.others ?? []).map((other) => ({ ...other, utterance })));
    } else {
      const stretches = toItems(item, outcome);
      const count = stretches.reduce((sum, { words }) => sum + words.length, 0);
      if (count < item.words.length) failures.push(`${place}: ${item.words.length - count} words not found`);
      others.push(...outcome.others.map((other) => ({ ...other, utterance: item.utterance })));
      pending.push(...stretches);
    }
  }
  return { pending: pending.map((item, id) => ({ ...item, id })), found, others, failures, crashCount };
}

function toItems(item: WorkItem, outcome: SphinxOutcome & { readonly state: 'divided' }): WorkItem[] {
  const totalSec = outcome.stretches.reduce((sum, { startSec, endSec }) => sum + endSec - startSec, 0);
  return outcome.stretches.map(({ startSec, endSec, firstWord, wordCount, from }) => ({
    ...item,
    kind: 'align',
    startSec,
    endSec,
    words: item.words.slice(firstWord, firstWord + wordCount),
    from,
    minScore: outcome.minScore,
    firstWord: item.firstWord + firstWord,
    shareSec: (item.laterSec * (endSec - startSec)) / totalSec,
    laterSec: 0,
  }));
}

/** The tiers of the request with the words that were found, in time order. A tier may be empty. */
export function collectTiers(
  request: AlignmentRequest,
  found: readonly FoundWords[],
  others: readonly OtherSpeech[],
): AlignedTier[] {
  const foundOf = Map.groupBy(found, ({ utterance }) => utterance);
  const othersOf = Map.groupBy(others, ({ utterance }) => utterance);
  const tiers = new Map<string, CollectedTier>();
  for (const [number, { file, tierId, words }] of listUtterances(request).entries()) {
    const tier = tiers.get(tierId) ?? { fileId: file.id, tierId, words: [], doubts: [], unwritten: [] };
    tiers.set(tierId, tier);
    const parts = (foundOf.get(number) ?? []).toSorted((a, b) => a.firstWord - b.firstWord);
    const own = parts.flatMap((part) =>
      part.words.map((phones, index) => toWord(words, part.firstWord + index, phones)),
    );
    tier.words.push(...own);
    tier.doubts.push(...parts.flatMap(({ doubt }) => (doubt === null ? [] : [doubt])));
    tier.unwritten.push(...findUnwritten(othersOf.get(number) ?? [], own));
  }
  return [...tiers.values()];
}

interface CollectedTier extends AlignedTier {
  readonly words: AlignedWord[];
  readonly doubts: Doubt[];
  readonly unwritten: Speech[];
}

function toWord(words: readonly string[], at: number, phones: SphinxWord): AlignedWord {
  return {
    label: must(words[at], `word ${at} of an utterance that has ${words.length}`),
    ...spanOf(phones),
    phones,
    at,
  };
}

interface ListedUtterance extends Utterance {
  readonly file: AlignmentRequest['files'][number];
  readonly tierId: string;
}

function listUtterances({ files }: AlignmentRequest): ListedUtterance[] {
  return files.flatMap((file) =>
    file.tiers.flatMap(({ id, utterances }) =>
      utterances.map((utterance) => ({ ...utterance, file, tierId: id })),
    ),
  );
}
