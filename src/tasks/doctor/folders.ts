import { access, constants, mkdtemp, rm, stat, statfs } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { formatBytes } from '../../base/bytes.ts';
import { messageOf, type TaskError } from '../../base/errors.ts';
import type { Config } from '../../config.ts';
import { type Check, checker } from './check.ts';

const check = checker('folders');
const GIGABYTE = 1e9;
const LITTLE_BYTES = 2 * GIGABYTE;
const TOO_LITTLE_BYTES = 0.1 * GIGABYTE;
const FEW_FILES = 10_000;

/** The settings of folders without which no engine can be tried. */
const WORKING: ReadonlySet<string> = new Set(['TEMP_DIR', 'TMPDIR']);

/**
 * Each folder: whether it exists, can be written (by trying), and has free disk space.
 * @param tempDirFault - why TEMP_DIR cannot be used, if that is known
 */
export async function checkFolders(config: Config, tempDirFault: TaskError | null): Promise<Check[]> {
  const system = os.tmpdir();
  const written = [
    ['DATA_DIR', config.dataDir],
    ['UPLOADS', config.uploadsDir],
    ['LOGS', config.logsDir],
    ['TEMP_DIR', config.tempDir],
    // By default inside it, so that the same fault is reported only once.
    ...(path.dirname(config.tempDir) === system ? [] : [['TMPDIR', system] as const]),
  ] as const;
  const checks = await Promise.all(
    written.map(async ([name, dir]) => {
      const found = await checkWritten(name, dir);
      const isWorse = name === 'TEMP_DIR' && tempDirFault !== null && found.state !== 'wrong';
      return isWorse ? check('wrong', name, tempDirFault.message) : found;
    }),
  );
  return config.adminDir === null ? checks : [...checks, await checkRead('ADMIN', config.adminDir)];
}

/** @returns the setting of a folder that keeps engines from being tried; null: there is none */
export function findSpoilt(checks: readonly Check[]): string | null {
  return checks.find(({ state, subject }) => state === 'wrong' && WORKING.has(subject))?.subject ?? null;
}

async function checkWritten(name: string, dir: string): Promise<Check> {
  const existing = await nearestExisting(dir);
  const isMissing = existing !== dir;
  if (!(await isFolder(existing)))
    return check('wrong', name, `${existing}: not a folder`, `remove it, or set ${name}`);
  const refusal = await tryToWrite(existing);
  if (refusal !== null) {
    return check(
      'wrong',
      name,
      `${dir}: ${refusal}`,
      `let this user write there, or set ${name} to another folder`,
    );
  }
  const { freeBytes, freeFiles } = await readFreeSpace(existing);
  const room = `${formatBytes(freeBytes)} free`;
  const found = isMissing ? `${dir}: made when it is needed, ${room}` : `${dir}: ${room}`;
  if (freeBytes < TOO_LITTLE_BYTES) return check('wrong', name, found, 'the disk is full: free disk space');
  if (freeBytes < LITTLE_BYTES) return check('warn', name, found, 'the disk is nearly full: free disk space');
  // Many file systems do not count files; those say 0 of 0.
  if (freeFiles !== null && freeFiles < FEW_FILES) {
    return check('warn', name, `${found}, room for ${freeFiles} more files`, 'remove files');
  }
  return check('ok', name, found);
}

async function checkRead(name: string, dir: string): Promise<Check> {
  if (!(await isFolder(dir)))
    return check('wrong', name, `${dir}: no such folder`, `make it, or correct ${name}`);
  const isReadable = await access(dir, constants.R_OK | constants.X_OK).then(
    () => true,
    () => false,
  );
  return isReadable
    ? check('ok', name, dir)
    : check('wrong', name, `${dir}: this user may not read it`, 'change its owner or mode');
}

async function nearestExisting(dir: string): Promise<string> {
  const exists = await stat(dir).then(
    () => true,
    () => false,
  );
  return exists || dir === path.dirname(dir) ? dir : nearestExisting(path.dirname(dir));
}

async function isFolder(dir: string): Promise<boolean> {
  return stat(dir).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

/**
 * @returns why it cannot be written; null: it can. It tries, because mode bits do not show a read-only or network disk.
 */
async function tryToWrite(dir: string): Promise<string | null> {
  try {
    await rm(await mkdtemp(path.join(dir, '.autophon-check-')), { recursive: true });
    return null;
  } catch (error) {
    return messageOf(error);
  }
}

async function readFreeSpace(dir: string): Promise<{ freeBytes: number; freeFiles: number | null }> {
  const { bavail, bsize, files, ffree } = await statfs(dir);
  return { freeBytes: bavail * bsize, freeFiles: files === 0 ? null : ffree };
}
