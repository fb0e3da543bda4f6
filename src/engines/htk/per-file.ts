import { appendFile, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { type ErrorCode, type Fault, TaskError } from '../../base/errors.ts';
import { findingAt } from '../../base/finding.ts';
import type { AlignedTier, AlignmentFile, AlignmentRequest, EngineContext } from '../engine.ts';

/** The context of an engine's starts for one file. */
export interface FileContext extends Omit<EngineContext, 'workDir' | 'timeoutSec' | 'report' | 'coreCount'> {
  /** An empty folder for this file alone. */
  readonly dir: string;
  /** The time that is left for the whole run. It is never 0, so that a start that is too late ends by its time limit. */
  readonly leftSec: () => number;
  /** Writes a line about this file to the log of the run. */
  readonly note: (text: string) => Promise<void>;
}

/** Faults that one file may have alone. With any other fault (no such program, a full disk), the next file would fail, too. */
const FILE_FAULTS: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'E_ENGINE_FAILED',
  'E_ENGINE_TIMEOUT',
  'E_ENGINE_SILENT',
  'E_OUTPUT_INVALID',
  'E_AUDIO_FORMAT',
  // A phone that the model lacks, in a word of this file.
  'E_LANGUAGE_BROKEN',
]);
const MIN_LEFT_SEC = 0.001;

/**
 * Aligns with an engine that takes one file in each start: as many files at the same time as there are cores, the longest first.
 * A file that fails is missing in the result, and the log of the run has the reason.
 * @param alignFile - aligns one file; when its promise settles, all its processes have ended
 * @throws TaskError with the reasons of all files when all have failed; at once for a fault that other files would have, too; the
 *   reason of the signal when aborted. When the promise settles, no file is being aligned.
 */
export async function alignPerFile(
  request: AlignmentRequest,
  context: EngineContext,
  alignFile: (file: AlignmentFile, context: FileContext) => Promise<AlignedTier[]>,
): Promise<AlignedTier[]> {
  context.signal.throwIfAborted();
  const stop = new AbortController();
  const signal = AbortSignal.any([context.signal, stop.signal]);
  const deadlineMs = performance.now() + context.timeoutSec * 1000;
  const leftSec = (): number => Math.max(MIN_LEFT_SEC, (deadlineMs - performance.now()) / 1000);
  const progress = trackProgress(request.files, context);
  const tiers: AlignedTier[] = [];
  const faults = new Map<AlignmentFile, Fault>();

  const alignNext = async (file: AlignmentFile): Promise<void> => {
    const dir = path.join(context.workDir, `f${request.files.indexOf(file) + 1}`);
    const note = (text: string): Promise<void> =>
      appendFile(context.logPath, `== ${new Date().toISOString()} file "${file.id}": ${text}\n`);
    try {
      await mkdir(dir);
      signal.throwIfAborted();
      tiers.push(...(await alignFile(file, { ...context, dir, leftSec, signal, note })));
    } catch (error) {
      if (signal.aborted || !isFileFault(error)) throw error;
      faults.set(file, findingAt(error.code, { file: file.id }, error.message));
      await note(error.message);
    }
    progress(file);
  };
  const waiting = request.files.toSorted((a, b) => b.durationSec - a.durationSec);
  const lane = async (): Promise<void> => {
    try {
      for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
        signal.throwIfAborted();
        await alignNext(file);
      }
    } catch (error) {
      stop.abort(error);
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, context.coreCount) }, lane));

  signal.throwIfAborted();
  const [first, ...rest] = request.files.flatMap((file) => faults.get(file) ?? []);
  if (first !== undefined && rest.length + 1 === request.files.length) {
    throw TaskError.ofFaults([first, ...rest]);
  }
  return tiers;
}

export function isFileFault(error: unknown): error is TaskError {
  return error instanceof TaskError && FILE_FAULTS.has(error.code);
}

/** Reports the share of the audio of files that were aligned or have failed. */
function trackProgress(
  files: readonly AlignmentFile[],
  context: Pick<EngineContext, 'report'>,
): (file: AlignmentFile) => void {
  const totalSec = files.reduce((sum, file) => sum + file.durationSec, 0);
  let doneSec = 0;
  let doneCount = 0;
  return (file) => {
    doneSec += file.durationSec;
    doneCount += 1;
    context.report(
      totalSec > 0 ? Math.min(1, doneSec / totalSec) : 1,
      `${doneCount} of ${files.length} files`,
    );
  };
}
