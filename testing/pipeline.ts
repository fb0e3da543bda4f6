import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { type Fault, TaskError } from '../src/base/errors.ts';
import { silentLog } from '../src/base/log.ts';
import type { TaskLimits } from '../src/base/task-limits.ts';
import { readConfig } from '../src/config.ts';
import type { Engine } from '../src/engines/engine.ts';
import { loadLanguage } from '../src/lexicon/load-languages.ts';
import type { Packaged } from '../src/pipeline/package/package.ts';
import { createAudioDecoder } from '../src/pipeline/prepare/decode-audio.ts';
import { runPipeline } from '../src/pipeline/run.ts';
import { type PipelinePolicy, policyOf, type StageContext, type StageReport } from '../src/pipeline/stage.ts';
import { createTrivial, TRIVIAL_LANGUAGE } from './trivial-engine.ts';

/** The four stages over a folder, without database or queue. */
export interface PipelineBench extends AsyncDisposable {
  readonly dir: string;
  readonly uploadsDir: string;
  readonly reports: StageReport[];
  /** Writes a file of the task. */
  add(name: string, content: string | Uint8Array): Promise<void>;
  run(change?: Partial<StageContext>): Promise<Packaged>;
  /**
   * Runs the stages, which must fail.
   * @returns the findings
   */
  faults(change?: Partial<StageContext>): Promise<readonly Fault[]>;
}

/** The defaults of the settings. */
const DEFAULTS = readConfig({}, {}, '/');
export const TASK_LIMITS: TaskLimits = DEFAULTS.taskLimits;
export const POLICY: PipelinePolicy = policyOf(DEFAULTS.policy);

export const TASK_PATH = 'ann/upl/task';

/** @param defaults - replace the usual arguments of the stages; `run` may change them again */
export async function createPipelineBench(
  engine?: Engine,
  defaults: Partial<StageContext> = {},
): Promise<PipelineBench> {
  const dir = await mkdtemp(path.join(os.tmpdir(), 'autophon-pipeline-'));
  const uploadsDir = path.join(dir, 'uploads');
  await mkdir(path.join(uploadsDir, TASK_PATH), { recursive: true });
  const used = engine ?? createTrivial(dir);
  const reports: StageReport[] = [];
  let runs = 0;
  const bench: PipelineBench = {
    dir,
    uploadsDir,
    reports,
    add: async (name, content) => {
      const file = path.join(uploadsDir, TASK_PATH, name);
      await mkdir(path.dirname(file), { recursive: true });
      await writeFile(file, content);
    },
    run: async (change = {}) => {
      const run = ++runs;
      const workspaceDir = path.join(dir, `workspace${run}`);
      await mkdir(workspaceDir);
      return runPipeline({
        task: { taskId: 'task', userUuid: 'ann', lang: TRIVIAL_LANGUAGE, engine: null, taskPath: TASK_PATH },
        uploadsDir,
        outputDir: path.join(uploadsDir, 'ann/otp/task', String(run)),
        workspaceDir,
        logPath: path.join(dir, 'engine.log'),
        findLanguage: (code) => loadLanguage(code, { adminDir: null, builtIn: used.builtInLanguages }),
        decodeAudio: createAudioDecoder({ ffmpeg: '/nowhere/ffmpeg', inherited: {} }),
        engines: new Map([[used.name, used]]),
        engineVersion: () => '1',
        policy: POLICY,
        pictures: 'auto',
        taskLimits: TASK_LIMITS,
        limits: { coreCount: 1, timeoutSec: 600, silenceSec: 600 },
        signal: new AbortController().signal,
        log: silentLog,
        report: (report) => reports.push(report),
        ...defaults,
        ...change,
      });
    },
    faults: async (change) => {
      try {
        await bench.run(change);
      } catch (error) {
        if (error instanceof TaskError) return error.faults;
        throw error;
      }
      throw new Error('the pipeline accepted what it must refuse');
    },
    [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }),
  };
  return bench;
}
