import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
const PYTHONS = ['python3', '/usr/bin/python3'];

/** @returns a Python that has the library and psycopg2; null: none has, and tests that need it are skipped */
export async function pythonWith(library: string): Promise<string | null> {
  for (const python of PYTHONS) {
    const isThere = await run(python, ['-c', `import ${library}, psycopg2`]).then(
      () => true,
      () => false,
    );
    if (isThere) return python;
  }
  console.error(`no Python with ${library} and psycopg2: tests that need them are skipped`);
  return null;
}
