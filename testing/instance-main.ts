/** A worker instance with the trivial engine, as a separate process that tests start, freeze and kill. */
import { openApp } from '../src/app/open.ts';
import type { SiteResources } from '../src/app/resources.ts';
import { createWorker } from '../src/app/worker.ts';
import type { Log } from '../src/base/log.ts';
import type { LogFields } from '../src/base/log-lines.ts';
import { readConfig } from '../src/config.ts';
import { loadLanguage } from '../src/lexicon/load-languages.ts';
import { createAudioDecoder } from '../src/pipeline/prepare/decode-audio.ts';
import { processTask } from '../src/tasks/process.ts';
import type { SoloCommand } from '../src/worker/solo-run.ts';
import { createTrivial, STRANGE_TEXT } from './trivial-engine.ts';

const {
  BLOCK_AT,
  SOLO_PROGRAM = process.execPath,
  SOLO_TASK,
  STATE_DIR = '.',
  TRIVIAL_HEALTH = 'ready',
  RISKY_HEALTH,
  STRANGE_NOTES,
  ...environment
} = process.env;

const config = readConfig(environment, {}, STATE_DIR);
const log = reportingLog({});
const engines = [createTrivial(STATE_DIR, TRIVIAL_HEALTH as 'ready')];
if (RISKY_HEALTH !== undefined) {
  const note = STRANGE_NOTES === undefined ? 'a stand-in' : STRANGE_TEXT;
  engines.push(createTrivial(STATE_DIR, RISKY_HEALTH as 'ready', 'RISKY', note));
}
const builtIn = engines.flatMap((engine) => engine.builtInLanguages);
const resources: SiteResources = {
  engines: new Map(engines.map((engine) => [engine.name, engine])),
  languages: new Map(builtIn.map((language) => [language.code, language])),
  decodeAudio: createAudioDecoder(config.engines),
  findLanguage: (code) => loadLanguage(code, { adminDir: null, builtIn }),
};
// By default Node prints everything that refers to the error, which hides its message.
process.on('uncaughtException', (error) => {
  console.error(error.stack);
  process.exit(1);
});
const app = await openApp(config, log, 'test instance');
const soloCommand: SoloCommand = (taskId) => [
  'env',
  `SOLO_TASK=${taskId}`,
  SOLO_PROGRAM,
  import.meta.filename,
];
const { worker, context } = await createWorker(app, {
  resources,
  soloCommand,
  ...(SOLO_TASK === undefined ? {} : { slotCount: 0 }),
});

const EXIT_LIMIT_MS = 200;
let signals = 0;
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => {
    if (++signals > 1 || SOLO_TASK !== undefined) worker.stopAtOnce();
    else void stop();
  });
}
/** Ends as the program does, without waiting for what is still open. */
async function stop(): Promise<void> {
  await worker.stop();
  await app[Symbol.asyncDispose]();
  setTimeout(() => process.exit(), EXIT_LIMIT_MS).unref();
}

void worker.drained.then(stop);
await worker.start();
if (SOLO_TASK !== undefined) {
  await processTask(SOLO_TASK, context, { signal: AbortSignal.timeout(600_000) }).catch(() => undefined);
  await worker.stop();
  process.exit(0);
}

/** Every event is a line of JSON on standard output, so that a test can wait for an event. */
function reportingLog(fixed: LogFields): Log {
  const write = (event: string, fields: LogFields = {}) => {
    const all = { ...fixed, ...fields };
    const error = all['error'] instanceof Error ? all['error'].message : all['error'];
    process.stdout.write(`${JSON.stringify({ event, ...all, error })}\n`);
    // A worker whose process is busy or dies in a stage: nothing runs any more, also no heartbeat.
    const stage = event === 'task.started' ? 'prepare' : event === 'stage.started' ? all['stage'] : undefined;
    if (stage !== undefined && stage === BLOCK_AT) {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    }
  };
  return {
    debug: write,
    info: write,
    warn: write,
    error: write,
    with: (more) => reportingLog({ ...fixed, ...more }),
  };
}
