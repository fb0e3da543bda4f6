import { realpath } from 'node:fs/promises';
import path from 'node:path';
import type { HiddenFolder } from '../base/hide-folders.ts';
import type { Config } from '../config.ts';

const PROGRAM_DIR = path.resolve(import.meta.dirname, '../..');

/** Folders and programs of a site, by the settings that name them; also where links lead. */
export async function siteFolders(config: Config): Promise<HiddenFolder[]> {
  const named = [
    ...Object.entries({
      UPLOADS: config.uploadsDir,
      LOGS: config.logsDir,
      TEMP_DIR: config.tempDir,
      DATA_DIR: config.dataDir,
      ADMIN: config.adminDir ?? '',
      FFMPEG: config.engines.ffmpeg,
      AUTOPHON: PROGRAM_DIR,
    }),
    ...Object.entries(config.engines.installations),
  ].flatMap(([name, one]) => (one !== undefined && path.isAbsolute(one) ? [{ name, path: one }] : []));
  const real = await Promise.all(
    named.map(async (one) => ({ ...one, path: await realpath(one.path).catch(() => one.path) })),
  );
  return [...named, ...real];
}
