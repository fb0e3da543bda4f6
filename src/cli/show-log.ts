import { setTimeout as delay } from 'node:timers/promises';
import type { App } from '../app/open.ts';
import { HIDES_NOTHING } from '../base/hide-folders.ts';
import { isDatabaseAway } from '../db/statement-fault.ts';
import { readTaskLog } from '../tasks/task-log.ts';
import { waitForTasks } from '../tasks/wait.ts';
import { type ExitCode, INTERRUPTED } from './command.ts';
import type { Output } from './output.ts';

const LOOK_MS = 250;

interface LogEnd {
  /** Number of the attempt whose log was shown last; null: there was none. */
  readonly attempt: number | null;
  readonly bytes: number;
}

/** Prints the log of a task's last attempt. */
export async function showLog(taskId: string, { db, config }: App, output: Output): Promise<ExitCode> {
  let text = '';
  const { bytes, attempt } = await readOn(
    null,
    (from) => readTaskLog(db, taskId, config.logsDir, from, HIDES_NOTHING),
    {
      onText: (piece) => {
        text += piece;
      },
      onAttempt: () => undefined,
    },
  );
  if (bytes === 0) noteNothing(attempt, config.logsDir, output);
  else output.lines(text.replace(/\n$/, '').split('\n'));
  output.json({ taskId, attempt, log: text });
  return 0;
}

/** Prints the log of a task until it has ended, through all its attempts. Ctrl-C ends only the display. */
export async function followLog(taskId: string, { db, config }: App, output: Output): Promise<ExitCode> {
  const interrupt = new AbortController();
  const onInterrupt = () => interrupt.abort();
  process.once('SIGINT', onInterrupt);
  const lines = new LineByLine((line) => output.line(line));
  let hasEnded = false;
  const watched = waitForTasks(db, [taskId], {
    signal: interrupt.signal,
    onSnapshot: () => undefined,
    onDatabaseAway: () => output.note('the database does not answer; waiting for it'),
  }).finally(() => {
    hasEnded = true;
  });
  watched.catch(() => undefined);
  try {
    let end: LogEnd | null = null;
    for (;;) {
      // Asked before reading, so that what was written before the end is shown, too.
      const isLast = hasEnded;
      end = await readOn(end, (from) => readTaskLog(db, taskId, config.logsDir, from, HIDES_NOTHING), {
        onText: (text) => lines.add(text),
        onAttempt: (attempt) => output.note(`attempt ${attempt}`),
      }).catch((error: unknown) => {
        if (isDatabaseAway(error)) return end;
        throw error;
      });
      if (isLast) break;
      await Promise.race([watched.catch(() => undefined), delay(LOOK_MS)]);
    }
    lines.end();
    const [task] = await watched;
    if (interrupt.signal.aborted) return INTERRUPTED;
    if ((end?.bytes ?? 0) === 0) noteNothing(end?.attempt ?? null, config.logsDir, output);
    output.note(`task ${taskId} is ${task?.task_status}`);
    return 0;
  } finally {
    process.off('SIGINT', onInterrupt);
  }
}

interface Reader {
  readonly onText: (text: string) => void;
  /** Called before the text of an attempt other than that of `from`. */
  readonly onAttempt: (attempt: number) => void;
}

/** Reads all that was written after an earlier end. @returns the new end */
async function readOn(
  from: LogEnd | null,
  read: (from: number) => ReturnType<typeof readTaskLog>,
  { onText, onAttempt }: Reader,
): Promise<LogEnd> {
  let at: LogEnd = from ?? { attempt: null, bytes: 0 };
  for (;;) {
    const { text, end, attempt } = await read(at.bytes);
    if (attempt !== at.attempt) {
      // The text was read at a position that belongs to the log of another attempt.
      if (attempt !== null) onAttempt(attempt);
      at = { attempt, bytes: 0 };
      continue;
    }
    if (text.length === 0) return at;
    onText(text.toString());
    at = { attempt, bytes: end };
  }
}

/** Joins pieces of text to lines. */
class LineByLine {
  readonly #onLine: (line: string) => void;
  #rest = '';

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  add(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#onLine(line);
  }

  end(): void {
    if (this.#rest !== '') this.#onLine(this.#rest);
    this.#rest = '';
  }
}

function noteNothing(attempt: number | null, logsDir: string, output: Output): void {
  output.note(
    attempt === null
      ? 'there is no log: the task has not started'
      : `there is no log of attempt ${attempt} in ${logsDir}: no program was started, the log was removed, or the worker has another folder LOGS`,
  );
}
