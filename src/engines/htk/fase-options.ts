import { tmpdir } from 'node:os';
import { engineEnvironment } from '../environment.ts';
import { probe } from '../process/probe.ts';
import type { FaseSettings } from './settings.ts';

/** Options of faseAlign, which differ between its versions. */
export interface FaseOptions {
  /** `-d` replaces its dictionary; `-m`, the only one in the published version, adds to it. Null: it has neither. */
  readonly dictionary: '-d' | '-m' | null;
  /** Whether it can make pronunciations of unknown words by the rules of Spanish spelling (`-p`). */
  readonly hasRules: boolean;
}

/** Reads the output of `--help`, which has each option as `-d` or `[-d DICT]`. */
export function readFaseOptions(help: readonly string[]): FaseOptions {
  const text = help.join('\n');
  const has = (option: string): boolean => new RegExp(`(^|\\s|\\[)${option}\\b`, 'm').test(text);
  return { dictionary: has('-d') ? '-d' : has('-m') ? '-m' : null, hasRules: has('-p') };
}

/** Runs `faseAlign --help`. @throws the reason of `signal` when aborted */
export async function askFaseOptions(
  { command, launcher, env }: FaseSettings,
  signal: AbortSignal,
): Promise<FaseOptions> {
  const environment = engineEnvironment({ HOME: tmpdir() }, env);
  return readFaseOptions((await probe([...launcher, command, '--help'], environment, signal)).lines);
}
