import { type FileHandle, open, rename, stat } from 'node:fs/promises';
import { giveToFolderOwner } from './credentials.ts';

const LIMIT_BYTES = 5 * 1024 * 1024;

/**
 * Opens the log of the server, a file beside the data directory. A log that has grown too large is renamed first.
 * @returns the open file, and where the output of the next start begins
 */
export async function openServerLog(dataDir: string): Promise<{ file: FileHandle; startByte: number }> {
  const logPath = serverLogPath(dataDir);
  const size = (await stat(logPath).catch(() => null))?.size ?? 0;
  if (size > LIMIT_BYTES) await rename(logPath, `${logPath}.1`);
  const file = await open(logPath, 'a', 0o600);
  await giveToFolderOwner(logPath);
  return { file, startByte: size > LIMIT_BYTES ? 0 : size };
}

/** The text of the server's log from a position on. */
export async function readServerLog(dataDir: string, fromByte = 0): Promise<string> {
  const file = await open(serverLogPath(dataDir), 'r');
  try {
    const { size } = await file.stat();
    const wanted = Buffer.alloc(Math.max(0, size - fromByte));
    const { bytesRead } = await file.read(wanted, { position: fromByte });
    return wanted.toString('utf8', 0, bytesRead);
  } finally {
    await file.close();
  }
}

export function serverLogPath(dataDir: string): string {
  return `${dataDir}.log`;
}
