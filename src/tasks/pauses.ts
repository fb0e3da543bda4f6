import { TaskError } from '../base/errors.ts';
import { nearest } from '../base/nearest.ts';
import { formatTime } from '../base/time.ts';
import { listEngines } from '../db/catalogue.ts';
import type { Db } from '../db/connect.ts';
import { listActiveInstances } from '../db/instances.ts';
import { addPauses, listPauses, type Pause, type PausedPart, removePause } from '../db/pauses.ts';
import { ENGINE_KINDS } from '../engines/registry.ts';

export interface PauseRequest extends PausedPart {
  readonly reason: string | null;
  /** Name of the operator. */
  readonly by: string;
}

export interface Resumed {
  /** Pauses that have ended. */
  readonly ended: readonly Pause[];
  /** What is still paused. */
  readonly left: readonly Pause[];
}

const ID_CHARS = 8;

/**
 * Stops workers from taking tasks of an engine, tasks on one worker, or any tasks. Running tasks go on.
 * @param request - its instance is an id or the beginning of one
 * @returns all that is paused now
 * @throws TaskError E_USAGE when there is no such engine or worker
 */
export async function pause(db: Db, request: PauseRequest): Promise<readonly Pause[]> {
  const part = await findPart(db, request);
  await addPauses(db, [{ ...request, ...part, isDrain: false }]);
  return listPauses(db);
}

/**
 * Lets workers end when the tasks that they run have ended.
 * @param instance - id of one of them, or the beginning of it; null: all that run now
 * @returns the pauses of those workers
 * @throws TaskError E_USAGE when there is no such worker
 */
export async function drain(
  db: Db,
  { instance, reason, by }: Omit<PauseRequest, 'engine'>,
): Promise<readonly Pause[]> {
  const ids = instance === null ? await listWorkers(db) : [await findInstance(db, instance)];
  // In one transaction: an idle worker ends as soon as it knows, and is then listed no more.
  const now = await db.transaction().execute(async (tx) => {
    await addPauses(
      tx,
      ids.map((id) => ({ engine: null, instance: id, isDrain: true, reason, by })),
    );
    return listPauses(tx);
  });
  return now.filter((one) => one.is_drain && ids.includes(one.instance ?? ''));
}

/**
 * Ends one pause. A worker that has begun to drain still ends.
 * @param part - as it was paused; null: all pauses
 * @throws TaskError E_USAGE when there is no such engine or worker; E_NOT_FOUND when this is not paused
 */
export async function resume(db: Db, part: PausedPart | null): Promise<Resumed> {
  const wanted = part === null ? null : await findPart(db, part);
  const before = await listPauses(db);
  const chosen = before.filter(
    (one) => wanted === null || (one.engine === wanted.engine && one.instance === wanted.instance),
  );
  const left = before.filter((one) => !chosen.includes(one));
  if (chosen.length === 0) {
    const others = left.map((one) => describePause(one)).join('; ');
    throw new TaskError(
      'E_NOT_FOUND',
      others === '' ? 'nothing is paused' : `this is not paused; what is paused: ${others}`,
    );
  }
  for (const { id } of chosen) await removePause(db, id);
  return { ended: chosen, left };
}

/** `all tasks`, `tasks of engine MFA1`, `worker 0f91b185 on lab`. */
export function pausedPart({ engine, instance, host }: Pick<Pause, 'engine' | 'instance' | 'host'>): string {
  const tasks = engine === null ? 'all tasks' : `tasks of engine ${engine}`;
  if (instance === null) return tasks;
  const worker = `worker ${instance.slice(0, ID_CHARS)} on ${host}`;
  return engine === null ? worker : `${tasks} on ${worker}`;
}

/** `paused by ann since 2026-03-01 15:54:03 +0100: the disk is exchanged` */
export function pausedBy({ is_drain, paused_by, paused_at, reason }: Pause): string {
  const what = is_drain ? 'ends when its tasks have ended: drained' : 'paused';
  return `${what} by ${paused_by} since ${formatTime(paused_at)}${reason === null ? '' : `: ${reason}`}`;
}

export function describePause(one: Pause): string {
  return `${pausedPart(one)}: ${pausedBy(one)}`;
}

async function findPart(db: Db, { engine, instance }: PausedPart): Promise<PausedPart> {
  return {
    engine: engine === null ? null : await findEngine(db, engine),
    instance: instance === null ? null : await findInstance(db, instance),
  };
}

/** Engines that this program, the site or a worker knows: the site has none before the first `migrate` or `doctor`. */
async function findEngine(db: Db, named: string): Promise<string> {
  const [listed, instances] = await Promise.all([listEngines(db), listActiveInstances(db)]);
  const known = new Set([
    ...ENGINE_KINDS.map(({ name }) => name),
    ...listed.map(({ name }) => name),
    ...instances.flatMap(({ engines }) => Object.keys(engines)),
  ]);
  const engine = named.toUpperCase();
  if (known.has(engine)) return engine;
  const meant = nearest(engine, known);
  throw new TaskError(
    'E_USAGE',
    `engine ${JSON.stringify(named)}: expected one of ${[...known].sort().join(', ')}` +
      (meant === null ? '' : `; did you mean ${meant}?`),
  );
}

async function listWorkers(db: Db): Promise<string[]> {
  return (await listActiveInstances(db)).filter(({ slots }) => slots > 0).map(({ id }) => id);
}

async function findInstance(db: Db, named: string): Promise<string> {
  const ids = await listWorkers(db);
  const found = named === '' ? [] : ids.filter((id) => id.startsWith(named));
  const [only] = found;
  if (only !== undefined && found.length === 1) return only;
  const short = (found.length === 0 ? ids : found).map((id) => id.slice(0, ID_CHARS)).join(', ');
  throw new TaskError(
    'E_USAGE',
    found.length === 0
      ? `no worker ${JSON.stringify(named)}: expected the id of one that runs, or the beginning of it (${short || 'none runs'})`
      : `several workers begin with ${JSON.stringify(named)}: ${short}; give more of the id`,
  );
}
