import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { TaskError } from '../../base/errors.ts';

/** The folders of one start. All are empty; `root` does not exist yet. */
export interface MfaDirs {
  readonly home: string;
  readonly tmp: string;
  /** MFA 1's `-t`. */
  readonly temp: string;
  /** MFA 2's `MFA_ROOT_DIR`, which MFA makes. The corpus is not below it, which MFA 3.4 would refuse. */
  readonly root: string;
  readonly out: string;
}

/** In other paths, MFA 1 would run what `$(...)` contains, and MFA 1 and 2 would split some paths at blanks. */
const PLAIN_PATH = /^[\w./+-]+$/;

/** @throws TaskError E_CONFIG when MFA might not use the path as it is */
export function assertPlainPath(workDir: string): void {
  if (!PLAIN_PATH.test(workDir)) {
    throw new TaskError(
      'E_CONFIG',
      `MFA: expected a working directory of letters, digits and "._+-", found "${workDir}"; set TEMP_DIR to such a folder`,
    );
  }
}

/** @throws TaskError E_CONFIG; system errors */
export async function makeMfaDirs(workDir: string): Promise<MfaDirs> {
  assertPlainPath(workDir);
  const make = async (name: string): Promise<string> => {
    const dir = path.join(workDir, name);
    await mkdir(dir);
    return dir;
  };
  return {
    home: await make('home'),
    tmp: await make('tmp'),
    temp: await make('t'),
    out: await make('out'),
    root: path.join(workDir, 'root'),
  };
}
