import { chmod, mkdir, mkdtemp, statfs } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { markOwner, removeSoakDir, SOAK_DIR_PREFIX } from './abandoned-soaks.ts';
import { mountMemory, resizeMemory, unmountAllIn } from './mounts.ts';
import { UploadsFolder } from './uploads-folder.ts';

/** A separate file system that can be filled up without harm to the machine. */
export interface Disk {
  /** From now on there is no free page. Deleting a file frees some, as on any disk. */
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
  /** Null: we have no right to mount one here, so disks are not filled. */
  readonly disks: { readonly uploads: Disk; readonly temp: Disk } | null;
}

/** Far more than is needed; tmpfs takes memory only for its content. */
const DISK_SIZE = '1g';
const KB = 1024;
const FILL_TRIES = 20;

/** Makes the folders. If we may mount, those of uploads and temp files are small file systems in memory. */
export async function makeSoakDirs(): Promise<SoakDirs> {
  const dir = await mkdtemp(path.join(os.tmpdir(), SOAK_DIR_PREFIX));
  await markOwner(dir);
  // Postgres runs as another user if we are root, and must reach its folder.
  await chmod(dir, 0o755);
  const at = (name: string) => path.join(dir, name);
  const [uploadsDisk, tempDir, logsDir] = [at('disk'), at('temp'), at('logs')];
  for (const folder of [uploadsDisk, tempDir, logsDir, at('state')]) await mkdir(folder);
  const unmount = () => unmountAllIn(dir);
  process.once('exit', unmount);
  const hasDisks = (await mountMemory(uploadsDisk, DISK_SIZE)) && (await mountMemory(tempDir, DISK_SIZE));
  // Below the mount point, because a mount point cannot be renamed.
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

/** To fill the disk, its size is reduced to its content. */
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
          // Another program wrote meanwhile, so the size would be smaller than the content.
          if (tries === FILL_TRIES) throw error;
        }
      }
    },
    empty: () => resizeMemory(folder, DISK_SIZE),
  };
}
