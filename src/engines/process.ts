/** What one engine process is to run with. Arguments only: there is no way to name a shell line. */
export interface ProcessRequest {
  readonly argv: readonly [command: string, ...args: string[]];
  readonly cwd: string;
  /** The whole environment of the process: nothing is inherited. See `engineEnvironment`. */
  readonly env: Readonly<Record<string, string>>;
  /** Both pipes are appended here, bounded. */
  readonly logPath: string;
  readonly timeoutSec: number;
  readonly silenceSec: number;
  readonly signal: AbortSignal;
  readonly onStart?: (pid: number) => void;
  readonly onLine?: (line: string, stream: 'stdout' | 'stderr') => void;
}

export interface ProcessResult {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The last lines of standard error (or of standard output, where that is empty), for messages. */
  readonly lastLines: readonly string[];
  readonly durationSec: number;
}

/**
 * The only spawn of an engine.
 * @throws TaskError E_ENGINE_MISSING (cannot be started), E_ENGINE_TIMEOUT, E_ENGINE_SILENT; the reason of
 *   `signal` when aborted. When it settles, the whole process tree is gone.
 */
export declare function runProcess(request: ProcessRequest): Promise<ProcessResult>;
