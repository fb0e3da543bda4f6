import type { Log } from '../base/log.ts';
import { ServiceManager, type ServiceState } from '../host/service-manager.ts';
import type { WorkerContext } from '../worker/context.ts';

type ServedContext = Pick<WorkerContext, 'statistics' | 'leases' | 'rotation'>;

/** Tells systemd about a worker, where the environment says that systemd started it. */
export function serviceOf(
  context: ServedContext,
  slotCount: number,
  environment: Readonly<Record<string, string | undefined>>,
  log: Log,
): ServiceManager {
  return new ServiceManager({ environment, log, describe: () => stateOf(context, slotCount) });
}

function stateOf({ statistics, leases, rotation }: ServedContext, slotCount: number): ServiceState {
  const sick = [...rotation.health].filter(([, { state }]) => state === 'sick').map(([name]) => name);
  const status =
    `${statistics.active} of ${slotCount} slots busy; ${statistics.succeeded} completed, ${statistics.failed} failed` +
    (sick.length === 0 ? '' : `; engines out of order: ${sick.join(', ')}`);
  return { status, isAlive: !leases.isStuck };
}
