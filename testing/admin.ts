import { cp, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

const FIXTURES = path.resolve(import.meta.dirname, '../tests/fixtures/admin');
/** One phone for each letter, different in each language, for the stand-ins of G2P programs. */
const LETTERS: Readonly<Record<string, string>> = {
  spaUS_FASE_v011: 'a=a b=b c=k d=d e=e f=f g=g i=i k=k l=l m=m n=n o=o p=p r=r s=s t=t u=u y=y z=s',
};

/**
 * A copy of the languages for tests in which models are not empty, so that drivers and stand-ins accept them.
 * @param dir - the function makes it
 * @returns `dir`, for ADMIN
 */
export async function installAdmin(dir: string): Promise<string> {
  await cp(FIXTURES, dir, { recursive: true });
  const models = (await readdir(dir, { recursive: true })).filter((name) => name.endsWith('.zip'));
  for (const name of models) {
    const letters = LETTERS[path.dirname(name)];
    const text = letters === undefined ? '' : `letters: ${letters}`;
    await writeFile(path.join(dir, name), `PK\x03\x04 ${text}`, 'latin1');
  }
  return dir;
}
