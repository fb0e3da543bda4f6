import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Books, Violation } from './audit/books.ts';

/** Keeps what is needed to find out why: the logs of instances and engines, and all that is known of the tasks. */
export async function keepEvidence(
  dir: string,
  logsDir: string,
  violations: readonly Violation[],
  books: Books,
): Promise<void> {
  await rm(dir, { recursive: true, force: true });
  await mkdir(dir, { recursive: true });
  await cp(logsDir, path.join(dir, 'logs'), { recursive: true });
  const byId = new Map(books.tasks.map((row) => [row.task_id, row]));
  const cases = violations.map((violation) => {
    const row = byId.get(violation.taskId ?? '');
    return {
      ...violation,
      row,
      events: row && books.events.get(row.id)?.map((event) => JSON.stringify(event)),
      files: row && books.files.get(row.id),
    };
  });
  await writeFile(path.join(dir, 'findings.json'), `${JSON.stringify(cases, null, 2)}\n`);
  const history = [...books.events.values()].flat().sort((a, b) => a.at.getTime() - b.at.getTime());
  await writeFile(
    path.join(dir, 'history.jsonl'),
    history.map((event) => `${JSON.stringify(event)}\n`).join(''),
  );
}
