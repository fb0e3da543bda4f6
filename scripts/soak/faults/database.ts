import type pg from 'pg';
import { tryToLogIn } from '../log-in.ts';
import { pause } from '../waiting.ts';
import type { Choice, Target } from './fault.ts';

const LOGIN_PAUSE_MS = 50;

type StopKind = 'fast' | 'immediate';

/** A restart that takes a moment. */
export function stopShortly(how: StopKind): (target: Target, choice: Choice) => Promise<number> {
  return (target, { strength }) => stopFor(2.5 * strength, how, target);
}

/** A standby may not have received the last commits when its connection is cut. */
const UNHEARD_MS = 2_000;

/** Longer than the leases, so that all have expired when the server comes back. */
export function stopLong(target: Target, { strength, coin }: Choice): Promise<number> {
  return stopFor(target.leaseSec * (1.5 + 1.5 * strength), coin ? 'fast' : 'immediate', target);
}

function stopFor(sec: number, how: StopKind, target: Target): Promise<number> {
  const { server, submissions, say, signal } = target;
  return server.turn.run(async () => {
    if (signal.aborted) return 0;
    const sinceMs = Date.now() - UNHEARD_MS;
    target.disturbed(null);
    say(`Postgres stopped (${how}) for ${sec.toFixed(1)} s`);
    await server.stop(how);
    await pause(sec * 1000, signal);
    await server.start();
    // Sessions may not know yet that commits wait for the disk again.
    const { lost, back } =
      how === 'immediate' ? await submissions.reconcile(server, sinceMs) : { lost: 0, back: 0 };
    say(`Postgres started${lost + back > 0 ? `: ${lost} tasks forgotten, ${back} are back` : ''}`);
    return 1;
  });
}

export async function terminateBackends(
  { server, say, disturbed }: Target,
  { strength }: Choice,
): Promise<number> {
  disturbed(null);
  const rows = await server.ask<{ pid: number }>(
    `SELECT pid, pg_terminate_backend(pid) FROM (
       SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'autophon%' ORDER BY random() LIMIT $1) AS chosen`,
    [1 + Math.floor(strength * 6)],
  );
  say(`${rows.length} backends terminated`);
  return rows.length > 0 ? 1 : 0;
}

/** Connections are closed by the server, or by a network that informs neither side. */
export async function cutListener({ server, fleet, say }: Target, { slot, coin }: Choice): Promise<number> {
  if (coin) {
    const count = fleet.proxy(slot).silence('autophon listen');
    if (count > 0) say(`the listening connection of instance ${slot} silenced`);
    return count;
  }
  const rows = await server.ask(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'autophon listen'",
  );
  say(`${rows.length} listening connections terminated`);
  return rows.length > 0 ? 1 : 0;
}

/** Commits are acknowledged before they are on the disk, as long as Postgres allows it, and then Postgres crashes. */
export function loseCommits(target: Target, { strength }: Choice): Promise<number> {
  const { server, submissions, say, signal } = target;
  return server.turn.run(async () => {
    if (signal.aborted) return 0;
    const sinceMs = Date.now() - UNHEARD_MS;
    target.disturbed(null);
    const sec = 0.5 + 4 * strength;
    const settings = { synchronous_commit: 'off', wal_writer_delay: '10s' };
    for (const [name, value] of Object.entries(settings))
      await server.ask(`ALTER SYSTEM SET ${name} = '${value}'`);
    await server.ask('SELECT pg_reload_conf()');
    await pause(sec * 1000, signal);
    await server.stop('immediate');
    await server.start();
    for (const name of Object.keys(settings)) await server.ask(`ALTER SYSTEM RESET ${name}`);
    await server.ask('SELECT pg_reload_conf()');
    const { lost, back } = await submissions.reconcile(server, sinceMs);
    say(
      `Postgres crashed after ${sec.toFixed(1)} s of commits without waiting: ${lost} tasks forgotten, ${back} are back`,
    );
    return 1;
  });
}

/** A standby takes over. It does not have the commits since it last heard from the primary. */
export function promoteStandby(target: Target, { strength, coin }: Choice): Promise<number> {
  const { server, submissions, say, signal } = target;
  return server.turn.run(async () => {
    if (signal.aborted) return 0;
    const sinceMs = Date.now() - UNHEARD_MS;
    target.disturbed(null);
    const lagSec = coin ? 4 * strength : 0;
    await server.failOver(() => pause(lagSec * 1000, signal));
    const { lost, back } = await submissions.reconcile(server, sinceMs);
    say(`standby promoted, ${lagSec.toFixed(1)} s behind: ${lost} tasks forgotten, ${back} are back`);
    return 1;
  });
}

/**
 * Other programs use up max_connections. They also take the places of an instance whose connections break meanwhile.
 */
export function useUpConnections(target: Target, choice: Choice): Promise<number> {
  return target.server.turn.run(() => fillConnections(target, choice));
}

async function fillConnections(target: Target, { slot, strength }: Choice): Promise<number> {
  const { server, fleet, say, signal } = target;
  target.disturbed(null);
  const sec = 2 + 4 * strength;
  const endMs = performance.now() + sec * 1000;
  const clients: pg.Client[] = [];
  let isUsedUp = false;
  while (performance.now() < endMs && !signal.aborted) {
    const client = await tryToLogIn(server.url);
    if (client !== null) {
      clients.push(client);
      continue;
    }
    if (!isUsedUp) {
      fleet.proxy(slot).reset();
      say(`${clients.length} idle logins use up max_connections; those of instance ${slot} broken`);
    }
    isUsedUp = true;
    await pause(LOGIN_PAUSE_MS, signal);
  }
  await Promise.all(clients.map((client) => client.end().catch(() => undefined)));
  say(`${clients.length} idle logins have gone`);
  return isUsedUp ? 1 : 0;
}
