import type { Db } from '../db/connect.ts';
import { listActiveInstances } from '../db/instances.ts';
import { listPauses, type Pause } from '../db/pauses.ts';
import { describePause, pausedBy } from './pauses.ts';

export type ActiveInstance = Awaited<ReturnType<typeof listActiveInstances>>[number];

/** What decides whether tasks are taken. */
export interface Workforce {
  /** Instances that are not silent. */
  readonly instances: readonly ActiveInstance[];
  readonly pauses: readonly Pause[];
}

/** The reason when no worker runs at all. */
export const NO_WORKER = 'no worker is running: start one with "make worker"';

export async function readWorkforce(db: Db): Promise<Workforce> {
  const [instances, pauses] = await Promise.all([listActiveInstances(db), listPauses(db)]);
  return { instances, pauses };
}

/**
 * Why no running worker takes the tasks of an engine; null: one does.
 * @param engine - of the tasks; null: their language names none, and any worker takes them and fails them
 */
export function findWaitReason(engine: string | null, { instances, pauses }: Workforce): string | null {
  const workers = instances.filter(({ slots }) => slots > 0);
  if (workers.length === 0) return NO_WORKER;
  const here = pauses.filter((one) => one.engine === null || one.engine === engine);
  const [everywhere] = here.filter(({ instance }) => instance === null);
  if (everywhere !== undefined) return `${describePause(everywhere)}; "autophon resume" ends it`;
  const ready = workers.filter(({ engines }) => engine === null || engines[engine]?.state === 'ready');
  const pauseOf = (id: string) => here.find(({ instance }) => instance === id);
  if (ready.some(({ id, paused }) => paused === null && pauseOf(id) === undefined)) return null;
  if (engine === null || ready.length > 0) {
    const isByOperator = ready.some(({ id }) => pauseOf(id) !== undefined);
    const reasons = ready.map(({ id, host, paused }) => {
      const its = pauseOf(id);
      return `${host}: ${its === undefined ? paused : pausedBy(its)}`;
    });
    const why = `(${[...new Set(reasons)].join('; ')})`;
    return isByOperator
      ? `the workers for it are paused ${why}`
      : `the workers for it have paused until disk and memory are above their limits ${why}`;
  }
  const reasons = workers.flatMap(({ host, engines }) => {
    const found = engines[engine];
    return found === undefined || found.state === 'off' ? [] : [`${host}: ${found.note}`];
  });
  const why = reasons.length === 0 ? 'it is set up for none of them' : [...new Set(reasons)].join('; ');
  return `no running worker has engine ${engine}; run "autophon doctor" where it should run (${why})`;
}
