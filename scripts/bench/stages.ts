import path from 'node:path';
import { type Log, silentLog } from '../../src/base/log.ts';
import { createPipelineBench } from '../../testing/pipeline.ts';
import { TRIVIAL_LANGUAGE } from '../../testing/trivial-engine.ts';
import { tell } from './processes.ts';
import { BENCH_USER, taskPathOf } from './tasks.ts';

/**
 * The worker's stages with the trivial engine but without the queue: the work that a hand-written worker would have to
 * do, too.
 */
export interface Stages extends AsyncDisposable {
  run(taskId: string): Promise<void>;
}

export async function createStages(uploadsDir: string): Promise<Stages> {
  const bench = await createPipelineBench();
  return {
    run: async (taskId) => {
      await bench.run({
        uploadsDir,
        outputDir: path.join(uploadsDir, BENCH_USER, 'otp', taskId),
        task: {
          taskId,
          userUuid: BENCH_USER,
          lang: TRIVIAL_LANGUAGE,
          engine: null,
          taskPath: taskPathOf(taskId),
        },
        log: tellingLog(taskId),
        report: ({ stage }) => tell('stage.started', { id: taskId, stage }),
      });
    },
    [Symbol.asyncDispose]: () => bench[Symbol.asyncDispose](),
  };
}

function tellingLog(id: string): Log {
  return { ...silentLog, info: (event) => tell(event, { id }) };
}
