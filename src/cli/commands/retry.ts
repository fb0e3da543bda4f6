import { openApp } from '../../app/open.ts';
import { assertNoneRefused, retryFailedWith, retryNamedTasks } from '../../tasks/retry.ts';
import { assertCount, assertErrorCode } from '../args.ts';
import { configOf, defineCommand, type ExitCode, personalLog } from '../command.ts';

export const retryCommand = defineCommand({
  name: 'retry',
  usage: 'TASK... | --code CODE',
  details: [
    'Attempts and crashes restart at 0. --code queues all tasks that failed with one code: use it when the cause is fixed.',
  ],
  options: {
    code: { type: 'string', value: 'CODE', help: 'all tasks that failed with this error code' },
    partial: {
      type: 'boolean',
      help: 'deliver the other recordings if one comes back empty',
    },
  },
  examples: ['autophon retry 3f2a9c1e', 'autophon retry --code E_DISK_FULL'],
  run: async ({ values: { code, partial }, positionals }, context): Promise<ExitCode> => {
    const { output } = context;
    if (code === undefined) {
      assertCount('retry', positionals, {
        min: 1,
        max: Number.POSITIVE_INFINITY,
        what: 'task ids, or --code CODE',
      });
    } else {
      assertCount('retry', positionals, { min: 0, max: 0, what: 'no task ids beside --code' });
      assertErrorCode('retry', code);
    }
    const config = configOf(context);
    await using app = await openApp(config, personalLog(output, config), 'retry');
    const changes = partial ? ({ partial_results: 'allow' } as const) : {};
    const result =
      code === undefined
        ? await retryNamedTasks(app.db, positionals, changes)
        : await retryFailedWith(app.db, code, changes);
    for (const taskId of result.changed) output.line(`queued task ${taskId} again`);
    if (code !== undefined && result.changed.length === 0) output.line(`no task has failed with ${code}`);
    if (!output.isJson) assertNoneRefused(result, 'failed or cancelled');
    output.json({ queued: result.changed, refused: result.refused });
    return result.refused.length === 0 ? 0 : 2;
  },
});
