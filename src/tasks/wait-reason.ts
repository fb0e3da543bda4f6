import type { listActiveInstances } from '../db/instances.ts';

export type Instance = Awaited<ReturnType<typeof listActiveInstances>>[number];

/** The reason when no worker runs at all. */
export const NO_WORKER = 'no worker is running: start one with "make worker"';

/**
 * Why no running worker will take the tasks of an engine; null: one will.
 * @param engine - of the tasks; null: their language names none, and any worker takes them and fails them
 * @param instances - those that show a sign of life
 */
export function findWaitReason(engine: string | null, instances: readonly Instance[]): string | null {
  const workers = instances.filter(({ slots }) => slots > 0);
  if (workers.length === 0) return NO_WORKER;
  const ready = workers.filter(({ engines }) => engine === null || engines[engine]?.state === 'ready');
  if (ready.some(({ paused }) => paused === null)) return null;
  if (engine === null || ready.length > 0) {
    const pauses = ready.map(({ host, paused }) => `${host}: ${paused}`);
    return `the workers for it have paused until disk and memory are above their limits (${[...new Set(pauses)].join('; ')})`;
  }
  const reasons = workers.flatMap(({ host, engines }) => {
    const found = engines[engine];
    return found === undefined || found.state === 'off' ? [] : [`${host}: ${found.note}`];
  });
  const why = reasons.length === 0 ? 'it is set up for none of them' : [...new Set(reasons)].join('; ');
  return `no running worker has engine ${engine}; run "autophon doctor" where it should run (${why})`;
}
