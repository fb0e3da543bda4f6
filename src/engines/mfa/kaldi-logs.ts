import { open } from 'node:fs/promises';
import path from 'node:path';
import { visibleLine } from '../../base/visible-text.ts';
import { openProcessLog } from '../process/log.ts';

/** Keeps the messages of Kaldi: it writes them to files of its own, which are deleted after the run. */
export interface KaldiLogs {
  /** Looks for the name of such a file in a line of MFA's output. */
  read(line: string): void;
  /**
   * Copies the end of the files that MFA named to the log of the task.
   * @returns the last line in them that reports an error; null: there is none
   */
  copyTo(logPath: string): Promise<string | null>;
}

/** A line that has only the name of a file, absolute or relative to the folder in which MFA was started. */
const LOG_FILE = /^\S+\.log$/;
const MAX_FILES = 3;
const TAIL_BYTES = 16 * 1024;
const ERROR_LINE = /^(?:\S+: )?(?:ERROR|FATAL|ASSERTION_FAILED)\b.*$/gm;

/** @param workDir - files outside it are never read */
export function watchKaldiLogs(workDir: string): KaldiLogs {
  const files = new Set<string>();
  return {
    read: (line) => {
      const name = line.trim();
      if (files.size === MAX_FILES || !LOG_FILE.test(name)) return;
      const file = path.resolve(workDir, name);
      if (file.startsWith(`${path.resolve(workDir)}${path.sep}`)) files.add(file);
    },
    copyTo: async (logPath) => {
      let error: string | null = null;
      if (files.size === 0) return error;
      const log = await openProcessLog(logPath);
      for (const file of files) {
        const tail = await readTail(file);
        if (tail === null) continue;
        log.note(`the end of Kaldi's own log, ${path.relative(workDir, file)}:`);
        log.write(tail);
        error = tail.toString('utf8').match(ERROR_LINE)?.at(-1) ?? error;
      }
      await log.close();
      // The reader cannot use the paths of folders that are already deleted.
      return error === null ? null : visibleLine(error.replace(/[^\s"']*\//g, ''));
    },
  };
}

async function readTail(file: string): Promise<Buffer | null> {
  try {
    await using handle = await open(file);
    const { size } = await handle.stat();
    const tail = Buffer.alloc(Math.min(size, TAIL_BYTES));
    const { bytesRead } = await handle.read(tail, 0, tail.length, size - tail.length);
    return tail.subarray(0, bytesRead);
  } catch {
    return null;
  }
}
