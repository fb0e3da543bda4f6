import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { TaskError } from '../../base/errors.ts';

/** Folders private to one start; all exist and are empty but `root`. */
export interface MfaDirs {
  readonly home: string;
  readonly tmp: string;
  /** MFA 1's `-t`. */
  readonly temp: string;
  /** MFA 2's `MFA_ROOT_DIR`, which it makes. Beside the corpus: MFA 3.4 refuses a corpus below it. */
  readonly root: string;
  readonly out: string;
}

/** MFA 1 runs what `$(...)` in a path says, and MFA 1 and 2 split some paths at blanks. */
const PLAIN_PATH = /^[\w./+-]+$/;

/** @throws TaskError E_CONFIG when the path itself could harm the engine */
export function assertPlainPath(workDir: string): void {
  if (!PLAIN_PATH.test(workDir)) {
    throw new TaskError(
      'E_CONFIG',
      `MFA: expected a working directory of letters, digits and "._+-", found "${workDir}"; set TEMP_DIR to such a folder`,
    );
  }
}

/** @throws TaskError E_CONFIG; E_IO, E_DISK_FULL by the system */
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
