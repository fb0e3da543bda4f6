import type { App } from '../app/open.ts';
import type { Warning } from '../base/errors.ts';
import { formatFinding } from '../base/finding.ts';
import { taskPlacesOf } from '../tasks/describe.ts';
import { waitForTasks } from '../tasks/wait.ts';
import { type ExitCode, INTERRUPTED } from './command.ts';
import type { Output } from './output.ts';
import { TaskDisplay } from './task-display.ts';
import { formatTaskError, formatWarnings, taskDocument } from './task-text.ts';

export interface FollowedTask {
  readonly exitCode: ExitCode;
  /** The task as it was last seen, for --json. */
  readonly task: ReturnType<typeof taskDocument> | null;
}

/**
 * Shows one task until it has ended, then its outcome. Ctrl-C ends only the display.
 * @param known - warnings that were shown already
 */
export async function followTask(
  taskId: string,
  known: readonly Warning[],
  app: App,
  output: Output,
): Promise<FollowedTask> {
  const interrupt = new AbortController();
  const onInterrupt = () => interrupt.abort();
  process.once('SIGINT', onInterrupt);
  const display = new TaskDisplay(output, { expectsWorker: true });
  try {
    const [task] = await waitForTasks(app.db, [taskId], {
      signal: interrupt.signal,
      onSnapshot: (snapshot) => display.show(snapshot),
      onDatabaseAway: () => output.note('the database does not answer; waiting for it'),
    });
    output.keepDrawn();
    if (task === undefined) return { exitCode: INTERRUPTED, task: null };
    const places = taskPlacesOf(task, app.config);
    const document = taskDocument(task, places);
    if (interrupt.signal.aborted) {
      output.note(`task ${taskId} goes on; see it with: autophon show ${taskId}`);
      return { exitCode: INTERRUPTED, task: document };
    }
    const said = new Set(known.map(formatFinding));
    const warnings = task.warnings.filter((warning) => !said.has(formatFinding(warning)));
    return { exitCode: printEnd({ ...task, warnings }, places, output), task: document };
  } finally {
    process.off('SIGINT', onInterrupt);
  }
}

/** Prints the outcome of a task: where the result is, or all faults and the path of the log. */
export function printEnd(
  task: Parameters<typeof taskDocument>[0],
  { resultPath, logPath }: Parameters<typeof taskDocument>[1],
  output: Output,
): ExitCode {
  if (task.task_status === 'completed') {
    output.lines(formatWarnings(task.warnings, output, Number.POSITIVE_INFINITY));
    output.line(`result: ${resultPath}`);
    return 0;
  }
  if (output.isJson) return 1;
  output.note(
    `task ${task.task_id} is ${task.task_status}${task.status_note === null ? '' : `: ${task.status_note}`}`,
  );
  for (const line of formatTaskError(task, output)) output.note(line);
  if (logPath !== null) output.note(`log: ${logPath}`);
  return 1;
}
