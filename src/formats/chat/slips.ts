import { isSlip } from '../lanes.ts';
import { sortBy } from '../tiers.ts';
import type { ChatUtterance } from './read-utterances.ts';

type TimedUtterance = ChatUtterance & { readonly times: NonNullable<ChatUtterance['times']> };

export interface CutUtterances {
  readonly utterances: readonly ChatUtterance[];
  /** Lines of the utterances that now end earlier. */
  readonly cutLines: readonly number[];
}

/**
 * Cuts the end of an utterance that lasts up to 0.1 s into the next one of its speaker. Files that were linked by hand
 * in CLAN have such overlaps.
 */
export function cutSlips(utterances: readonly ChatUtterance[]): CutUtterances {
  const cut = new Map<ChatUtterance, ChatUtterance>();
  const lastOf = new Map<string, TimedUtterance>();
  for (const one of sortBy(utterances.filter(isTimed), ({ times }) => times.startSec)) {
    const last = lastOf.get(one.speaker);
    if (last !== undefined && isSlip(last.times, one.times))
      cut.set(last, { ...last, times: { startSec: last.times.startSec, endSec: one.times.startSec } });
    lastOf.set(one.speaker, one);
  }
  return {
    utterances: cut.size === 0 ? utterances : utterances.map((one) => cut.get(one) ?? one),
    cutLines: [...cut.keys()].map(({ line }) => line),
  };
}

function isTimed(utterance: ChatUtterance): utterance is TimedUtterance {
  return utterance.times !== null;
}
