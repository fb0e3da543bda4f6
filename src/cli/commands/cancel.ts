import { openApp } from '../../app/open.ts';
import { cancelTasks } from '../../tasks/cancel.ts';
import { assertNoneRefused } from '../../tasks/retry.ts';
import { assertCount } from '../args.ts';
import { configOf, defineCommand, type ExitCode, personalLog } from '../command.ts';

export const cancelCommand = defineCommand({
  name: 'cancel',
  usage: 'TASK...',
  details: ['A running engine is killed at once. The files stay; "autophon retry" queues the task again.'],
  options: {},
  examples: ['autophon cancel 3f2a9c1e'],
  run: async ({ positionals }, context): Promise<ExitCode> => {
    assertCount('cancel', positionals, { min: 1, max: Number.POSITIVE_INFINITY, what: 'task ids' });
    const { output } = context;
    const config = configOf(context);
    await using app = await openApp(config, personalLog(output, config), 'cancel');
    const result = await cancelTasks(app.db, positionals);
    for (const taskId of result.changed) output.line(`cancelled task ${taskId}`);
    if (!output.isJson) assertNoneRefused(result, 'uploaded or processing');
    output.json({ cancelled: result.changed, refused: result.refused });
    return result.refused.length === 0 ? 0 : 2;
  },
});
