import { FreeDisk } from '../host/free-disk.ts';
import { AttemptMetrics } from '../monitor/attempt-metrics.ts';
import { InstanceMetrics } from '../monitor/instance-metrics.ts';
import { Monitor } from '../monitor/monitor.ts';
import type { EngineRotation } from '../worker/engine-rotation.ts';
import type { Worker } from '../worker/worker.ts';
import type { App } from './open.ts';
import type { Instance } from './worker.ts';

/** The monitoring of a worker. Made before the worker starts, so that no event is missed. */
export function monitorWorker({ config, url }: App, { worker, context }: Instance): Monitor {
  const disk = new FreeDisk({ UPLOADS: config.uploadsDir, TEMP_DIR: config.tempDir, LOGS: config.logsDir });
  const monitor: Monitor = new Monitor({
    url,
    isAlive: () => !context.leases.isStuck,
    needs: () => ({
      notifications: worker.isListening
        ? null
        : 'the connection for them is lost; slots look for work by time',
      engine: findEngineLack(context.rotation),
      resources: worker.pausedWhy,
      state: findStateLack(worker),
    }),
    refresh: async () => {
      const engines = [...context.rotation.health].filter(([, { state }]) => state !== 'off');
      instance.show({
        slots: config.slotCount,
        busy: context.statistics.active,
        isPaused: worker.isStopping || worker.isPaused,
        engines: new Map(engines.map(([name, { state }]) => [name, state === 'ready'])),
        freeBytes: await disk.read(),
      });
    },
  });
  const instance = new InstanceMetrics(monitor.registry);
  context.events.subscribe(new AttemptMetrics(monitor.registry, context.engines.keys()).note);
  return monitor;
}

function findStateLack(worker: Worker): string | null {
  if (worker.isStopping) return 'the worker is stopping';
  if (worker.isPaused && worker.pausedWhy === null)
    return 'an operator has paused it; "autophon status" says who and why';
  return null;
}

function findEngineLack(rotation: EngineRotation): string | null {
  const health = [...rotation.health];
  if (health.some(([, { state }]) => state === 'ready')) return null;
  const others = health
    .filter(([, { state }]) => state !== 'off')
    .map(([name, { state }]) => `${name} (${state})`);
  return `none is ready${others.length === 0 ? '' : `: ${others.join(', ')}`}; "autophon doctor" says why`;
}
