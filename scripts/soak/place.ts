import { execFile, execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, statfs } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

/** A file system of its own that can be filled up without harm to the machine. */
export interface Disk {
  /** From now on there is no room for another page. What is deleted makes some, as on any disk. */
  fill(): Promise<void>;
  empty(): Promise<void>;
}

/** Folders of one soak. */
export interface Place extends AsyncDisposable {
  readonly dir: string;
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

const run = promisify(execFile);

/** Makes the folders. Those of uploads and temp files are small file systems in memory where we may mount them. */
export async function makePlace(): Promise<Place> {
  const dir = await mkdtemp(path.join(os.tmpdir(), 'autophon-soak-'));
  // Postgres runs as another user when we are root, and must get to its folder.
  await chmod(dir, 0o755);
  const at = (name: string) => path.join(dir, name);
  const [uploadsDir, tempDir, logsDir] = [at('uploads'), at('temp'), at('logs')];
  for (const folder of [uploadsDir, tempDir, logsDir, at('state')]) await mkdir(folder);
  const mounted: string[] = [];
  const unmount = () => {
    for (const folder of mounted.splice(0)) execFileSync('umount', ['--lazy', folder], { stdio: 'ignore' });
  };
  process.once('exit', unmount);
  const mount = async (folder: string): Promise<Disk | null> => {
    const isMounted = await run('mount', [
      '-t',
      'tmpfs',
      '-o',
      `size=${DISK_SIZE}`,
      'autophon-soak',
      folder,
    ]).then(
      () => true,
      () => false,
    );
    if (isMounted) mounted.push(folder);
    return isMounted ? makeDisk(folder) : null;
  };
  const uploads = await mount(uploadsDir);
  const temp = uploads === null ? null : await mount(tempDir);
  return {
    dir,
    uploadsDir,
    tempDir,
    logsDir,
    postgresDir: at('postgres'),
    disks: uploads === null || temp === null ? null : { uploads, temp },
    [Symbol.asyncDispose]: async () => {
      process.off('exit', unmount);
      unmount();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** A full disk is a small one: its size is set to what is in it. */
function makeDisk(folder: string): Disk {
  const resize = (size: string) => run('mount', ['-o', `remount,size=${size}`, folder]);
  return {
    fill: async () => {
      for (let tries = 1; ; tries++) {
        const { blocks, bfree, bsize } = await statfs(folder);
        // A size of 0 would mean: without limit.
        const usedKb = Math.max(4, Math.ceil(((blocks - bfree) * bsize) / KB));
        try {
          await resize(`${usedKb}k`);
          return;
        } catch (error) {
          // Somebody wrote meanwhile: it cannot be made smaller than what is in it.
          if (tries === FILL_TRIES) throw error;
        }
      }
    },
    empty: async () => void (await resize(DISK_SIZE)),
  };
}
