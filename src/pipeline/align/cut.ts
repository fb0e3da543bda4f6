import { must } from '../../base/must.ts';
import type { Speech } from '../../engines/engine.ts';
import type { Span } from '../../engines/stretches.ts';
import { type PreparedUtterance, type Recording, selectUtterances } from '../prepared.ts';
import { type Doubtful, touched } from './engine-run.ts';
import type { WordInPlace } from './match.ts';
import type { Part } from './parts.ts';
import { cutSaid, type Heard, placesOf } from './said-parts.ts';
import type { SpokenGap } from './spoken-gaps.ts';
import { cutWhole, type SeamRule } from './whole-parts.ts';

/** The parts that an engine gets in place of an utterance, or of a lost part. */
interface Said {
  /** In time order. */
  readonly parts: readonly Part[];
  /** Speech between them that is not in the text, in time order. */
  readonly unwritten: readonly Speech[];
  /** Places of words in the parts that the cutter did not find. */
  readonly unheard: ReadonlySet<number>;
}

/** How an utterance can be cut. */
export interface Cut extends Said {
  /** Share of its words that were found, 0 to 1. */
  readonly share: number;
  /** Parts whose boundaries are doubtful. */
  readonly doubtful: ReadonlyMap<PreparedUtterance, Doubtful>;
  /** What the engine gets in place of parts that it loses. */
  readonly spares: ReadonlyMap<PreparedUtterance, Said>;
}

/** Longer utterances are always cut: the time of a search and the cost of one mistake grow with the length. */
const LONG_SEC = 30;
/** If the cutter has found a smaller share of the words, it may itself be wrong. */
const SURE_SHARE = 0.5;
const OWN_SEAM: SeamRule = { pauseSec: 0, rowLength: 2 };
/** For a cut whose parts have all words. */
export const NOTHING_SAID = { doubtful: new Map(), unwritten: [], unheard: new Set<number>() };

export function isLong({ startSec, endSec }: Span): boolean {
  return endSec - startSec > LONG_SEC;
}

/** Whether the cutter decides which words are not said. */
export function isSure({ share }: Pick<Cut, 'share'>): boolean {
  return share >= SURE_SHARE;
}

/**
 * If the cutter is sure: parts with the words that are said. Otherwise parts with all words, because the engine may find
 * more; their spares, for parts that the engine loses, have the words that are said.
 * @param doubts - about what was heard, in time order
 */
export function planCut(utterance: PreparedUtterance, heard: Heard, doubts: readonly Span[]): Cut {
  const share = heard.words.length / utterance.words.length;
  if (!isSure({ share })) {
    const parts = cutWhole(utterance, heard.words, OWN_SEAM);
    const spares = splitHeard(heard, parts).map((own, index) => {
      const part = must(parts[index], 'the part of what was heard');
      return [part, say(utterance, part, own)] as const;
    });
    return { ...NOTHING_SAID, share, parts, spares: new Map(spares) };
  }
  const said = say(utterance, utterance, heard);
  const beside = new Set(heard.gaps.filter(({ kind }) => kind === 'beside').flatMap(placesOf));
  const withGap = said.parts.filter(({ places }) => places.some((place) => beside.has(place)));
  const spares = splitHeard({ ...heard, gaps: [] }, withGap).map((own, index) => {
    const part = must(withGap[index], 'the part of what was heard');
    return [part, say(utterance, part, own)] as const;
  });
  // If text and audio agree, a bad fit is due to the voice, and the engine has another model.
  const isMismatch = share < 1 || heard.unwritten.length > 0;
  const doubtful = (isMismatch ? touched(said.parts, doubts) : []).map((one) => [one, 'fit'] as const);
  return { ...said, share, doubtful: new Map(doubtful), spares: new Map(spares) };
}

/** The cut with spares in place of lost parts. */
export function replaceLost(cut: Cut, isLost: (part: Part) => boolean): Cut {
  const spares = cut.parts.flatMap((part) => (isLost(part) ? (cut.spares.get(part) ?? []) : []));
  const byStart = (a: Span, b: Span) => a.startSec - b.startSec;
  return {
    ...cut,
    parts: cut.parts.flatMap((part) => (isLost(part) ? (cut.spares.get(part)?.parts ?? part) : part)),
    unwritten: [cut, ...spares].flatMap(({ unwritten }) => unwritten).sort(byStart),
    unheard: new Set([cut, ...spares].flatMap(({ unheard }) => [...unheard])),
  };
}

/** The recordings, with each cut utterance, or lost part, replaced by its parts. */
export function applyCuts(
  recordings: readonly Recording[],
  parts: ReadonlyMap<PreparedUtterance, readonly Part[]>,
): Recording[] {
  const cut = recordings.map((recording) => ({
    ...recording,
    tiers: recording.tiers.map((tier) => ({
      ...tier,
      utterances: tier.utterances.flatMap((one): readonly PreparedUtterance[] => parts.get(one) ?? [one]),
    })),
  }));
  // A tier may have no utterance left.
  return selectUtterances(cut, () => true);
}

function say(utterance: PreparedUtterance, span: Span, heard: Heard): Said {
  return {
    parts: cutSaid(utterance, span, heard),
    unwritten: heard.unwritten,
    unheard: new Set(heard.gaps.flatMap(placesOf)),
  };
}

/** What was heard in each of some parts, which are in time order; one pass over all. */
function splitHeard({ words, unwritten, gaps }: Heard, parts: readonly Part[]): Heard[] {
  let word = 0;
  let speech = 0;
  let gap = 0;
  return parts.map(({ places, startSec, endSec }) => {
    const first = must(places[0], 'the words of a part');
    const last = must(places.at(-1), 'the words of a part');
    const own = { words: [] as WordInPlace[], unwritten: [] as Speech[], gaps: [] as SpokenGap[] };
    for (let one = words[word]; one !== undefined && one.at <= last; one = words[++word])
      if (one.at >= first) own.words.push(one);
    for (let one = gaps[gap]; one !== undefined && one.firstWord <= last; one = gaps[++gap])
      if (one.firstWord >= first) own.gaps.push(one);
    for (let one = unwritten[speech]; one !== undefined && one.startSec < endSec; one = unwritten[++speech]) {
      if (one.endSec > startSec) own.unwritten.push(one);
      // The next part has it, too.
      if (one.endSec > endSec) break;
    }
    return own;
  });
}
