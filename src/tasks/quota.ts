import { formatBytes } from '../base/bytes.ts';
import { TaskError } from '../base/errors.ts';
import type { Db } from '../db/connect.ts';
import { readUsage, type UsedBy } from '../db/usage.ts';
import type { Uploads } from '../host/uploads.ts';
import { listUnfinished } from './draft-files.ts';

/** How long a count is used, so that thousands of small files are not counted one by one. */
const FRESH_MS = 5_000;
/** For more users than this, the counts that are used least are forgotten. */
const MAX_KNOWN = 10_000;

export interface Usage {
  readonly usedBytes: number;
  readonly limitBytes: number;
}

/** Size at the last count. */
interface Counted {
  readonly atMs: number;
  readonly bytes: number;
  readonly largest: readonly UsedBy[];
  /** Sizes of files that were not complete then, by path. */
  readonly unfinished: ReadonlyMap<string, number>;
}

interface Coming {
  readonly path: string;
  /** What it adds. */
  readonly bytes: number;
}

/** The known figures of a user's files. */
interface KnownFiles {
  counted: Promise<Counted>;
  countedAtMs: number;
  /** Files that are being sent. Each counts with all that it adds, also if two have the same path. */
  readonly coming: Set<Coming>;
  /** What files add that were sent, or interrupted, since the last count. */
  ended: { readonly atMs: number; readonly bytes: number }[];
}

export interface QuotaOptions {
  readonly db: Db;
  readonly uploads: Uploads;
  /** 0: there is no limit. */
  readonly limitBytes: number;
}

const NOTHING: Disposable = { [Symbol.dispose]: () => undefined };

/**
 * Limits the disk space of a user's files: inputs, results and corrections. Files that are sent to several servers
 * within some seconds, and results of later tasks, can exceed it.
 */
export class Quota {
  readonly #options: QuotaOptions;
  readonly #known = new Map<string, KnownFiles>();

  constructor(options: QuotaOptions) {
    this.#options = options;
  }

  /** Null: there is no limit. */
  async read(user: string): Promise<Usage | null> {
    const { limitBytes } = this.#options;
    if (limitBytes === 0) return null;
    const files = this.#open(user, FRESH_MS);
    return { usedBytes: usedBytes(files, await files.counted), limitBytes };
  }

  /**
   * Reserves space for a file that arrives, until the returned value is disposed of.
   * @param path - of the file, or of its unfinished part
   * @param formerBytes - of the file that it replaces
   * @throws TaskError E_LIMIT when it does not fit, with what can be deleted
   */
  async reserve(user: string, path: string, fileBytes: number, formerBytes = 0): Promise<Disposable> {
    const { limitBytes } = this.#options;
    const bytes = Math.max(0, fileBytes - formerBytes);
    if (limitBytes === 0 || (bytes === 0 && formerBytes > 0)) return NOTHING;
    const one = { path, bytes };
    let found = await this.#weigh(user, one, FRESH_MS);
    // The user may have deleted something just now.
    if (found.usedBytes + bytes > limitBytes) found = await this.#weigh(user, one, 0);
    if (found.usedBytes + bytes > limitBytes)
      throw overQuota(bytes, { usedBytes: found.usedBytes, limitBytes }, found.largest);
    const { files } = found;
    return {
      [Symbol.dispose]: () => {
        files.coming.delete(one);
        files.ended.push({ atMs: performance.now(), bytes });
      },
    };
  }

  /** Reserves space for a file if it fits. If two arrive at the same time, the second one sees the first. */
  async #weigh(user: string, one: Coming, freshMs: number) {
    const files = this.#open(user, freshMs);
    const counted = await files.counted;
    const used = usedBytes(files, counted, one.path);
    if (used + one.bytes <= this.#options.limitBytes) files.coming.add(one);
    return { files, usedBytes: used, largest: counted.largest };
  }

  #open(user: string, freshMs: number): KnownFiles {
    const nowMs = performance.now();
    const known = this.#known.get(user);
    if (known !== undefined && nowMs - known.countedAtMs <= freshMs) return known;
    const now = { counted: this.#count(user), countedAtMs: nowMs };
    const files =
      known === undefined ? { ...now, coming: new Set<Coming>(), ended: [] } : Object.assign(known, now);
    // A count that failed is repeated for the next request.
    files.counted.catch(() => {
      files.countedAtMs = Number.NEGATIVE_INFINITY;
    });
    this.#known.delete(user);
    this.#known.set(user, files);
    this.#forgetIdle();
    return files;
  }

  #forgetIdle(): void {
    if (this.#known.size <= MAX_KNOWN) return;
    for (const [user, { coming }] of this.#known) {
      if (coming.size > 0) continue;
      this.#known.delete(user);
      return;
    }
  }

  async #count(user: string): Promise<Counted> {
    const { db, uploads } = this.#options;
    const atMs = performance.now();
    const { bytes, largest, draftPaths } = await readUsage(db, user);
    const unfinished = new Map<string, number>();
    if (draftPaths.length > 0) {
      await using tree = await uploads.open();
      for (const draft of draftPaths)
        for (const one of await listUnfinished(tree.root, draft)) unfinished.set(one.path, one.bytes);
    }
    return { atMs, bytes, largest, unfinished };
  }
}

/** @param except - a file that is being continued: the part that is on the disk belongs to what arrives */
function usedBytes(files: KnownFiles, counted: Counted, except: string | null = null): number {
  files.ended = files.ended.filter(({ atMs }) => atMs >= counted.atMs);
  let bytes = counted.bytes;
  const goingOn = new Set([except]);
  for (const one of files.coming) {
    goingOn.add(one.path);
    bytes += one.bytes;
  }
  for (const [path, size] of counted.unfinished) if (!goingOn.has(path)) bytes += size;
  for (const one of files.ended) bytes += one.bytes;
  return bytes;
}

function overQuota(
  moreBytes: number,
  { usedBytes, limitBytes }: Usage,
  largest: readonly UsedBy[],
): TaskError {
  const named = largest.map(({ name, taskId, bytes }) => `${name} (${taskId}): ${formatBytes(bytes)}`);
  const fix =
    named.length === 0
      ? 'wait until files that are being sent have arrived, or remove them'
      : `delete tasks that you no longer need; the largest are ${named.join(', ')}`;
  return new TaskError(
    'E_LIMIT',
    `your files take ${formatBytes(usedBytes)} of ${formatBytes(limitBytes)} (USER_QUOTA), and ${formatBytes(moreBytes)} more do not fit; ${fix}`,
  );
}
