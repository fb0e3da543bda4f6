import path from 'node:path';
import { isOnPath } from '../environment.ts';
import { COMMANDS } from './commands.ts';
import { hintsAt } from './hints.ts';
import { Output } from './output.ts';

/**
 * The output of a program of this project, whose messages name commands as they are called where they are read.
 * @param homeDir - folder of the project
 */
export function programOutput(homeDir: string, { json }: { readonly json: boolean }): Output {
  const place = {
    homeDir,
    currentDir: process.cwd(),
    isLinked: isOnPath(path.join(homeDir, 'bin/autophon')),
  };
  return new Output({ json, hints: hintsAt(place, [...COMMANDS.map(({ name }) => name), 'help']) });
}
