import type { Ended } from '../fleet.ts';
import type { EventRow, Finding, TaskRow } from './final-rows.ts';

/** Ways in which a worker can have died in a task. */
export interface Deaths {
  readonly ends: readonly Ended[];
  /** The task itself kills each process that runs it. */
  readonly isDeadly: boolean;
}

/**
 * A worker that was cut off or frozen may still run the attempt after others have taken the task over. If it is killed
 * then, it has died in that attempt. No freeze of the soak is longer than this.
 */
const STILL_AT_IT_MS = 30_000;

/**
 * A crash may be counted only for a worker that died while it had the task, and a task may fail only after enough of
 * them.
 */
export function checkCrashes(
  row: TaskRow,
  events: readonly EventRow[],
  deaths: Deaths,
  crashLimit: number,
): Finding[] {
  const rule = 'a crash is the death of a worker';
  const takeOvers = findTakeOvers(events);
  const died = takeOvers.filter(({ from, atMs }) => deaths.isDeadly || hasDied(from, atMs, deaths.ends));
  const list = takeOvers.map(({ from }) => from ?? 'no instance').join(', ') || 'none';
  const findings: Finding[] = [];
  if (row.crashes > died.length)
    findings.push({
      rule,
      message: `${row.crashes} crashes; ${died.length} of the instances it was taken from were dead (${list})`,
    });
  const failure = events.findLast(
    ({ to_status, note }) => to_status === 'failed' && note?.startsWith('E_CRASHED'),
  );
  if (failure !== undefined) {
    const before = findTakeOvers(events.slice(0, events.indexOf(failure) + 1)).filter(
      ({ from, atMs }) => deaths.isDeadly || hasDied(from, atMs, deaths.ends),
    );
    if (before.length < crashLimit)
      findings.push({
        rule,
        message: `failed with E_CRASHED after ${before.length} deaths of its workers; expected ${crashLimit}`,
      });
  }
  return findings;
}

interface TakeOver {
  readonly from: string | null;
  readonly atMs: number;
}

/** Since the last retry by its user, which sets the counts to 0. */
function findTakeOvers(events: readonly EventRow[]): TakeOver[] {
  let found: TakeOver[] = [];
  let holder: string | null = null;
  let fence = 0;
  for (const event of events) {
    const { from_status: from, to_status: to, instance, at } = event;
    if ((from === 'failed' || from === 'cancelled') && to === 'uploaded') found = [];
    if (from === 'processing' && to === 'processing' && event.fence > fence)
      found.push({ from: holder, atMs: at.getTime() });
    holder = instance;
    fence = event.fence;
  }
  return found;
}

function hasDied(instance: string | null, atMs: number, ends: readonly Ended[]): boolean {
  return ends.some(
    ({ instanceId, kind, atMs: diedAtMs }) =>
      instanceId !== null &&
      instanceId === instance &&
      kind.startsWith('killed') &&
      diedAtMs <= atMs + STILL_AT_IT_MS,
  );
}
