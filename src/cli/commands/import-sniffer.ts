import { type App, openApp } from '../../app/open.ts';
import { loadResources } from '../../app/resources.ts';
import { plural } from '../../base/count-text.ts';
import type { Fault } from '../../base/errors.ts';
import { silentLog } from '../../base/log.ts';
import { openSite } from '../../tasks/site.ts';
import { runImport, undoImport } from '../../tasks/sniffer/import.ts';
import { openSource } from '../../tasks/sniffer/open-source.ts';
import { type Plan, planImport } from '../../tasks/sniffer/plan.ts';
import { assertCount, usage, type Values } from '../args.ts';
import {
  type CommandContext,
  configOf,
  defineCommand,
  type ExitCode,
  INTERRUPTED,
  personalLog,
} from '../command.ts';
import { formatFault } from '../failure.ts';
import { countImported, countSoonRemoved, formatCounts } from '../import-report.ts';
import { unlessInterrupted } from '../interrupt.ts';
import type { Output } from '../output.ts';

/** A table may have thousands of faults of one kind. */
const MAX_FAULTS = 50;

const OPTIONS = {
  uploads: {
    type: 'string',
    value: 'DIR',
    help: 'the folder UPLOADS of the older worker; required; it is only read',
  },
  table: { type: 'string', value: 'NAME', help: 'name of its table (default tasks)' },
  drafts: { type: 'boolean', help: 'keep unfinished tasks as drafts instead of queueing them' },
  'dry-run': { type: 'boolean', help: 'only show what would be done' },
  undo: {
    type: 'boolean',
    help: 'remove what was imported, except tasks that have run or were changed here',
  },
} as const;

export const importSnifferCommand = defineCommand({
  name: 'import-sniffer',
  usage: 'SOURCE | --undo',
  details: [
    'SOURCE is the table tasks of the older worker: a dump by mysqldump, a CSV file whose first row names the columns, or the',
    'address of a Postgres (postgres://...). Tasks that have ended are kept as history, with their results; the others are',
    'queued with copies of their files. The old table and folder are only read. Rows that cannot be imported are reported',
    'and left out. A second import adds only what is new. Stop the older worker first.',
  ],
  options: OPTIONS,
  examples: [
    'autophon import-sniffer tasks.sql --uploads /srv/old/uploads --dry-run',
    'autophon import-sniffer tasks.sql --uploads /srv/old/uploads',
    'autophon import-sniffer --undo',
  ],
  run: async ({ values, positionals }, context): Promise<ExitCode> => {
    if (values.undo) return undo(values, positionals, context);
    assertCount('import-sniffer', positionals, {
      min: 1,
      max: 1,
      what: 'one dump, CSV file or postgres://...',
    });
    const { uploads } = values;
    if (uploads === undefined) {
      throw usage('import-sniffer', '--uploads is missing: expected the folder UPLOADS of the older worker');
    }
    await using app = await openCommand(context);
    const answer = await unlessInterrupted((signal) =>
      importTasks(positionals[0] ?? '', uploads, { values, app, output: context.output, signal }),
    );
    if (answer !== null) return answer;
    context.output.note('interrupted; run it again to go on');
    return INTERRUPTED;
  },
});

function openCommand(context: CommandContext): Promise<App> {
  const config = configOf(context);
  return openApp(config, personalLog(context.output, config), 'import-sniffer');
}

interface Work {
  readonly values: Values<typeof OPTIONS>;
  readonly app: App;
  readonly output: Output;
  readonly signal: AbortSignal;
}

async function importTasks(given: string, oldUploadsDir: string, work: Work): Promise<ExitCode> {
  const { values, app, output, signal } = work;
  const { db, config } = app;
  const isDryRun = values['dry-run'];
  const resources = await loadResources(config, silentLog);
  const source = openSource(given, values.table ?? 'tasks');
  const plan = await planImport({
    db,
    source,
    oldUploadsDir,
    ...resources,
    uploadsDir: config.uploadsDir,
    taskLimits: config.taskLimits,
    keepFailedInputsSec: config.keepFailedInputsSec,
    asDrafts: values.drafts,
    signal,
  });
  const report = isDryRun
    ? { imported: plan.tasks, dictionaries: plan.dictionaries.length, faults: [] }
    : await runImport(plan, {
        db,
        uploads: openSite(db, config.uploadsDir),
        sourceName: source.name,
        minFreeDiskBytes: config.minFreeDiskBytes,
        signal,
        onProgress: (done) => output.draw([`${done} of ${plural(plan.tasks.length, 'task')}`]),
      });
  const faults = [...plan.faults, ...report.faults];
  const counts = countImported(report.imported);
  const soonRemoved = countSoonRemoved(report.imported, config.keepResultsSec);
  output.lines(formatCounts(counts, output.width));
  for (const line of summaryOf(plan, { ...report, isDryRun })) output.line(line);
  if (soonRemoved > 0)
    output.note(
      `${plural(soonRemoved, 'result is', 'results are')} older than KEEP_RESULTS: workers remove such results soon. To keep them, set KEEP_RESULTS=0 before a worker starts.`,
    );
  printFaults(faults, output);
  output.json({
    dryRun: isDryRun,
    soonRemoved,
    counts,
    tasks: report.imported.map(({ old, fate, files }) => ({
      taskId: old.oldId,
      line: old.line,
      user: old.user,
      oldStatus: old.oldStatus,
      fate,
      files: files.length,
    })),
    dictionaries: report.dictionaries,
    importedBefore: plan.importedBefore,
    deleted: plan.deleted,
    faults,
  });
  return faults.length === 0 ? 0 : 2;
}

function summaryOf(
  { importedBefore, deleted }: Plan,
  done: { readonly imported: readonly unknown[]; readonly dictionaries: number; readonly isDryRun: boolean },
): string[] {
  const verb = done.isDryRun ? 'would be imported' : 'imported';
  const lines = [
    `${plural(done.imported.length, 'task')} and ${plural(done.dictionaries, 'dictionary', 'dictionaries')} ${verb}`,
  ];
  if (importedBefore > 0) lines.push(`${plural(importedBefore, 'task')} imported before: nothing to do`);
  if (deleted > 0) lines.push(`${plural(deleted, 'task')} left out: deleted by their users`);
  return lines;
}

function printFaults(faults: readonly Fault[], output: Output): void {
  if (faults.length === 0) return;
  output.note(`${plural(faults.length, 'row')} cannot be imported:`);
  if (output.isJson) return;
  for (const fault of faults.slice(0, MAX_FAULTS)) output.note(`  ${formatFault(fault, output)}`);
  if (faults.length > MAX_FAULTS) output.note(`  and ${faults.length - MAX_FAULTS} more; --json has all`);
}

async function undo(
  values: Values<typeof OPTIONS>,
  positionals: readonly string[],
  context: CommandContext,
): Promise<ExitCode> {
  assertCount('import-sniffer --undo', positionals, { min: 0, max: 0, what: 'no arguments' });
  await using app = await openCommand(context);
  const { output } = context;
  const isDryRun = values['dry-run'];
  const undone = await undoImport(app.db, openSite(app.db, app.config.uploadsDir), isDryRun);
  const { removed, kept, dictionaries, keptDictionaries } = undone;
  const verb = isDryRun ? 'would be removed' : 'removed';
  output.line(`${plural(removed, 'task')} and ${plural(dictionaries, 'dictionary', 'dictionaries')} ${verb}`);
  if (removed > 0 && !isDryRun)
    output.line(
      'Workers remove their files within two minutes; without a worker, run "autophon clean" after a minute.',
    );
  for (const taskId of kept)
    output.note(`task ${taskId} is kept: it has run or was changed here since it was imported`);
  for (const file of keptDictionaries) output.note(`${file} is kept: it was changed since it was imported`);
  output.json({ dryRun: isDryRun, removed, kept, dictionaries, keptDictionaries });
  return 0;
}
