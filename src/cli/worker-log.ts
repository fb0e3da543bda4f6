import { fstatSync } from 'node:fs';
import { type ClosableLog, createLog, type LogOptions } from '../base/create-log.ts';
import { messageOf, TaskError } from '../base/errors.ts';
import type { Config } from '../config.ts';
import type { Environment } from '../environment.ts';

const STANDARD_ERROR = 2;

/**
 * The log of a worker: standard error, and the file in LOGS.
 * @throws TaskError E_CONFIG when it cannot be written there
 */
export function openWorkerLog(config: Config, environment: Environment): ClosableLog {
  try {
    return createLog({
      level: config.logLevel,
      format: config.logFormat,
      dir: config.logsDir,
      console: kindOfConsole(environment),
    });
  } catch (cause) {
    const reason = messageOf(cause);
    throw new TaskError(
      'E_CONFIG',
      `LOGS=${config.logsDir}: the log cannot be written there: ${reason}. Set LOGS, or DATA_DIR for all data, to a folder that this user may write to.`,
      {
        cause,
      },
    );
  }
}

/** Source: systemd.exec(5), JOURNAL_STREAM; no-color.org. */
function kindOfConsole({ JOURNAL_STREAM, NO_COLOR, TERM }: Environment): NonNullable<LogOptions['console']> {
  if (process.stderr.isTTY) return (NO_COLOR ?? '') !== '' || TERM === 'dumb' ? 'plain' : 'terminal';
  // A program below a unit of systemd inherits the variable, even if its output goes elsewhere.
  const { dev, ino } = fstatSync(STANDARD_ERROR);
  return JOURNAL_STREAM === `${dev}:${ino}` ? 'journal' : 'plain';
}
