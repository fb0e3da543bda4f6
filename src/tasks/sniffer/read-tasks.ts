import { type Fault, TaskError } from '../../base/errors.ts';
import { findingAt, formatPlace } from '../../base/finding.ts';
import { type OldTask, OldTaskReader } from './old-task.ts';
import type { Source } from './open-source.ts';
import { isUnreadable } from './source.ts';

const MAX_ROWS = 1_000_000;

/**
 * All tasks of the older worker's table, each id once.
 * @param faults - gets what is wrong with rows that cannot be read
 * @throws TaskError E_USAGE, E_LIMIT
 */
export async function readTasks(source: Source, faults: Fault[], signal: AbortSignal): Promise<OldTask[]> {
  const reader = new OldTaskReader(source.name);
  const lines = new Map<string, number>();
  const tasks: OldTask[] = [];
  for await (const row of source.rows) {
    signal.throwIfAborted();
    const place = { file: source.name, line: row.line };
    const task = isUnreadable(row) ? findingAt('E_USAGE' as const, place, row.text) : reader.read(row);
    if ('code' in task) {
      faults.push(task);
      continue;
    }
    const earlier = lines.get(task.oldId);
    if (earlier !== undefined) {
      faults.push(
        findingAt(
          'E_USAGE',
          place,
          `task ${task.oldId}: a second row of this id; the first is in ${formatPlace({ line: earlier })}`,
        ),
      );
      continue;
    }
    lines.set(task.oldId, task.line);
    tasks.push(task);
    if (tasks.length > MAX_ROWS)
      throw new TaskError('E_LIMIT', `more than ${MAX_ROWS} tasks; divide the table`, { place });
  }
  return tasks;
}
