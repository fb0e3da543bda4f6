import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { rm, rmdir } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { TaskError, toTaskError } from './base/errors.ts';
import type { Log } from './base/log.ts';
import { programVersion } from './base/version.ts';
import type { Config } from './config.ts';
import { whenAdmitted } from './db/admission.ts';
import { assertReachable, connect, type Db } from './db/connect.ts';
import { startEmbedded } from './db/embedded.ts';
import { Listener, WITHDRAWN_CHANNEL, workChannel } from './db/listen.ts';
import { findPendingMigrations, type MigrateOptions, type MigrationReport, migrate } from './db/migrate.ts';
import type { Engine, EngineHealth } from './engines/engine.ts';
import { examineEngine } from './engines/examine.ts';
import { createEngines, languageSources } from './engines/registry.ts';
import type { FindLanguage, Language } from './lexicon/language.ts';
import { loadLanguage, loadLanguages } from './lexicon/load-languages.ts';
import { createAudioDecoder, type DecodeAudio } from './pipeline/decode-audio.ts';
import { installQueue, Queue } from './queue/queue.ts';
import { Backstop } from './worker/backstop.ts';
import { choresOf } from './worker/chores.ts';
import { coreShare } from './worker/core-share.ts';
import { EngineRotation, type ExamineEngine } from './worker/engine-rotation.ts';
import { LeaseKeeper } from './worker/lease.ts';
import { Pressure } from './worker/pressure.ts';
import { defaultSoloCommand, type SoloCommand } from './worker/solo-run.ts';
import { Statistics } from './worker/statistics.ts';
import { Upkeep } from './worker/upkeep.ts';
import { Uploads } from './worker/uploads.ts';
import { Worker } from './worker/worker.ts';
import { findDeath, makeWorkspacesDir, privateDirOf } from './worker/workspace.ts';

const CHECK_LIMIT_MS = 180_000;
const SHORT_ID_CHARS = 8;
/** What is looked for less often than dead holders. */
const CHORES_EVERY_SWEEPS = 12;
const CHORE_LIMIT_SEC = 600;
const UPKEEP_CONNECTIONS = 2;

/** Everything that a command needs; built in order, closed in reverse. */
export interface App extends AsyncDisposable {
  readonly config: Config;
  readonly url: string;
  readonly db: Db;
  readonly log: Log;
}

/**
 * Finds or starts the database, checks that its schema is the one of this version, and connects.
 * The built-in server is migrated on the way; on any other that is the operator's decision.
 * @throws TaskError E_DATABASE
 */
export async function openApp(config: Config, log: Log, name: string): Promise<App> {
  const url = await findDatabase(config, log);
  const pending = await findPendingMigrations(url);
  if (pending.length > 0) {
    if (config.databaseUrl !== null) {
      throw new TaskError(
        'E_DATABASE',
        `the database is not ready for this version: ${pending.length} migrations are missing. Run "make migrate".`,
      );
    }
    await migrateDatabase(config, url);
  }
  const db = connect({
    url,
    applicationName: `autophon ${name}`,
    maxConnections: config.slotCount + 4,
    onConnectionLost: (error) => log.warn('database connection lost', { error }),
  });
  return { config, url, db, log, [Symbol.asyncDispose]: () => db.destroy() };
}

/** The address of the configured database, or of the built-in one, which is started when it does not run. */
export async function findDatabase(config: Config, log: Log): Promise<string> {
  if (config.databaseUrl !== null) {
    await assertReachable(config.databaseUrl);
    return config.databaseUrl;
  }
  const server = await startEmbedded({ dataDir: embeddedDir(config), log: (line) => log.info(line) });
  return server.url;
}

export function embeddedDir(config: Config): string {
  return path.join(config.dataDir, 'postgres');
}

export function migrateDatabase(
  config: Config,
  url: string,
  options: MigrateOptions = {},
): Promise<MigrationReport> {
  return migrate(url, () => installQueue(url, { leaseSec: config.leaseSec }), options);
}

export interface Resources {
  readonly engines: ReadonlyMap<string, Engine>;
  /** As they were when this was loaded. */
  readonly languages: ReadonlyMap<string, Language>;
  readonly findLanguage: FindLanguage;
  readonly decodeAudio: DecodeAudio;
}

/** Engines and languages as configured. Faults of a language folder are logged; the others stay usable. */
export async function loadResources(config: Config, log: Log): Promise<Resources> {
  const engines = createEngines(config.engines);
  const sources = languageSources(config.adminDir, engines);
  const { languages, faults } = await loadLanguages(sources);
  for (const { code, message } of faults) log.warn('language folder has a fault', { code, message });
  return {
    engines,
    languages,
    findLanguage: (code) => loadLanguage(code, sources),
    decodeAudio: createAudioDecoder(config.engines),
  };
}

/** Examines an engine with its languages as they are then. One that is broken now is not the engine's fault. */
function examinerOf({ languages, findLanguage }: Resources, dir: string): ExamineEngine {
  const languagesOf = async (engine: string): Promise<Language[]> => {
    const own = [...languages.values()].filter((language) => language.engine === engine);
    const found = await Promise.allSettled(own.map(({ code }) => findLanguage(code)));
    return found.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  };
  return (engine, signal) => examineEngine(engine, languagesOf, signal, dir);
}

export interface WorkerSetup {
  /** 0: the instance claims nothing by itself, for a task that is processed by hand. Else as configured. */
  readonly slotCount?: number;
  /** Starts a worker process for one task; else `autophon process`. */
  readonly soloCommand?: SoloCommand;
  /** Other engines and languages than the configured ones. */
  readonly resources?: Resources;
}

/** One instance, ready to start. */
export async function createWorker(app: App, setup: WorkerSetup = {}): Promise<Worker> {
  const { config, db, url } = app;
  const { slotCount = config.slotCount, soloCommand = defaultSoloCommand } = setup;
  const instanceId = randomUUID();
  // Several instances may write to one log.
  const log = app.log.with({ instance: instanceId.slice(0, SHORT_ID_CHARS) });
  const resources = setup.resources ?? (await loadResources(config, log));
  const { engines, findLanguage, decodeAudio } = resources;
  const workspacesDir = await makeWorkspacesDir(config.tempDir, instanceId);
  const queue = new Queue({
    url,
    leaseSec: config.leaseSec,
    onError: (error) => log.warn('queue error', { error }),
  });
  await whenAdmitted(() => queue.start(), log);
  const uploads = new Uploads(db, config.uploadsDir);
  const backstop = new Backstop(config.minPollSec, config.maxPollSec);
  const pressure = new Pressure({
    minFreeDiskBytes: config.minFreeDiskBytes,
    minFreeMemoryBytes: config.minFreeMemoryBytes,
    dirs: { UPLOADS: config.uploadsDir, TEMP_DIR: config.tempDir },
    findFault: () => uploads.findFault(),
    log,
  });
  const rotation = new EngineRotation(engines, log, examinerOf(resources, workspacesDir));
  const upkeepDb = connect({
    url,
    applicationName: 'autophon upkeep',
    maxConnections: UPKEEP_CONNECTIONS,
    // Chores that hang may use them all until their statements end.
    waitsForTurn: true,
    onConnectionLost: (error) => log.warn('database connection lost', { error }),
  });
  const channel = await whenAdmitted(() => workChannel(db), log);
  let isDeaf = false;
  return new Worker(
    {
      instanceId,
      db,
      queue,
      log,
      leases: new LeaseKeeper({ heartbeat: queue.heartbeat, heartbeatSec: config.heartbeatSec, log }),
      statistics: new Statistics(log, () => backstop.currentSec),
      uploads,
      uploadsDir: config.uploadsDir,
      logsDir: config.logsDir,
      workspacesDir,
      findLanguage,
      decodeAudio,
      engines,
      rotation,
      policy: {
        unknownWords: config.unknownWords,
        partialResults: config.partialResults,
        search: config.search,
        cuts: config.cuts,
      },
      taskLimits: config.taskLimits,
      limits: {
        coreCount: coreShare(slotCount),
        timeoutSec: config.taskTimeoutSec,
        silenceSec: config.engineSilenceSec,
      },
      retry: { attemptLimit: config.retryAttempts, firstDelaySec: config.retryDelaySec },
      keep: { failedInputsSec: config.keepFailedInputsSec, resultsSec: config.keepResultsSec },
      keepLogsSec: config.keepLogsSec,
      removalDelaySec: config.removalDelaySec,
      isSolo: slotCount === 0,
      crashLimit: config.crashLimit,
      findDeath: (id) => findDeath(config.tempDir, id),
      engineWaitSec: config.engineWaitSec,
    },
    {
      slotCount,
      backstop,
      pressure,
      shutdownGraceSec: config.shutdownGraceSec,
      sweepSec: config.sweepSec,
      makeUpkeep: (context) =>
        new Upkeep({
          db: upkeepDb,
          instanceId,
          chores: choresOf(context, upkeepDb, config.tempDir, config.sweepSec * CHORES_EVERY_SWEEPS),
          limitSec: CHORE_LIMIT_SEC,
          log,
        }),
      soloCommand,
      describe: () => ({
        id: instanceId,
        host: os.hostname(),
        pid: process.pid,
        version: programVersion(),
        slots: slotCount,
        engines: Object.fromEntries(rotation.health),
        paused: pressure.reason,
      }),
    },
    (worker) =>
      new Listener({
        url,
        channels: [channel, WITHDRAWN_CHANNEL],
        onNotification: (name) => worker.notified(name),
        onConnected: () => {
          if (isDeaf) log.info('notifications arrive again');
          isDeaf = false;
          worker.listening();
        },
        onLost: (error) => {
          isDeaf = true;
          log.warn('notifications lost; reconnecting', { error });
        },
      }),
  );
}

/** The health of all engines, found at the same time, as a worker finds it; all are sick when TEMP_DIR cannot be used. */
export async function checkEngines(
  config: Config,
  resources: Resources,
  log: Log,
): Promise<ReadonlyMap<string, EngineHealth>> {
  const isMade = !existsSync(config.tempDir);
  const dir = await makeWorkspacesDir(config.tempDir, randomUUID()).catch(toTaskError);
  if (dir instanceof TaskError) {
    const sick = { state: 'sick', version: null, note: dir.message } as const;
    return new Map([...resources.engines.keys()].map((name) => [name, sick]));
  }
  await using _ = {
    [Symbol.asyncDispose]: async () => {
      await rm(dir, { recursive: true, force: true });
      // Left behind, it would belong to whoever looked, and be closed to the workers.
      await rmdir(privateDirOf(config.tempDir)).catch(() => undefined);
      if (isMade) await rmdir(config.tempDir).catch(() => undefined);
    },
  };
  const examine = examinerOf(resources, dir);
  const signal = AbortSignal.timeout(CHECK_LIMIT_MS);
  const checked = await Promise.all(
    [...resources.engines].map(async ([name, engine]) => [name, await examine(engine, signal)] as const),
  );
  for (const [name, { state, version, note }] of checked)
    log.debug('engine checked', { engine: name, state, version, note });
  return new Map(checked);
}
