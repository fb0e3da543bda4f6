import { pause } from '../waiting.ts';
import type { Choice, Target } from './fault.ts';

export async function kill({ fleet, say }: Target, { killableSlot }: Choice): Promise<number> {
  const slot = fleet.living(killableSlot, killableSlot === 0 ? 0 : 1);
  const pid = fleet.pidOf(slot);
  if (!fleet.kill(slot)) return 0;
  say(`kill -9 of instance ${slot} (pid ${pid})`);
  return 1;
}

/** Mostly longer than the lease, so that the frozen instance wakes up without its tasks. */
export async function freeze(target: Target, choice: Choice): Promise<number> {
  const { fleet, leaseSec, say } = target;
  const { strength } = choice;
  const slot = fleet.living(choice.slot, 0);
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

/** One instance, or one after the other all that may be ended, as at a deploy. */
export async function restart(
  { fleet, say, disturbed, signal }: Target,
  { killableSlot, strength }: Choice,
): Promise<number> {
  const isDeploy = strength > 0.75;
  const slots = isDeploy ? Array.from({ length: fleet.size - 1 }, (_, index) => index + 1) : [killableSlot];
  let count = 0;
  for (const slot of slots) {
    if (signal.aborted) break;
    disturbed(slot);
    say(`SIGTERM to instance ${slot}${isDeploy ? ' (deploy, one after the other)' : ''}`);
    if (await fleet.restart(slot)) count += 1;
  }
  return count;
}
