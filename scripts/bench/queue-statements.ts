import type { BenchContext, Benchmark } from './benchmark.ts';
import { type ComparedWorkerName, drain, startComparedWorker } from './compared-workers.ts';
import { createSite } from './site.ts';
import { countStatements, listStatements, type StatementCount, sumOf } from './statements.ts';

const TASK_COUNT = 100;
const SLOT_COUNT = 2;

export const queueStatements: Benchmark = {
  name: 'queue-statements',
  summary: `statements that reach the server per task, all stages, over a backlog of ${TASK_COUNT}`,
  run: async (context) => {
    const worker = await count('worker', 'autophon', context);
    const graphile = await count('graphile-worker', 'graphile', context);
    return {
      figures: [
        {
          what: 'statements per task',
          value: sumOf(worker) / TASK_COUNT,
          unit: 'count',
          beside: { name: 'graphile-worker', value: sumOf(graphile) / TASK_COUNT },
          goal: { atMost: 20 },
        },
      ],
      notes: [
        'the worker, per task (BEGIN and COMMIT counted, what triggers do is not):',
        ...listStatements(worker, TASK_COUNT),
      ],
    };
  },
};

async function count(
  name: ComparedWorkerName,
  applicationPrefix: string,
  context: BenchContext,
): Promise<StatementCount[]> {
  await using site = await createSite(context, { logStatements: true });
  const comparedWorker = await startComparedWorker(name, site, { slots: SLOT_COUNT });
  await using _process = comparedWorker.process;
  const ids = await comparedWorker.makeTasks(TASK_COUNT);
  await site.database.takeStatements();
  await drain(comparedWorker, ids);
  return countStatements(await site.database.takeStatements(), applicationPrefix);
}
