import { openApp } from '../../app.ts';
import { formatBytes } from '../../base/bytes.ts';
import { clean } from '../../tasks/clean.ts';
import { assertCount } from '../args.ts';
import { configOf, defineCommand, type ExitCode, personalLog } from '../command.ts';
import { plural } from '../task-text.ts';

export const cleanCommand = defineCommand({
  name: 'clean',
  summary: 'remove the files of tasks that are expired, deleted or kept long enough',
  usage: '',
  details: [
    'Workers do this by themselves every minute. With --dry-run, nothing is removed: it shows what would be.',
    'At most 100 tasks of each kind at a time.',
  ],
  options: {
    'dry-run': { type: 'boolean', help: 'only show what would be removed' },
  },
  examples: ['autophon clean --dry-run'],
  run: async ({ values, positionals }, context): Promise<ExitCode> => {
    assertCount('clean', positionals, { min: 0, max: 0, what: 'no arguments' });
    const { output } = context;
    const config = configOf(context);
    const log = personalLog(output, config);
    await using app = await openApp(config, log, 'clean');
    const isDryRun = values['dry-run'] ?? false;
    const keep = { failedInputsSec: config.keepFailedInputsSec, resultsSec: config.keepResultsSec };
    const removals = await clean({ db: app.db, uploadsDir: config.uploadsDir, keep, log }, isDryRun);
    const verb = isDryRun ? 'would remove' : 'removed';
    for (const { taskId, status, files, bytes } of removals) {
      output.line(
        `${verb} ${plural(files.length, 'file')}, ${formatBytes(bytes)}, of ${status} task ${taskId}`,
      );
      for (const file of files) output.line(`  ${file}`);
    }
    if (removals.length === 0) output.line('nothing to remove');
    output.json({ dryRun: isDryRun, removals });
    return 0;
  },
});
