import { isSlip } from '../lanes.ts';
import type { ChatUtterance } from './read-utterances.ts';

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
    const timed = own.flatMap((one) => (one.times === null ? [] : [{ one, times: one.times }]));
    timed.sort((a, b) => a.times.startSec - b.times.startSec);
    for (const [at, { one, times }] of timed.entries()) {
      const next = timed[at + 1]?.times;
      if (next === undefined || !isSlip(times, next)) continue;
      cut.set(one, { ...one, times: { startSec: times.startSec, endSec: next.startSec } });
    }
  }
  return {
    utterances: utterances.map((one) => cut.get(one) ?? one),
    cutLines: [...cut.keys()].map(({ line }) => line),
  };
}
