import { constants } from 'node:fs';
import { mkdir, open, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { messageOf, TaskError } from '../base/errors.ts';
import { GROUP_READABLE } from '../base/file-mode.ts';
import type { Db } from '../db/connect.ts';
import { bindSite, readSite, renewSite } from '../db/site.ts';

/** The file in UPLOADS that holds the id of its site. @internal */
export const SITE_MARKER = '.autophon-site';
/** The file in UPLOADS whose times tell the clock of its file system. @internal */
export const CLOCK_FILE = '.autophon-clock';
/** The limit of the wait for a clock step. After it the clock is read as it is. */
const MAX_CLOCK_STEP_MS = 3_000;

/** UPLOADS, verified and held open. */
export interface OpenUploads extends AsyncDisposable {
  /**
   * Path of the open directory. It stays the same folder for as long as it is open, also when another file system is
   * mounted over UPLOADS or the folder is renamed: what is done below it is done in the tree that was verified.
   * It has this form only inside this process; a program that we start cannot use it.
   */
  readonly root: string;
}

/**
 * The folder UPLOADS of this site. A folder without the marker of the site is a disk that is not mounted, or belongs to
 * another site: nothing that is missing there is known to be removed.
 */
export class Uploads {
  readonly #db: Db;
  readonly #dir: string;
  #siteId: string | null = null;

  constructor(db: Db, dir: string) {
    this.#db = db;
    this.#dir = dir;
  }

  /**
   * Opens and verifies the folder. The first program of a new site that does so makes the folder and writes the marker.
   * @throws TaskError E_UPLOADS
   */
  async open(): Promise<OpenUploads> {
    const { id, isBound } =
      this.#siteId === null ? await readSite(this.#db) : { id: this.#siteId, isBound: true };
    if (!isBound) await this.#bind();
    const uploads = await openDir(this.#dir);
    const found = await readMarker(uploads.root);
    if (found === id) {
      this.#siteId = id;
      return uploads;
    }
    await uploads[Symbol.asyncDispose]();
    // The site may have got a new identity since it was read.
    this.#siteId = null;
    throw notOurs(this.#dir, found, id);
  }

  /** Why the folder cannot be used now; null: it can. */
  async findFault(): Promise<string | null> {
    try {
      await (await this.open())[Symbol.asyncDispose]();
      return null;
    } catch (error) {
      if (error instanceof TaskError && error.code === 'E_UPLOADS') return error.message;
      throw error;
    }
  }

  /**
   * Makes this folder that of the site, which gets a new id: the folder that it had is refused from now on.
   * @param isForced - also when it has the marker of another site
   * @throws TaskError E_UPLOADS
   */
  async rebind(isForced: boolean): Promise<void> {
    const { id } = await readSite(this.#db);
    await mkdir(this.#dir, { recursive: true });
    await using uploads = await openDir(this.#dir);
    const found = await readMarker(uploads.root);
    if (found === id) return;
    if (found !== null && !isForced) {
      throw new TaskError(
        'E_UPLOADS',
        `UPLOADS=${this.#dir} has the marker of another site (${found}): "autophon site bind --force" takes the folder over`,
      );
    }
    await renewSite(this.#db);
    this.#siteId = null;
    await rm(path.join(uploads.root, SITE_MARKER), { force: true });
    await this.#bind();
  }

  async #bind(): Promise<void> {
    await mkdir(this.#dir, { recursive: true });
    await bindSite(this.#db, async (id) => {
      await using uploads = await openDir(this.#dir);
      const found = await readMarker(uploads.root);
      if (found === null) await writeMarker(uploads.root, id);
      else if (found !== id) throw notOurs(this.#dir, found, id);
    });
  }
}

/**
 * The time of the file system that holds UPLOADS, in milliseconds: that of a server of files may differ from ours.
 * The clock moves in steps: by 1 to 10 ms on Linux, by up to 2 s on FAT. It is read right after a step, so that it is not
 * behind the time at which this is called.
 * @throws system errors
 */
export async function readFileClock({ root }: OpenUploads): Promise<number> {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_NOFOLLOW;
  // Always the same file: a process that dies here leaves no other one.
  await using probe = await open(path.join(root, CLOCK_FILE), flags, GROUP_READABLE);
  // Whatever times are set, the time of that change is the file system's own.
  const readStep = async () => {
    await probe.utimes(0, 0);
    return (await probe.stat()).ctimeMs;
  };
  const first = await readStep();
  const endMs = performance.now() + MAX_CLOCK_STEP_MS;
  let now = first;
  while (now <= first && performance.now() < endMs) {
    await delay(1);
    now = await readStep();
  }
  return now;
}

async function openDir(dir: string): Promise<OpenUploads> {
  try {
    const handle = await open(dir, constants.O_RDONLY | constants.O_DIRECTORY);
    return { root: `/proc/self/fd/${handle.fd}`, [Symbol.asyncDispose]: () => handle.close() };
  } catch (error) {
    const why = messageOf(error);
    throw new TaskError('E_UPLOADS', `UPLOADS=${dir} cannot be opened: ${why}. Is its disk mounted?`, {
      cause: error,
    });
  }
}

async function readMarker(root: string): Promise<string | null> {
  try {
    return (await readFile(path.join(root, SITE_MARKER), 'utf8')).trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    const why = messageOf(error);
    throw new TaskError('E_UPLOADS', `UPLOADS/${SITE_MARKER} cannot be read: ${why}`, { cause: error });
  }
}

async function writeMarker(root: string, id: string): Promise<void> {
  const marker = path.join(root, SITE_MARKER);
  try {
    await writeFile(marker, `${id}\n`, { flag: 'wx', mode: 0o644, flush: true });
  } catch (error) {
    // On a full disk it is there, and empty; another site's is not ours to remove.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') await rm(marker, { force: true });
    throw error;
  }
}

function notOurs(dir: string, found: string | null, id: string): TaskError {
  const what = found === null ? `has no marker ${SITE_MARKER}` : `has the marker of another site (${found})`;
  const fix =
    found === null
      ? 'If this folder is the right one, "autophon site bind" makes it so.'
      : 'A database wants a folder of its own: set UPLOADS, or DATABASE_URL to the database that this one belongs to; ' +
        '"autophon site bind --force" takes the folder over.';
  return new TaskError(
    'E_UPLOADS',
    `UPLOADS=${dir} ${what}; expected that of site ${id}. Is its disk mounted? ${fix}`,
  );
}
