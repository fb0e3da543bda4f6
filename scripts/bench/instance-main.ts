/** A worker instance with an engine that does nothing or sleeps. It reports each event of its log with its time. */
import { openApp } from '../../src/app/open.ts';
import type { SiteResources } from '../../src/app/resources.ts';
import { createWorker } from '../../src/app/worker.ts';
import { createLog } from '../../src/base/create-log.ts';
import type { Log } from '../../src/base/log.ts';
import { readConfig } from '../../src/config.ts';
import { loadLanguage } from '../../src/lexicon/load-languages.ts';
import { createAudioDecoder } from '../../src/pipeline/prepare/decode-audio.ts';
import { createSleepyEngine } from './engine.ts';
import { onStop, READY, tell } from './processes.ts';

const { BENCH_DIR = '.', BENCH_ENGINE_SEC = '0', NODE_CHANNEL_FD: _channel, ...environment } = process.env;
const config = readConfig(environment, {}, BENCH_DIR);
const file = createLog({ level: config.logLevel, format: 'text', dir: config.logsDir, console: null });
const log = tellingLog(file);
const engine = createSleepyEngine(BENCH_DIR, Number(BENCH_ENGINE_SEC));
const { builtInLanguages: builtIn } = engine;
const resources: SiteResources = {
  engines: new Map([[engine.name, engine]]),
  languages: new Map(builtIn.map((language) => [language.code, language])),
  decodeAudio: createAudioDecoder(config.engines),
  findLanguage: (code) => loadLanguage(code, { adminDir: null, builtIn }),
};
const app = await openApp(config, log, 'worker');
const { worker } = await createWorker(app, { resources });
onStop(async () => {
  await worker.stop();
  await app[Symbol.asyncDispose]();
  await file.close();
});
await worker.start();
tell(READY);

/** Writes log lines as an instance does. */
function tellingLog(inner: Log, taskId?: unknown): Log {
  return {
    ...inner,
    info: (event, fields = {}, text) => {
      tell(event, { id: fields['taskId'] ?? taskId, stage: fields['stage'], code: fields['code'] });
      inner.info(event, fields, text);
    },
    with: (fields) => tellingLog(inner.with(fields), fields['taskId'] ?? taskId),
  };
}
