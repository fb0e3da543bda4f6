import { StringDecoder } from 'node:string_decoder';
import { limitText } from '../../base/storable-text.ts';
import { visibleLine } from '../../base/visible-text.ts';

type StreamName = 'stdout' | 'stderr';

/** The output of a process as lines. */
export interface OutputLines {
  push(chunk: Buffer, stream: StreamName): void;
  /** Gives the last lines, if they had no line end. */
  end(): void;
  /** The last lines of standard error or, if it is empty, of standard output. */
  last(): readonly string[];
}

const LINE_MAX_CHARS = 2000;
const LAST_LINES_COUNT = 20;
const LAST_LINE_MAX_CHARS = 400;

/**
 * Divides the output of a process into lines.
 * @param onLine - gets each line, without its end; lines longer than 2000 characters are cut
 * @param onError - gets what `onLine` threw, since an exception here would end the worker
 */
export function readLines(
  onLine: ((line: string, stream: StreamName) => void) | undefined,
  onError: (error: unknown) => void,
): OutputLines {
  const last: Record<StreamName, string[]> = { stdout: [], stderr: [] };
  const give = (line: string, droppedChars: number, stream: StreamName): void => {
    if (line.trim() !== '') {
      // Messages contain these lines.
      last[stream].push(visibleLine(limitText(line, LAST_LINE_MAX_CHARS, droppedChars)));
      if (last[stream].length > LAST_LINES_COUNT) last[stream].shift();
    }
    try {
      onLine?.(limitText(line, LINE_MAX_CHARS, droppedChars), stream);
    } catch (error) {
      onError(error);
    }
  };
  const splitters = {
    stdout: splitLines((line, droppedChars) => give(line, droppedChars, 'stdout')),
    stderr: splitLines((line, droppedChars) => give(line, droppedChars, 'stderr')),
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

type GiveLine = (line: string, droppedChars: number) => void;

function splitLines(give: GiveLine): { push(chunk: Buffer): void; end(): void } {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  let droppedChars = 0;
  const giveFirst = (line: string): void => {
    give(line, droppedChars);
    droppedChars = 0;
  };
  return {
    push: (chunk) => {
      const lines = decoder.write(chunk).split(/\r?\n|\r/);
      const open = lines.pop() ?? '';
      for (const line of lines) {
        giveFirst(rest + line);
        rest = '';
      }
      // A line that never ends would fill the memory: only what can be shown of it is kept.
      const leftChars = Math.max(0, LINE_MAX_CHARS + 1 - rest.length);
      rest += open.slice(0, leftChars);
      droppedChars += Math.max(0, open.length - leftChars);
    },
    end: () => {
      const line = rest + decoder.end();
      rest = '';
      if (line !== '') giveFirst(line);
    },
  };
}
