import { pause } from '../waiting.ts';
import type { Choice, Target } from './fault.ts';

export async function stall(target: Target, { slot, strength }: Choice): Promise<number> {
  const sec = 1 + 2 * target.leaseSec * strength;
  target.say(`network of instance ${slot} stalled for ${sec.toFixed(1)} s`);
  target.disturbed(slot);
  const goOn = target.fleet.proxy(slot).stall();
  await pause(sec * 1000, target.signal);
  goOn();
  return 1;
}

/** No instance can reach the database for longer than the leases. */
export async function stallAll(target: Target, { strength }: Choice): Promise<number> {
  const sec = target.leaseSec * (1.5 + 1.5 * strength);
  target.say(`Postgres unreachable for all instances for ${sec.toFixed(1)} s`);
  target.disturbed(null);
  const ends = target.fleet.proxies.map((proxy) => proxy.stall());
  await pause(sec * 1000, target.signal);
  for (const goOn of ends) goOn();
  return 1;
}

/**
 * Connections are only reset, or they are cut until other instances have taken the tasks over. What the instance writes
 * after that comes too late.
 */
export async function reset(target: Target, { slot, coin }: Choice): Promise<number> {
  const { fleet, server, leaseSec, say, signal } = target;
  const proxy = fleet.proxy(slot);
  const instanceId = fleet.idOf(slot);
  target.disturbed(slot);
  const accept = proxy.refuse();
  const count = proxy.reset();
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

export async function slowDown(target: Target, { slot, strength }: Choice): Promise<number> {
  const delayMs = Math.round(20 + 300 * strength);
  target.say(`network of instance ${slot} slower by ${delayMs} ms for 6 s`);
  target.disturbed(slot);
  const end = target.fleet.proxy(slot).slowDown(delayMs);
  await pause(6_000, target.signal);
  end();
  return 1;
}

export async function silence(
  { fleet, say, disturbed, leaseSec, signal }: Target,
  { slot }: Choice,
): Promise<number> {
  const count = fleet.proxy(slot).silence(null);
  if (count === 0) return 0;
  say(`${count} connections of instance ${slot} silenced for good; new ones work`);
  disturbed(slot);
  await pause(leaseSec * 1000, signal);
  return 1;
}
