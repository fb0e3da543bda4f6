import type { Db } from '../db/connect.ts';
import { readSite } from '../db/site.ts';
import { Uploads } from '../host/uploads.ts';

export interface SiteDescription {
  readonly id: string;
  readonly uploadsDir: string;
  /** Whether a worker or a submit has bound the folder already. */
  readonly isBound: boolean;
  /** Why the folder cannot be used; null: it can. */
  readonly fault: string | null;
}

export function openSite(db: Db, uploadsDir: string): Uploads {
  return new Uploads(db, uploadsDir);
}

/** Reads without binding, because reading must change nothing. */
export async function describeSite(db: Db, uploadsDir: string): Promise<SiteDescription> {
  const { id, isBound } = await readSite(db);
  const fault = isBound ? await new Uploads(db, uploadsDir).findFault() : null;
  return { id, uploadsDir, isBound, fault };
}

/**
 * Binds the folder to this site.
 * @throws TaskError E_UPLOADS when it belongs to another site, and `isForced` is false
 */
export async function bindUploads(db: Db, uploadsDir: string, isForced: boolean): Promise<SiteDescription> {
  await new Uploads(db, uploadsDir).rebind(isForced);
  return describeSite(db, uploadsDir);
}
