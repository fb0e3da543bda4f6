import { chmod, mkdir, mkdtemp, statfs } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { markOwner, removeSoakDir, SOAK_DIR_PREFIX } from './abandoned-soaks.ts';
import { mountMemory, resizeMemory, unmountAllIn } from './mounts.ts';
import { UploadsFolder } from './uploads-folder.ts';

/** A file system of its own that can be filled up without harm to the machine. */
export interface Disk {
  /** From now on there is no room for another page. What is deleted makes some, as on any disk. */
  fill(): Promise<void>;
  empty(): Promise<void>;
}

/** Folders of one soak. */
export interface SoakDirs extends AsyncDisposable {
  readonly dir: string;
  readonly uploads: UploadsFolder;
  readonly uploadsDir: string;
  readonly tempDir: string;
  readonly logsDir: string;
  readonly postgresDir: string;
  /** Null: no right to mount one here, so disks are not filled. */
  readonly disks: { readonly uploads: Disk; readonly temp: Disk } | null;
}

/** Far more than is needed; tmpfs takes memory only for what is in it. */
const DISK_SIZE = '1g';
const KB = 1024;
const FILL_TRIES = 20;

/** Makes the folders. Those of uploads and temp files are small file systems in memory where we may mount them. */
export async function makeSoakDirs(): Promise<SoakDirs> {
  const dir = await mkdtemp(path.join(os.tmpdir(), SOAK_DIR_PREFIX));
  await markOwner(dir);
  // Postgres runs as another user when we are root, and must get to its folder.
  await chmod(dir, 0o755);
  const at = (name: string) => path.join(dir, name);
  const [uploadsDisk, tempDir, logsDir] = [at('disk'), at('temp'), at('logs')];
  for (const folder of [uploadsDisk, tempDir, logsDir, at('state')]) await mkdir(folder);
  const unmount = () => unmountAllIn(dir);
  process.once('exit', unmount);
  const hasDisks = (await mountMemory(uploadsDisk, DISK_SIZE)) && (await mountMemory(tempDir, DISK_SIZE));
  // Below the mount point, which could not be renamed.
  const uploadsDir = path.join(uploadsDisk, 'uploads');
  await mkdir(uploadsDir);
  return {
    dir,
    uploads: new UploadsFolder(uploadsDir, hasDisks),
    uploadsDir,
    tempDir,
    logsDir,
    postgresDir: at('postgres'),
    disks: hasDisks ? { uploads: makeDisk(uploadsDisk), temp: makeDisk(tempDir) } : null,
    [Symbol.asyncDispose]: async () => {
      await removeSoakDir(dir);
      process.off('exit', unmount);
    },
  };
}

/** A full disk is a small one: its size is set to what is in it. */
function makeDisk(folder: string): Disk {
  return {
    fill: async () => {
      for (let tries = 1; ; tries++) {
        const { blocks, bfree, bsize } = await statfs(folder);
        // A size of 0 would mean: without limit.
        const usedKb = Math.max(4, Math.ceil(((blocks - bfree) * bsize) / KB));
        try {
          await resizeMemory(folder, `${usedKb}k`);
          return;
        } catch (error) {
          // Another program wrote meanwhile: it cannot be made smaller than what is in it.
          if (tries === FILL_TRIES) throw error;
        }
      }
    },
    empty: () => resizeMemory(folder, DISK_SIZE),
  };
}
