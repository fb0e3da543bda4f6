import path from 'node:path';
import type { Server } from './server.ts';
import type { SoakDirs } from './soak-dirs.ts';

export const SLOTS_PER_INSTANCE = 2;
export const CRASH_LIMIT = 3;
export const RETRY_LIMIT = 3;
export const GRACE_SEC = 1;

interface Site {
  readonly dirs: SoakDirs;
  readonly server: Server;
  readonly instanceCount: number;
  /** One instance finds its engine broken, with a message that no column can store as it is. */
  readonly hasStrangeNotes: boolean;
  readonly removalDelaySec: number;
}

/**
 * The first instance lacks one of the engines. It is never killed, and runs through the whole soak.
 * @param port - where the instance reaches the database
 */
export function environmentOf(
  slot: number,
  port: number,
  { dirs, server, instanceCount, hasStrangeNotes, removalDelaySec }: Site,
): Record<string, string> {
  const url = new URL(server.url);
  url.port = String(port);
  const isWithoutEngine = slot === 0 && instanceCount > 1;
  return {
    PATH: process.env['PATH'] ?? '',
    DATABASE_URL: url.href,
    DATA_DIR: path.join(dirs.dir, 'data'),
    UPLOADS: dirs.uploadsDir,
    LOGS: dirs.logsDir,
    TEMP_DIR: dirs.tempDir,
    STATE_DIR: path.join(dirs.dir, 'state'),
    RISKY_HEALTH: isWithoutEngine ? 'missing' : 'ready',
    ...(hasStrangeNotes && slot === instanceCount - 1 ? { STRANGE_NOTES: '1' } : {}),
    ALIGNMENT_WORKERS: String(SLOTS_PER_INSTANCE),
    CRASH_LIMIT: String(CRASH_LIMIT),
    RETRY_ATTEMPTS: String(RETRY_LIMIT),
    // Times that the program derives from the length of leases: the smallest allowed values.
    LEASE: '10',
    HEARTBEAT: '0.5',
    SWEEP_INTERVAL: '1',
    MAX_POLL_INTERVAL: '2',
    RETRY_DELAY: '0.5',
    TASK_TIMEOUT: '6',
    SHUTDOWN_GRACE: String(GRACE_SEC),
    REMOVAL_DELAY: String(removalDelaySec),
    // Some instances stop claiming on a full disk; for the others the disk becomes full in the middle of a task.
    MIN_FREE_DISK: slot % 2 === 1 ? '8M' : '0',
    MIN_FREE_MEMORY: '0',
  };
}
