import type { BigIntStats } from 'node:fs';
import { lstat, rm } from 'node:fs/promises';
import path from 'node:path';
import { fileVersion } from '../base/file-version.ts';
import { findOwnFolder } from '../base/inside.ts';
import type { CorrectionRow } from '../db/corrections.ts';
import { type OpenFile, openPlain } from './result-file.ts';

/** A TextGrid that a user has corrected, kept beside the result for as long as that. */
export interface Correction {
  /** With `/` between folders. */
  readonly name: string;
  readonly bytes: number;
  readonly changedAt: Date;
  /** Changes each time the file is written. */
  readonly version: string;
}

export interface OpenCorrection extends OpenFile {
  readonly version: string;
}

/** What a row says about its file. */
type Named = Pick<CorrectionRow, 'path' | 'original_name'>;

/** @param root - of the open uploads folder. @returns null: the file is missing */
export async function findCorrectionFile(
  root: string,
  { path: relative, original_name: name }: Named,
): Promise<Correction | null> {
  const file = await placeOf(root, relative);
  const stats = file === null ? null : await lstat(file, { bigint: true }).catch(nullIfMissing);
  if (!stats?.isFile()) return null;
  return { name, bytes: Number(stats.size), changedAt: stats.mtime, version: versionOf(stats) };
}

/** The version of the file of a row. @returns null: there is no row, or its file is missing */
export async function findVersion(root: string, row: Named | null): Promise<string | null> {
  return row === null ? null : ((await findCorrectionFile(root, row))?.version ?? null);
}

/** @returns null: the file is missing */
export async function openCorrectionFile(
  root: string,
  { path: relative }: Named,
): Promise<OpenCorrection | null> {
  const file = await placeOf(root, relative);
  const opened = file === null ? null : await openPlain(file).catch(nullIfMissing);
  return opened && { ...opened, version: versionOf(await opened.file.stat({ bigint: true })) };
}

/** Removes a file that no row names. If that fails, the daily scan of results removes it. */
export async function removeCorrectionFile(
  root: string,
  { path: relative }: Pick<Named, 'path'>,
): Promise<void> {
  const file = await placeOf(root, relative).catch(() => null);
  if (file !== null) await rm(file).catch(() => undefined);
}

/** @returns null: there is no such folder */
async function placeOf(root: string, relative: string): Promise<string | null> {
  const dir = await findOwnFolder(root, path.posix.dirname(relative));
  return dir === null ? null : path.join(dir, path.posix.basename(relative));
}

function versionOf(stats: BigIntStats): string {
  return `${stats.ino.toString(36)}-${fileVersion(stats)}`;
}

function nullIfMissing(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT') return null;
  throw error;
}
