import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

/** Figures of a piece of work in its own process, without imports. */
export interface Piece {
  readonly sec: number;
  /** Of the whole process, with Node and imports. */
  readonly peakBytes: number;
  /** What the piece reports itself. */
  readonly said: Readonly<Record<string, unknown>>;
}

/** Runs one of the `*-main.ts` of this folder and waits for its end. */
export async function runPiece(main: string, args: readonly string[], signal: AbortSignal): Promise<Piece> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [path.join(import.meta.dirname, main), ...args],
    { signal },
  );
  return JSON.parse(stdout) as Piece;
}

/** In the child process: does the work and reports the figures. */
export async function reportPiece(work: () => Promise<Readonly<Record<string, unknown>>>): Promise<void> {
  const startedMs = performance.now();
  const said = await work();
  const sec = (performance.now() - startedMs) / 1000;
  const piece: Piece = { sec, peakBytes: readPeakBytes(), said };
  process.stdout.write(JSON.stringify(piece));
}

/** Not `resourceUsage().maxRSS`: Linux passes the value of the parent on to a process that it starts. */
function readPeakBytes(): number {
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) * 1024;
}
