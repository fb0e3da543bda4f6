import path from 'node:path';
import { type Environment, environment, isOnPath } from '../environment.ts';
import { COMMANDS } from './commands.ts';
import { hintsAt } from './hints.ts';
import { Output, type Stderr, type Stdout } from './output.ts';

/** What a command line reads and prints to. */
export interface Surroundings {
  readonly environment: Environment;
  readonly stdout: Stdout;
  readonly stderr: Stderr;
}

/** The surroundings of this process. */
export const surroundings: Surroundings = { environment, stdout: process.stdout, stderr: process.stderr };

/**
 * The output of a program of this project. Commands in its messages work in the current folder, see `hintsAt`.
 * @param homeDir - folder of the project
 */
export function programOutput(
  homeDir: string,
  { json }: { readonly json: boolean },
  { environment, stdout, stderr }: Surroundings = surroundings,
): Output {
  const place = {
    homeDir,
    currentDir: process.cwd(),
    isLinked: isOnPath(path.join(homeDir, 'bin/autophon'), environment),
  };
  const hints = hintsAt(place, [...COMMANDS.map(({ name }) => name), 'help']);
  return new Output({ json, hints, stdout, stderr });
}
