import { randomUUID } from 'node:crypto';
import os from 'node:os';
import type { Log } from '../base/log.ts';
import { shortId } from '../base/short-id.ts';
import { programVersion } from '../base/version.ts';
import type { Config } from '../config.ts';
import { connect } from '../db/connect.ts';
import { retryWhileFull } from '../db/full-server.ts';
import type { InstanceRow } from '../db/instances.ts';
import { DELIVERY_CHANNEL, Listener, WITHDRAWN_CHANNEL, workChannel } from '../db/listen.ts';
import { PAUSES_CHANNEL } from '../db/pauses.ts';
import { coreShare } from '../host/core-share.ts';
import { Pressure } from '../host/pressure.ts';
import { Uploads } from '../host/uploads.ts';
import { findDeath, makeWorkspacesDir } from '../host/workspace.ts';
import { traceTasks } from '../monitor/task-traces.ts';
import { Queue } from '../queue/queue.ts';
import { type ChoreContext, choresOf } from '../upkeep/chores.ts';
import { Upkeep } from '../upkeep/upkeep.ts';
import type { WorkerContext } from '../worker/context.ts';
import { EngineRotation } from '../worker/engine-rotation.ts';
import { logEvents, WorkerEvents } from '../worker/events.ts';
import { LeaseKeeper } from '../worker/lease.ts';
import { PollInterval } from '../worker/poll-interval.ts';
import { defaultSoloCommand, type SoloCommand } from '../worker/solo-run.ts';
import { Statistics } from '../worker/statistics.ts';
import { Worker } from '../worker/worker.ts';
import { examinerOf } from './check-engines.ts';
import { makeDeliverer } from './deliverer.ts';
import type { App } from './open.ts';
import { loadResources, type SiteResources } from './resources.ts';

/** Most chores run less often than the sweep for dead holders. */
const CHORES_EVERY_SWEEPS = 12;
const CHORE_LIMIT_SEC = 600;
const UPKEEP_CONNECTIONS = 2;

export interface WorkerSetup {
  /**
   * 0: the instance claims nothing by itself, for a task that is processed by hand. Otherwise the configured number.
   */
  readonly slotCount?: number;
  /** Starts a worker process for one task; left out: `autophon process`. */
  readonly soloCommand?: SoloCommand;
  /** Other engines and languages than the configured ones. */
  readonly resources?: SiteResources;
}

/** An instance, and what it is made of. */
export interface Instance {
  readonly worker: Worker;
  readonly context: WorkerContext;
}

/** One instance, ready to start. */
export async function createWorker(app: App, setup: WorkerSetup = {}): Promise<Instance> {
  const { config, url } = app;
  const { slotCount = config.slotCount, soloCommand = defaultSoloCommand } = setup;
  const instanceId = randomUUID();
  // Several instances may write to one log.
  const log = app.log.with({ instance: shortId(instanceId) });
  const pollInterval = new PollInterval(config.minPollSec, config.maxPollSec);
  const context = await makeContext({ ...app, log }, instanceId, slotCount, pollInterval, setup.resources);
  const pressure = new Pressure({
    minFreeDiskBytes: config.minFreeDiskBytes,
    minFreeMemoryBytes: config.minFreeMemoryBytes,
    dirs: { UPLOADS: config.uploadsDir, TEMP_DIR: config.tempDir },
    findFault: () => context.uploads.findFault(),
    log,
  });
  const channel = await retryWhileFull(() => workChannel(app.db), log);
  const deliverer = slotCount === 0 ? null : await makeDeliverer(config, url, log);
  const runsDoneCommand = deliverer !== null && config.deliveries.doneCommand !== null;
  const channels = [
    channel,
    WITHDRAWN_CHANNEL,
    PAUSES_CHANNEL,
    ...(deliverer === null ? [] : [DELIVERY_CHANNEL]),
  ];
  const worker = new Worker(
    context,
    {
      slotCount,
      pollInterval,
      pressure,
      shutdownGraceSec: config.shutdownGraceSec,
      sweepSec: config.sweepSec,
      upkeep: makeUpkeep(context, config, url),
      deliverer,
      soloCommand,
      describe: () => describeInstance(context, slotCount, pressure.reason, runsDoneCommand),
    },
    (self) => makeListener(self, log, url, channels),
  );
  return { worker, context };
}

async function makeContext(
  { config, db, url, log }: App,
  instanceId: string,
  slotCount: number,
  pollInterval: PollInterval,
  givenResources: SiteResources | undefined,
): Promise<WorkerContext> {
  const resources = givenResources ?? (await loadResources(config, log));
  const workspacesDir = await makeWorkspacesDir(config.tempDir, instanceId);
  const queue = new Queue({
    url,
    leaseSec: config.leaseSec,
    onError: (error) => log.warn('queue.error', { error }),
  });
  await retryWhileFull(() => queue.start(), log);
  const statistics = new Statistics(log, () => pollInterval.currentSec);
  const events = new WorkerEvents();
  events.subscribe(logEvents(log));
  events.subscribe((event) => statistics.note(event));
  events.subscribe(traceTasks());
  return {
    instanceId,
    db,
    queue,
    log,
    leases: new LeaseKeeper({ heartbeat: queue.heartbeat, heartbeatSec: config.heartbeatSec, log }),
    events,
    statistics,
    uploads: new Uploads(db, config.uploadsDir),
    logsDir: config.logsDir,
    workspacesDir,
    findLanguage: resources.findLanguage,
    decodeAudio: resources.decodeAudio,
    engines: resources.engines,
    rotation: new EngineRotation(resources.engines, log, examinerOf(resources, workspacesDir)),
    policy: config.policy,
    pictures: config.view.pictures,
    taskLimits: config.taskLimits,
    limits: {
      coreCount: coreShare(slotCount),
      timeoutSec: config.taskTimeoutSec,
      silenceSec: config.engineSilenceSec,
    },
    retry: { attemptLimit: config.retryAttempts, firstDelaySec: config.retryDelaySec },
    audioDelaySec: audioDelaySec(config),
    isSolo: slotCount === 0,
    crashLimit: config.crashLimit,
    findDeath: (id) => findDeath(config.tempDir, id),
  };
}

/** Chores have connections that no task needs. */
function makeUpkeep({ instanceId, log, engines }: WorkerContext, config: Config, url: string): Upkeep {
  const db = connect({
    url,
    applicationName: 'autophon upkeep',
    maxConnections: UPKEEP_CONNECTIONS,
    // Chores that hang may use them all until their statements end.
    waitsForConnection: true,
    onConnectionLost: (error) => log.warn('database.connection_lost', { error }),
  });
  const { uploadsDir, logsDir, engineWaitSec, removalDelaySec, keepLogsSec } = config;
  const shared: ChoreContext = {
    ...{ db, log, uploads: new Uploads(db, uploadsDir), uploadsDir, logsDir, engines, engineWaitSec },
    keep: { failedInputsSec: config.keepFailedInputsSec, resultsSec: config.keepResultsSec },
    ...{ removalDelaySec, audioDelaySec: audioDelaySec(config), keepLogsSec },
  };
  return new Upkeep({
    db,
    instanceId,
    chores: choresOf(shared, config.tempDir, config.sweepSec * CHORES_EVERY_SWEEPS),
    limitSec: CHORE_LIMIT_SEC,
    log,
  });
}

/** The audio of a completed task stays as long as the page may play it. */
function audioDelaySec({ removalDelaySec, view }: Config): number {
  return Math.max(removalDelaySec, view.keepAudioSec);
}

function makeListener(worker: Worker, log: Log, url: string, channels: readonly string[]): Listener {
  let isDeaf = false;
  return new Listener({
    url,
    channels,
    onNotification: (name) => worker.notified(name),
    onConnected: () => {
      if (isDeaf) log.info('notifications.again');
      isDeaf = false;
      worker.listening();
    },
    onLost: (error) => {
      isDeaf = true;
      log.warn('notifications.lost', { error });
    },
  });
}

function describeInstance(
  { instanceId, rotation }: WorkerContext,
  slotCount: number,
  paused: string | null,
  runsDoneCommand: boolean,
): InstanceRow {
  return {
    id: instanceId,
    host: os.hostname(),
    pid: process.pid,
    version: programVersion(),
    slots: slotCount,
    engines: Object.fromEntries(rotation.health),
    paused,
    runs_done_command: runsDoneCommand,
  };
}
