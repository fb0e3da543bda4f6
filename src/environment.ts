import { existsSync, realpathSync } from 'node:fs';
import path from 'node:path';

export type Environment = Readonly<Record<string, string | undefined>>;

/** The environment of this process, which nothing else reads. */
export const environment: Environment = process.env;

/** Whether the name of a program alone starts it, through a link that PATH leads to. */
export function isOnPath(program: string, { PATH }: Environment): boolean {
  const own = realpathSync(program);
  return (PATH ?? '').split(path.delimiter).some((folder) => {
    const found = path.join(folder, path.basename(program));
    return existsSync(found) && realpathSync(found) === own;
  });
}
