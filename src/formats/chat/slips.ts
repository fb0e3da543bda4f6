import { isSlip } from '../lanes.ts';
import type { ChatUtterance } from './read-utterances.ts';

type TimedUtterance = ChatUtterance & { readonly times: NonNullable<ChatUtterance['times']> };

export interface Unslipped {
  readonly utterances: readonly ChatUtterance[];
  /** Lines of those that end earlier now. */
  readonly cutLines: readonly number[];
}

/**
 * Ends utterances where the next of their speaker begins, if they last a moment into it: CLAN does so in files that were
 * linked by hand.
 */
export function cutSlips(utterances: readonly ChatUtterance[]): Unslipped {
  const cut = new Map<ChatUtterance, ChatUtterance>();
  for (const own of Map.groupBy(utterances, ({ speaker }) => speaker).values()) {
    const timed = own.filter(isTimed).sort((one, other) => one.times.startSec - other.times.startSec);
    let last: TimedUtterance | undefined;
    for (const one of timed) {
      if (last !== undefined && isSlip(last.times, one.times))
        cut.set(last, { ...last, times: { startSec: last.times.startSec, endSec: one.times.startSec } });
      last = one;
    }
  }
  return {
    utterances: cut.size === 0 ? utterances : utterances.map((one) => cut.get(one) ?? one),
    cutLines: [...cut.keys()].map(({ line }) => line),
  };
}

function isTimed(utterance: ChatUtterance): utterance is TimedUtterance {
  return utterance.times !== null;
}
