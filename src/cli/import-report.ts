import { formatBytes } from '../base/bytes.ts';
import type { PlannedTask } from '../tasks/sniffer/plan.ts';
import { formatTable } from './table.ts';

const DONE: Readonly<Record<PlannedTask['fate'], string>> = {
  draft: 'files copied, kept as a draft',
  queued: 'files copied, queued',
  completed: 'kept as history, result copied',
  failed: 'kept as history',
  cancelled: 'kept as history',
  expired: 'kept as history without files',
};

const STATUS: Readonly<Record<PlannedTask['fate'], string>> = {
  draft: 'uploading',
  queued: 'uploaded',
  completed: 'completed',
  failed: 'failed',
  cancelled: 'cancelled',
  expired: 'expired',
};

export interface ImportCount {
  readonly oldStatus: string;
  readonly status: string;
  readonly done: string;
  readonly tasks: number;
  readonly files: number;
  readonly bytes: number;
}

/** Counts tasks by their status there and here. */
export function countImported(tasks: readonly PlannedTask[]): ImportCount[] {
  const groups = Map.groupBy(tasks, ({ old, fate }) => `${old.oldStatus} ${fate}`);
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const files = group.flatMap((task) => task.files);
    return [
      {
        oldStatus: first.old.oldStatus,
        status: STATUS[first.fate],
        done: DONE[first.fate],
        tasks: group.length,
        files: files.length,
        bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
      },
    ];
  });
}

/** Completed tasks whose results workers remove soon after the import. @param keepResultsSec - 0: they stay */
export function countSoonRemoved(tasks: readonly PlannedTask[], keepResultsSec: number): number {
  if (keepResultsSec === 0) return 0;
  const before = Date.now() - keepResultsSec * 1000;
  return tasks.filter(
    ({ fate, old }) => fate === 'completed' && old.endedAt !== null && old.endedAt.getTime() < before,
  ).length;
}

export function formatCounts(counts: readonly ImportCount[], width: number | null): string[] {
  if (counts.length === 0) return [];
  return formatTable(
    [
      { title: 'there' },
      { title: 'tasks', align: 'right' },
      { title: 'here' },
      { title: 'what is done', shrinks: true },
      { title: 'files', align: 'right' },
      { title: 'size', align: 'right' },
    ],
    counts.map(({ oldStatus, status, done, tasks, files, bytes }) => [
      oldStatus,
      `${tasks}`,
      status,
      done,
      `${files}`,
      formatBytes(bytes),
    ]),
    width,
  );
}
