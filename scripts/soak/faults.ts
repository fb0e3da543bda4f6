import type { Fleet } from './fleet.ts';
import type { Disk, Place } from './place.ts';
import type { Server } from './server.ts';
import { pause } from './waiting.ts';

export type FaultName =
  | 'kill -9'
  | 'freeze'
  | 'SIGTERM'
  | 'database stop (fast)'
  | 'database stop (immediate)'
  | 'backends terminated'
  | 'listener cut'
  | 'network stalled'
  | 'network reset'
  | 'network slow'
  | 'connections silenced'
  | 'uploads disk full'
  | 'temp disk full';

/** What chance has decided about one deed. */
export interface Strike {
  readonly slot: number;
  /** An instance that may be ended. */
  readonly mortalSlot: number;
  /** How long or how hard, from 0 to 1. */
  readonly strength: number;
  readonly coin: boolean;
}

export interface Target {
  readonly fleet: Fleet;
  readonly server: Server;
  readonly place: Place;
  readonly leaseSec: number;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
  /** Tells who is not himself until the deed is over. Null: all. */
  readonly disturbed: (slot: number | null) => void;
}

export interface Fault {
  readonly name: FaultName;
  /** On average. */
  readonly everySec: number;
  /** Returns when it is over and mended, early when the signal says so. @returns how many times it was done */
  readonly strike: (target: Target, strike: Strike) => Promise<number>;
}

/** Only one may have its hands on the server at a time. */
let serverTurn: Promise<unknown> = Promise.resolve();

export const FAULTS: readonly Fault[] = [
  { name: 'kill -9', everySec: 8, strike: kill },
  { name: 'freeze', everySec: 20, strike: freeze },
  { name: 'SIGTERM', everySec: 20, strike: restart },
  { name: 'database stop (fast)', everySec: 75, strike: (t, s) => stopDatabase('fast', t, s) },
  { name: 'database stop (immediate)', everySec: 75, strike: (t, s) => stopDatabase('immediate', t, s) },
  { name: 'backends terminated', everySec: 12, strike: terminateBackends },
  { name: 'listener cut', everySec: 15, strike: cutListener },
  { name: 'network stalled', everySec: 20, strike: stall },
  { name: 'network reset', everySec: 20, strike: reset },
  { name: 'network slow', everySec: 25, strike: slowDown },
  { name: 'connections silenced', everySec: 40, strike: silence },
  {
    name: 'uploads disk full',
    everySec: 60,
    strike: (t, s) => fill('uploads', t.place.disks?.uploads, t, s),
  },
  { name: 'temp disk full', everySec: 60, strike: (t, s) => fill('temp', t.place.disks?.temp, t, s) },
];

export const FAULT_NAMES = FAULTS.map(({ name }) => name);

async function kill({ fleet, say }: Target, { mortalSlot }: Strike): Promise<number> {
  const slot = fleet.living(mortalSlot, mortalSlot === 0 ? 0 : 1);
  const pid = fleet.pidOf(slot);
  if (!fleet.kill(slot)) return 0;
  say(`kill -9 of instance ${slot} (pid ${pid})`);
  return 1;
}

/** Mostly past the lease, so that the frozen one wakes up without its tasks. */
async function freeze(target: Target, strike: Strike): Promise<number> {
  const { fleet, leaseSec, say } = target;
  const { strength } = strike;
  const slot = fleet.living(strike.slot, 0);
  const thaw = fleet.freeze(slot);
  if (thaw === null) return 0;
  const sec = leaseSec * (0.4 + 2 * strength);
  say(`SIGSTOP of instance ${slot} for ${sec.toFixed(1)} s${sec > leaseSec ? ', past its leases' : ''}`);
  target.disturbed(slot);
  await pause(sec * 1000, target.signal);
  thaw();
  say(`SIGCONT of instance ${slot}`);
  return 1;
}

/** One, or all of those that may be ended in turn, as at a deploy. */
async function restart(
  { fleet, say, disturbed, signal }: Target,
  { mortalSlot, strength }: Strike,
): Promise<number> {
  const isDeploy = strength > 0.75;
  const slots = isDeploy ? Array.from({ length: fleet.size - 1 }, (_, index) => index + 1) : [mortalSlot];
  let count = 0;
  for (const slot of slots) {
    if (signal.aborted) break;
    disturbed(slot);
    say(`SIGTERM to instance ${slot}${isDeploy ? ' (deploy, one after the other)' : ''}`);
    if (await fleet.restart(slot)) count += 1;
  }
  return count;
}

function stopDatabase(how: 'fast' | 'immediate', target: Target, { strength }: Strike): Promise<number> {
  const { server, say } = target;
  const turn = serverTurn.then(async () => {
    if (target.signal.aborted) return 0;
    const sec = 2.5 * strength;
    target.disturbed(null);
    say(`Postgres stopped (${how}) for ${sec.toFixed(1)} s`);
    await server.stop(how);
    await pause(sec * 1000, target.signal);
    await server.start();
    say('Postgres started');
    return 1;
  });
  serverTurn = turn.catch(() => undefined);
  return turn;
}

async function terminateBackends({ server, say, disturbed }: Target, { strength }: Strike): Promise<number> {
  disturbed(null);
  const rows = await server.ask<{ pid: number }>(
    `SELECT pid, pg_terminate_backend(pid) FROM (
       SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'autophon%' ORDER BY random() LIMIT $1) AS chosen`,
    [1 + Math.floor(strength * 6)],
  );
  say(`${rows.length} backends terminated`);
  return rows.length > 0 ? 1 : 0;
}

/** By the server, or by a network that tells neither side. */
async function cutListener({ server, fleet, say }: Target, { slot, coin }: Strike): Promise<number> {
  if (coin) {
    const count = fleet.wire(slot).silence('autophon listen');
    if (count > 0) say(`the listening connection of instance ${slot} silenced`);
    return count;
  }
  const rows = await server.ask(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'autophon listen'",
  );
  say(`${rows.length} listening connections terminated`);
  return rows.length > 0 ? 1 : 0;
}

async function stall(target: Target, { slot, strength }: Strike): Promise<number> {
  const sec = 1 + 2 * target.leaseSec * strength;
  target.say(`network of instance ${slot} stalled for ${sec.toFixed(1)} s`);
  target.disturbed(slot);
  const goOn = target.fleet.wire(slot).stall();
  await pause(sec * 1000, target.signal);
  goOn();
  return 1;
}

/** A reset alone, or a cut that lasts until others have the instance's tasks: what it then still writes comes too late. */
async function reset(target: Target, { slot, coin }: Strike): Promise<number> {
  const { fleet, server, leaseSec, say, signal } = target;
  const wire = fleet.wire(slot);
  const instanceId = fleet.idOf(slot);
  target.disturbed(slot);
  const accept = wire.refuse();
  const count = wire.reset();
  if (!coin || instanceId === null) {
    accept();
    say(`${count} connections of instance ${slot} reset`);
    return 1;
  }
  say(`instance ${slot} cut off until others have its tasks`);
  const over = new AbortController();
  const until = AbortSignal.any([over.signal, signal]);
  const holdsNothing = async () => {
    const statement = "SELECT FROM tasks WHERE task_status = 'processing' AND instance = $1";
    for (; !until.aborted; await pause(100, until))
      if ((await server.ask(statement, [instanceId])).length === 0) return;
  };
  await Promise.race([holdsNothing(), pause(4 * leaseSec * 1000, until)]);
  over.abort();
  accept();
  say(`instance ${slot} has its network again`);
  return 1;
}

async function slowDown(target: Target, { slot, strength }: Strike): Promise<number> {
  const delayMs = Math.round(20 + 300 * strength);
  target.say(`network of instance ${slot} slower by ${delayMs} ms for 6 s`);
  target.disturbed(slot);
  const end = target.fleet.wire(slot).slowDown(delayMs);
  await pause(6_000, target.signal);
  end();
  return 1;
}

async function silence(
  { fleet, say, disturbed, leaseSec, signal }: Target,
  { slot }: Strike,
): Promise<number> {
  const count = fleet.wire(slot).silence(null);
  if (count === 0) return 0;
  say(`${count} connections of instance ${slot} silenced for good; new ones work`);
  disturbed(slot);
  await pause(leaseSec * 1000, signal);
  return 1;
}

async function fill(
  name: string,
  disk: Disk | undefined,
  target: Target,
  { strength }: Strike,
): Promise<number> {
  if (disk === undefined) return 0;
  const sec = 1 + 4 * strength;
  target.say(`disk of ${name} full for ${sec.toFixed(1)} s`);
  await disk.fill();
  await pause(sec * 1000, target.signal);
  await disk.empty();
  return 1;
}
