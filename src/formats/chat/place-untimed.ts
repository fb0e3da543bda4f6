import type { TimeSpan } from '../result.ts';
import type { Interval } from '../tiers.ts';
import type { ChatUtterance } from './read-utterances.ts';

/** Words may have been spoken in a gap between utterances that is at least this long. */
const MIN_GAP_SEC = 0.1;

export interface PlacedUtterances {
  /** The utterances of each speaker, by code, in the order of the file. */
  readonly bySpeaker: ReadonlyMap<string, Interval[]>;
  /** The end of the last utterance. */
  readonly endSec: number;
  /** Of all utterances, in the order of the file. Null: it is left out. */
  readonly spans: readonly (TimeSpan | null)[];
  /** Lines of the utterances that got the time between their neighbours. */
  readonly placedLines: readonly number[];
  /** Lines of the utterances that are left out, since there is no free time for them. */
  readonly leftLines: readonly number[];
}

/**
 * Places utterances without times between the utterances before and after them: all that a speaker says there is one
 * interval, which fills the gap. If the gap is too short, they are left out.
 * @param audioSec - duration of the recording; null: unknown
 */
export function placeUntimed(
  utterances: readonly ChatUtterance[],
  audioSec: number | null,
): PlacedUtterances {
  const bySpeaker = new Map<string, Interval[]>();
  const spans: (TimeSpan | null)[] = [];
  const placedLines: number[] = [];
  const leftLines: number[] = [];
  let waiting: ChatUtterance[] = [];
  let reachedSec = 0;
  let endSec = 0;
  const say = (speaker: string, interval: Interval) => {
    const intervals = bySpeaker.get(speaker);
    if (intervals === undefined) bySpeaker.set(speaker, [interval]);
    else intervals.push(interval);
  };
  const place = (nextSec: number) => {
    if (waiting.length === 0) return;
    const speakers = Map.groupBy(waiting, ({ speaker }) => speaker);
    // If nothing has times, the words of two speakers would share the whole recording.
    const isFree =
      nextSec - reachedSec >= MIN_GAP_SEC &&
      (bySpeaker.size > 0 || nextSec < (audioSec ?? 0) || speakers.size === 1);
    const gap = isFree ? { startSec: reachedSec, endSec: nextSec } : null;
    for (const { line } of waiting) {
      (isFree ? placedLines : leftLines).push(line);
      spans.push(gap);
    }
    for (const [speaker, said] of isFree ? speakers : []) {
      const text = said.map((one) => one.text).join('\n');
      say(speaker, { startSec: reachedSec, endSec: nextSec, text, line: said[0]?.line ?? 1 });
      endSec = Math.max(endSec, nextSec);
    }
    waiting = [];
  };
  for (const utterance of utterances) {
    const { times, speaker, text, line } = utterance;
    if (times === null) {
      waiting.push(utterance);
      continue;
    }
    place(times.startSec);
    say(speaker, { startSec: times.startSec, endSec: times.endSec, text, line });
    spans.push(times);
    reachedSec = Math.max(reachedSec, times.endSec);
  }
  place(audioSec ?? 0);
  return { bySpeaker, endSec: Math.max(endSec, reachedSec), spans, placedLines, leftLines };
}
