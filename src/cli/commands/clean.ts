import { openApp } from '../../app/open.ts';
import { formatBytes } from '../../base/bytes.ts';
import { plural } from '../../base/count-text.ts';
import { clean } from '../../tasks/clean.ts';
import { assertCount } from '../args.ts';
import { configOf, defineCommand, type ExitCode, personalLog } from '../command.ts';

export const cleanCommand = defineCommand({
  name: 'clean',
  usage: '',
  details: [
    'Workers do this by themselves, for files within a minute and for logs within ten. It removes the files of at most',
    '100 tasks of each kind at a time, and logs only in LOGS of this machine.',
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
    const { db } = app;
    const { removals, logs } = await clean(
      { db, uploadsDir: config.uploadsDir, keep, log },
      { db, logsDir: config.logsDir, keepSec: config.keepLogsSec, log },
      isDryRun,
    );
    const verb = isDryRun ? 'would remove' : 'removed';
    for (const { taskId, status, files, bytes } of removals) {
      output.line(
        `${verb} ${plural(files.length, 'file')}, ${formatBytes(bytes)}, of ${status} task ${taskId}`,
      );
      for (const file of files) output.line(`  ${file}`);
    }
    if (logs.length > 0) {
      const bytes = logs.reduce((sum, one) => sum + one.bytes, 0);
      output.line(`${verb} ${plural(logs.length, 'log')} of attempts, ${formatBytes(bytes)}`);
      for (const { file, why } of logs) output.line(`  ${file}: ${why}`);
    }
    if (removals.length + logs.length === 0) output.line('nothing to remove');
    output.json({ dryRun: isDryRun, removals, logs });
    return 0;
  },
});
