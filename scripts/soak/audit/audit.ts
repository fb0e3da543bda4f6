import type { Ended } from '../fleet.ts';
import type { Ledger, Submission } from '../ledger.ts';
import type { Place } from '../place.ts';
import type { Testimony } from '../testimony.ts';
import type { Books, EventRow, Finding, TaskRow, Violation } from './books.ts';
import { checkCrashes } from './deaths.ts';
import { checkHistory } from './history.ts';
import { findLeftovers } from './leftovers.ts';
import { matchSubmissions } from './submissions.ts';
import { checkFiles, listFilesIn, type TaskOnDisk } from './task-files.ts';
import { checkTestimony } from './testimony-rules.ts';

export interface AuditOptions {
  readonly place: Pick<Place, 'uploadsDir' | 'tempDir' | 'logsDir'>;
  readonly ledger: Ledger;
  readonly testimony: Testimony;
  /** After so many deaths of its worker a task is given up. */
  readonly crashLimit: number;
  /** So many tries that failed have a task fail for good. */
  readonly retryLimit: number;
  /** Of all instances that have ended. */
  readonly ends: readonly Ended[];
  /** Processes of instances that have not ended. */
  readonly instancePids: readonly number[];
  /** Not everything has had its time to be removed: logs of deleted tasks are not looked for. */
  readonly isHurried: boolean;
}

/** What a disturbed machine may do to any task, beside what its engine does. */
const AMBIENT_CODES: readonly string[] = ['E_CRASHED', 'E_DISK_FULL'];
/** What only files that are not there explain; the soak takes none away for good. */
const MISSING_CODES = /^(E_NO_FILES|E_AUDIO_MISSING|E_TRANSCRIPT_MISSING)\b/;

/** Judges by the database, the disk and what users remember, when every instance has ended. */
export async function audit(books: Books, options: AuditOptions): Promise<Violation[]> {
  const { ledger, place } = options;
  const { known, violations } = matchSubmissions(books, ledger);
  const onDisk = sortFiles(await listFilesIn(place.uploadsDir));
  for (const { row, submission } of known) {
    const found = [
      ...checkRow(row, submission, books, options),
      ...(submission.isStripped ? [] : await checkTaskFiles(row, submission, books, onDisk, options)),
    ];
    violations.push(...found.map((one) => ({ ...one, taskId: row.task_id })));
  }
  if (books.openJobCount > 0)
    violations.push({
      rule: 'the queue is empty',
      taskId: null,
      message: `${books.openJobCount} jobs wait or run`,
    });
  violations.push(...checkTestimony(options.testimony, ledger));
  violations.push(...(await findLeftovers(books, ledger, place, options)));
  return violations;
}

/** What can be said of a task by its row and its history, also while the soak still goes on. */
export function checkRow(
  row: TaskRow,
  { behaviour, isStripped }: Pick<Submission, 'behaviour' | 'isStripped'>,
  books: Books,
  { ends, crashLimit, retryLimit }: Pick<AuditOptions, 'ends' | 'crashLimit' | 'retryLimit'>,
): Finding[] {
  const events = books.events.get(row.id) ?? [];
  const isDeadly = behaviour.end === 'E_CRASHED';
  return [
    ...(isStripped
      ? []
      : [...checkEnd(row, behaviour, { crashLimit, retryLimit }), ...checkFailures(events)]),
    ...checkCrashes(row, events, { ends, isDeadly }, crashLimit),
    ...checkHistory(row, events, books.edges).map((message) => ({
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

/** Also of a task that was tried again since. */
function checkFailures(events: readonly EventRow[]): Finding[] {
  return events
    .filter(({ to_status, note }) => to_status === 'failed' && MISSING_CODES.test(note ?? ''))
    .map(({ at, note }) => ({
      rule: 'no task fails for want of files that are there' as const,
      message: `failed at ${at.toISOString()} with ${note}`,
    }));
}

function checkTaskFiles(
  row: TaskRow,
  submission: Submission,
  books: Books,
  onDisk: ReadonlyMap<string, readonly string[]>,
  { place, testimony }: AuditOptions,
): Promise<Finding[]> {
  const disk: TaskOnDisk = {
    inputs: onDisk.get(`${row.task_path}`) ?? [],
    results: onDisk.get(`${row.user_uuid}/otp/${row.task_id}`) ?? [],
  };
  return checkFiles(row, books.files.get(row.id) ?? [], submission.stems, disk, {
    uploadsDir: place.uploadsDir,
    adopted: testimony.adopted,
  });
}

/** By `<user>/upl/<folder>` and `<user>/otp/<task_id>`. */
function sortFiles(files: readonly string[]): ReadonlyMap<string, readonly string[]> {
  return Map.groupBy(files, (file) => file.split('/').slice(0, 3).join('/'));
}
