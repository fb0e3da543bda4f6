import { readdir } from 'node:fs/promises';
import type { Place } from '../place.ts';
import { findProcessesIn, isRunning } from '../processes.ts';
import { temperOf } from '../tempers.ts';
import type { Books, TaskRow, Violation } from './books.ts';
import { checkHistory } from './history.ts';
import { checkFiles, listFilesIn, readLabels, type TaskOnDisk } from './task-files.ts';

export interface AuditOptions {
  readonly place: Pick<Place, 'uploadsDir' | 'tempDir'>;
  /** After so many deaths of its worker a task is given up. */
  readonly crashLimit: number;
  /** So many tries that failed have a task fail for good. */
  readonly retryLimit: number;
  /** Processes of all instances that ever were. */
  readonly instancePids: readonly number[];
}

/** What a disturbed machine may do to any task, beside what its temper does. */
const AMBIENT_CODES: readonly string[] = ['E_CRASHED', 'E_DISK_FULL'];

/** Judges by the database and the disk alone, when every instance has ended. */
export async function audit(books: Books, options: AuditOptions): Promise<Violation[]> {
  const { uploadsDir, tempDir } = options.place;
  const onDisk = sortFiles(await listFilesIn(uploadsDir));
  const violations: Violation[] = [];
  for (const row of books.tasks) {
    const disk = onDisk.tasks.get(row.task_id) ?? { inputs: [], results: [] };
    onDisk.tasks.delete(row.task_id);
    const found = [
      ...(await checkEnd(row, disk, options)),
      ...checkHistory(row, books.events.get(row.id) ?? [], books.edges).map((message) => ({
        rule: 'history explains the row' as const,
        message,
      })),
      ...(await checkFiles(row, books.files.get(row.id) ?? [], disk, uploadsDir)),
    ];
    violations.push(...found.map((one) => ({ ...one, taskId: row.task_id })));
  }
  for (const taskId of onDisk.tasks.keys())
    violations.push({ rule: 'every task is there', taskId, message: 'has files and no row' });
  if (books.openJobCount > 0)
    violations.push({
      rule: 'the queue is empty',
      taskId: null,
      message: `${books.openJobCount} jobs wait or run`,
    });
  const left = [
    ...onDisk.strangers,
    ...(await readdir(tempDir)).map((name) => `temp/${name}`),
    ...findProcessesIn(tempDir).map(({ pid, command }) => `process ${pid}: ${command}`),
    ...options.instancePids.filter(isRunning).map((pid) => `instance, process ${pid}`),
  ];
  for (const message of left)
    violations.push({ rule: 'no process, temp folder or file is left', taskId: null, message });
  return violations;
}

async function checkEnd(
  row: TaskRow,
  disk: TaskOnDisk,
  { place, crashLimit, retryLimit }: AuditOptions,
): Promise<Omit<Violation, 'taskId'>[]> {
  const { task_status: status, error_code: code } = row;
  if (!['completed', 'failed', 'cancelled'].includes(status))
    return [
      { rule: 'every task has ended', message: `is ${status}, stage ${row.stage}, fence ${row.fence}` },
    ];
  if (status === 'cancelled') return [];
  const { name, end, endWithoutTries } = temperOf(await readLabels(place.uploadsDir, disk));
  const found = status === 'completed' ? 'completed' : (code ?? 'no code');
  const isExplained =
    found === end ||
    (found === endWithoutTries && row.attempts - row.crashes >= retryLimit) ||
    (AMBIENT_CODES.includes(found) && (found !== 'E_CRASHED' || row.crashes >= crashLimit));
  if (isExplained) return [];
  const message = `temper "${name}" ends with ${end}, this one with ${found} (${row.error_message ?? 'no message'})`;
  return [{ rule: 'every end is explained', message }];
}

/** `<user>/upl/<task>/...` and `<user>/otp/<task>/...`; whatever else there is is a stranger. */
function sortFiles(files: readonly string[]): { tasks: Map<string, TaskOnDisk>; strangers: string[] } {
  const tasks = new Map<string, { inputs: string[]; results: string[] }>();
  const strangers: string[] = [];
  for (const file of files) {
    const [, kind, taskId, ...rest] = file.split('/');
    if (taskId === undefined || rest.length === 0 || (kind !== 'upl' && kind !== 'otp')) {
      strangers.push(file);
      continue;
    }
    const task = tasks.get(taskId) ?? { inputs: [], results: [] };
    tasks.set(taskId, task);
    (kind === 'upl' ? task.inputs : task.results).push(file);
  }
  return { tasks, strangers };
}
