import { globSync } from 'node:fs';
import path from 'node:path';
import type { SiteResources } from '../../src/app/resources.ts';
import { shortId } from '../../src/base/short-id.ts';
import type { Output } from '../../src/cli/output.ts';
import { formatTable } from '../../src/cli/table.ts';
import { formatTaskError, secondsTaken } from '../../src/cli/task-text.ts';
import type { Config } from '../../src/config.ts';
import type { TaskRow } from '../../src/db/tasks.ts';
import { taskPlacesOf } from '../../src/tasks/describe.ts';
import type { SampleTask } from './samples.ts';

/** One line per task, then the place of its zip. */
export function formatResults(rows: readonly TaskRow[], config: Config): string[] {
  const right = (title: string) => ({ title, align: 'right' as const });
  const table = formatTable(
    [
      { title: 'task' },
      { title: 'user' },
      { title: 'language' },
      right('files'),
      right('tiers'),
      right('audio s'),
      right('taken s'),
      right('words'),
      right('warnings'),
      { title: 'status' },
    ],
    rows.map((row) => [
      shortId(row.task_id),
      row.user_uuid,
      row.lang ?? '',
      String(row.no_of_files ?? ''),
      String(row.no_of_tiers ?? ''),
      row.audio_seconds?.toFixed(1) ?? '',
      secondsTaken(row)?.toFixed(1) ?? '',
      String(row.words ?? ''),
      String(row.warnings.length),
      row.task_status,
    ]),
  );
  const zips = rows.map((row) => [
    shortId(row.task_id),
    relative(taskPlacesOf(row, config).resultPath ?? 'none'),
  ]);
  return [...table, '', ...formatTable([{ title: 'task' }, { title: 'zip' }], zips)];
}

/** Why a task was not completed, and where to read more. */
export function formatEnd(row: TaskRow, config: Config, output: Output): string[] {
  const { logPath } = taskPlacesOf(row, config);
  return [
    '',
    `task ${row.task_id} is ${row.task_status}`,
    ...formatTaskError(row, output),
    ...(logPath === null ? [] : [`log: ${relative(logPath)}`]),
  ];
}

/** How to open the tiers of the first zip. */
export function formatHowToLook(
  rows: readonly TaskRow[],
  tasks: readonly SampleTask[],
  languages: SiteResources['languages'],
  config: Config,
  output: Output,
): string[] {
  const [task] = tasks;
  const row = rows.find(({ task_id }) => task_id === task?.taskId);
  const [audio] = globSync('**/*.wav', { cwd: task?.dir ?? '.' }).sort();
  if (task === undefined || row === undefined || audio === undefined) return [];
  const { resultPath } = taskPlacesOf(row, config);
  const { alphabet = '' } = languages.get(row.lang ?? '') ?? {};
  const audioPath = relative(path.join(task.dir, audio));
  const grid = `${path.parse(audio).name}.TextGrid`;
  return [
    output.paint('Look at a result in Praat', 'bold'),
    `  1. unzip ${relative(resultPath ?? '')} -d result`,
    `  2. In Praat: Open > Read from file... : ${audioPath}, and result/${alphabet}/${grid}`,
    `     (result/IPA/${grid} has the phones in IPA)`,
    '  3. Select both in the list of objects, then View & Edit',
    `  Or, with both files: praat --open ${audioPath} result/${alphabet}/${grid}`,
    `All about a task, its warnings too: bin/autophon show ${shortId(row.task_id)}`,
  ];
}

function relative(file: string): string {
  const short = path.relative(process.cwd(), file);
  return short.startsWith('..') ? file : short;
}
