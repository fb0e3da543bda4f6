import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { FinalRows, Violation } from './audit/final-rows.ts';

/** Keeps what is needed to find the cause: the logs of instances and engines, and all rows of the tasks. */
export async function keepEvidence(
  dir: string,
  logsDir: string,
  violations: readonly Violation[],
  finalRows: FinalRows,
): Promise<void> {
  await rm(dir, { recursive: true, force: true });
  await mkdir(dir, { recursive: true });
  await cp(logsDir, path.join(dir, 'logs'), { recursive: true });
  const byId = new Map(finalRows.tasks.map((row) => [row.task_id, row]));
  const cases = violations.map((violation) => {
    const row = byId.get(violation.taskId ?? '');
    return {
      ...violation,
      row,
      events: row && finalRows.events.get(row.id)?.map((event) => JSON.stringify(event)),
      files: row && finalRows.files.get(row.id),
    };
  });
  await writeFile(path.join(dir, 'findings.json'), `${JSON.stringify(cases, null, 2)}\n`);
  const history = [...finalRows.events.values()].flat().sort((a, b) => a.at.getTime() - b.at.getTime());
  await writeFile(
    path.join(dir, 'history.jsonl'),
    history.map((event) => `${JSON.stringify(event)}\n`).join(''),
  );
}
