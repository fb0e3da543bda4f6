import { open } from 'node:fs/promises';
import path from 'node:path';
import { visibleLine } from '../../base/visible-text.ts';
import { openProcessLog } from '../process/log.ts';

/** Messages of Kaldi go into separate files, in folders that are removed with the run. */
export interface KaldiLogs {
  /** Looks for the name of such a file in a line of MFA's output. */
  read(line: string): void;
  /**
   * Copies the end of the files that MFA named into the task's log.
   * @returns the last line in them that tells of an error; null: none does
   */
  copyTo(logPath: string): Promise<string | null>;
}

/** A line that is nothing but a file's name. Relative to the folder that MFA was started in, or absolute. */
const LOG_FILE = /^\S+\.log$/;
const MAX_FILES = 3;
const TAIL_BYTES = 16 * 1024;
const ERROR_LINE = /^(?:\S+: )?(?:ERROR|FATAL|ASSERTION_FAILED)\b.*$/gm;

/** @param workDir - files outside of it are left alone, whatever MFA says */
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
      // Paths of a folder that is already removed are of no use to the reader.
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
