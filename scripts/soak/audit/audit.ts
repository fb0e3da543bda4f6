import type { Ended } from '../fleet.ts';
import type { InstanceLogs } from '../instance-logs.ts';
import type { SoakDirs } from '../soak-dirs.ts';
import type { Submission, Submissions } from '../submissions.ts';
import { checkCrashes } from './deaths.ts';
import type { EventRow, FinalRows, Finding, TaskRow, Violation } from './final-rows.ts';
import { checkHistory } from './history.ts';
import { checkLogs } from './log-rules.ts';
import { matchSubmissions } from './match-submissions.ts';
import { findStrayFiles } from './stray-files.ts';
import { checkFiles, listFilesIn, type TaskOnDisk } from './task-files.ts';

export interface AuditOptions {
  readonly dirs: Pick<SoakDirs, 'uploadsDir' | 'tempDir' | 'logsDir'>;
  readonly submissions: Submissions;
  readonly instanceLogs: InstanceLogs;
  /** A task fails after this number of deaths of its worker. */
  readonly crashLimit: number;
  /** A task fails for good after this number of failed attempts. */
  readonly retryLimit: number;
  /** How all ended instances ended. */
  readonly ends: readonly Ended[];
  /** Processes of instances that have not ended. */
  readonly instancePids: readonly number[];
  /** True if there was not enough time to remove everything: then logs of deleted tasks are not checked. */
  readonly isHurried: boolean;
}

/** Codes with which a disturbed machine may fail any task, in addition to those of its engine. */
const AMBIENT_CODES: readonly string[] = ['E_CRASHED', 'E_DISK_FULL'];
/** Codes that only missing files explain. The soak takes no file away for good. */
const MISSING_CODES = /^(E_NO_FILES|E_AUDIO_MISSING|E_TRANSCRIPT_MISSING)\b/;

/** Checks the database, the disk and what the users did, after every instance has ended. */
export async function audit(finalRows: FinalRows, options: AuditOptions): Promise<Violation[]> {
  const { submissions, dirs } = options;
  const { known, violations } = matchSubmissions(finalRows, submissions);
  const onDisk = sortFiles(await listFilesIn(dirs.uploadsDir));
  for (const { row, submission } of known) {
    const found = [
      ...checkRow(row, submission, finalRows, options),
      ...(submission.isStripped ? [] : await checkTaskFiles(row, submission, finalRows, onDisk, options)),
    ];
    violations.push(...found.map((one) => ({ ...one, taskId: row.task_id })));
  }
  if (finalRows.openJobCount > 0)
    violations.push({
      rule: 'the queue is empty',
      taskId: null,
      message: `${finalRows.openJobCount} jobs wait or run`,
    });
  violations.push(...checkLogs(options.instanceLogs, submissions));
  violations.push(...(await findStrayFiles(finalRows, submissions, dirs, options)));
  return violations;
}

/** What can be checked for a task by its row and its history, also while the soak goes on. */
export function checkRow(
  row: TaskRow,
  { behaviour, isStripped }: Pick<Submission, 'behaviour' | 'isStripped'>,
  finalRows: FinalRows,
  { ends, crashLimit, retryLimit }: Pick<AuditOptions, 'ends' | 'crashLimit' | 'retryLimit'>,
): Finding[] {
  const events = finalRows.events.get(row.id) ?? [];
  const isDeadly = behaviour.end === 'E_CRASHED';
  return [
    ...(isStripped
      ? []
      : [...checkEnd(row, behaviour, { crashLimit, retryLimit }), ...checkFailures(events)]),
    ...checkCrashes(row, events, { ends, isDeadly }, crashLimit),
    ...checkHistory(row, events, finalRows.edges).map((message) => ({
      rule: 'history explains the row' as const,
      message,
    })),
  ];
}

function checkEnd(
  row: TaskRow,
  { name, end, endWithoutTries }: Submission['behaviour'],
  { crashLimit, retryLimit }: Pick<AuditOptions, 'crashLimit' | 'retryLimit'>,
): Finding[] {
  const { task_status: status, error_code: code } = row;
  if (!['completed', 'failed', 'cancelled'].includes(status))
    return [
      { rule: 'every task has ended', message: `is ${status}, stage ${row.stage}, fence ${row.fence}` },
    ];
  if (status === 'cancelled') return [];
  const found = status === 'completed' ? 'completed' : (code ?? 'no code');
  const isExplained =
    found === end ||
    (found === endWithoutTries && row.attempts - row.crashes >= retryLimit) ||
    (AMBIENT_CODES.includes(found) && (found !== 'E_CRASHED' || row.crashes >= crashLimit));
  if (isExplained) return [];
  const message = `"${name}" ends with ${end}, this one with ${found} (${row.error_message ?? 'no message'})`;
  return [{ rule: 'every end is explained', message }];
}

/** Also for a task that was retried since. */
function checkFailures(events: readonly EventRow[]): Finding[] {
  return events
    .filter(({ to_status, note }) => to_status === 'failed' && MISSING_CODES.test(note ?? ''))
    .map(({ at, note }) => ({
      rule: 'no task fails for missing files that are there' as const,
      message: `failed at ${at.toISOString()} with ${note}`,
    }));
}

function checkTaskFiles(
  row: TaskRow,
  submission: Submission,
  finalRows: FinalRows,
  onDisk: ReadonlyMap<string, readonly string[]>,
  { dirs, instanceLogs }: AuditOptions,
): Promise<Finding[]> {
  const disk: TaskOnDisk = {
    inputs: onDisk.get(`${row.task_path}`) ?? [],
    results: onDisk.get(`${row.user_uuid}/otp/${row.task_id}`) ?? [],
  };
  return checkFiles(row, finalRows.files.get(row.id) ?? [], submission.stems, disk, {
    uploadsDir: dirs.uploadsDir,
    adopted: instanceLogs.adopted,
  });
}

/** By `<user>/upl/<folder>` and `<user>/otp/<task_id>`. */
function sortFiles(files: readonly string[]): ReadonlyMap<string, readonly string[]> {
  return Map.groupBy(files, (file) => file.split('/').slice(0, 3).join('/'));
}
