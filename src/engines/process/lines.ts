import { StringDecoder } from 'node:string_decoder';
import { visibleLine } from '../../base/visible-text.ts';

type StreamName = 'stdout' | 'stderr';

/** The output of a process as lines. */
export interface OutputLines {
  push(chunk: Buffer, stream: StreamName): void;
  /** Gives out lines that had no end. */
  end(): void;
  /** The last lines of standard error, or of standard output where that is empty. */
  last(): readonly string[];
}

const LINE_MAX_CHARS = 2000;
const LAST_LINES_COUNT = 20;
const LAST_LINE_MAX_CHARS = 400;

/**
 * @param onLine - called per line, without its end; lines longer than 2000 characters are cut
 * @param onError - called with what `onLine` threw: thrown on it would end the worker
 */
export function readLines(
  onLine: ((line: string, stream: StreamName) => void) | undefined,
  onError: (error: unknown) => void,
): OutputLines {
  const last: Record<StreamName, string[]> = { stdout: [], stderr: [] };
  const give = (line: string, stream: StreamName): void => {
    if (line.trim() !== '') {
      // They become part of messages.
      last[stream].push(visibleLine(cut(line, LAST_LINE_MAX_CHARS)));
      if (last[stream].length > LAST_LINES_COUNT) last[stream].shift();
    }
    try {
      onLine?.(cut(line, LINE_MAX_CHARS), stream);
    } catch (error) {
      onError(error);
    }
  };
  const splitters = {
    stdout: splitLines((line) => give(line, 'stdout')),
    stderr: splitLines((line) => give(line, 'stderr')),
  };
  return {
    push: (chunk, stream) => splitters[stream].push(chunk),
    end: () => {
      splitters.stdout.end();
      splitters.stderr.end();
    },
    last: () => (last.stderr.length > 0 ? last.stderr : last.stdout),
  };
}

function splitLines(give: (line: string) => void): { push(chunk: Buffer): void; end(): void } {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  return {
    push: (chunk) => {
      const lines = (rest + decoder.write(chunk)).split(/\r?\n|\r/);
      // Only as much as can be shown is kept of a line without end, or it would fill the memory.
      rest = (lines.pop() ?? '').slice(0, LINE_MAX_CHARS + 1);
      for (const line of lines) give(line);
    },
    end: () => {
      const line = rest + decoder.end();
      rest = '';
      if (line !== '') give(line);
    },
  };
}

function cut(line: string, maxChars: number): string {
  return line.length <= maxChars ? line : `${line.slice(0, maxChars)}...`;
}
