import { devNull, tmpdir } from 'node:os';
import { messageOf } from '../base/errors.ts';
import type { ClaimedDelivery } from '../db/deliveries.ts';
import { engineEnvironment } from '../engines/environment.ts';
import { SEE_DOCTOR } from '../engines/process/command.ts';
import { runProcess } from '../engines/process/run-process.ts';
import type { DeliveryAttempt } from './attempt.ts';

/** The program that tells users, for example by mail. */
export interface DoneCommand {
  /** Name or path. */
  readonly program: string;
  /** The worker's environment, of which the program gets a part. */
  readonly inherited: Readonly<Record<string, string | undefined>>;
  readonly timeoutSec: number;
}

/** Runs the program with the message on its standard input. Exit status 0 means success. */
export async function runDoneCommand(
  { body }: ClaimedDelivery,
  { program, inherited, timeoutSec }: DoneCommand,
  signal: AbortSignal,
): Promise<DeliveryAttempt> {
  try {
    const {
      exitCode,
      signal: killedBy,
      lastLines,
    } = await runProcess({
      argv: [program],
      cwd: tmpdir(),
      env: commandEnvironment(inherited),
      input: `${body}\n`,
      logPath: devNull,
      timeoutSec,
      silenceSec: timeoutSec,
      signal,
    });
    if (exitCode === 0) return { outcome: 'delivered', answer: 'exit 0' };
    const ending = killedBy ?? `exit ${exitCode}`;
    return { outcome: 'failed', answer: [ending, ...lastLines.slice(-1)].join(': ') };
  } catch (error) {
    signal.throwIfAborted();
    return { outcome: 'failed', answer: messageOf(error).replace(SEE_DOCTOR, '') };
  }
}

/**
 * Like that of engines, without the settings and passwords of the worker. Programs for mail have their settings in
 * HOME.
 */
export function commandEnvironment(inherited: DoneCommand['inherited']): Record<string, string> {
  return engineEnvironment({ HOME: inherited['HOME'] ?? '/' }, inherited);
}
