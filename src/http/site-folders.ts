import { realpathSync } from 'node:fs';
import path from 'node:path';
import type { HiddenFolder } from '../base/hide-folders.ts';
import type { Config } from '../config.ts';

const PROGRAM_DIR = path.resolve(import.meta.dirname, '../..');

/** Folders and programs of a site, by the settings that name them; also the targets of links. */
export function siteFolders(config: Config): HiddenFolder[] {
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
  return [...named, ...named.map((one) => ({ ...one, path: realPath(one.path) }))];
}

/** A path that does not exist yet is not a link. */
function realPath(one: string): string {
  try {
    return realpathSync(one);
  } catch {
    return one;
  }
}
