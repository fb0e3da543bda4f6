import { setImmediate as nextTurn } from 'node:timers/promises';

/**
 * Work on text that may be long, as a generator: it yields between two pieces, and returns its result. Without pieces, a
 * transcript of some megabytes would delay the heartbeats of all other tasks.
 */
export type InPieces<Result> = Generator<void, Result>;

/** After this number of characters a piece is full: some milliseconds of work. */
const PIECE_CHARS = 32 * 1024;
/** What an interval costs apart from its text, in characters. */
const ITEM_CHARS = 64;

/** Says when it is time to yield. */
export class Piece {
  #leftChars = PIECE_CHARS;

  /** Counts one item with its text. @returns whether the piece is full, and a new one begins */
  add(text: string): boolean {
    this.#leftChars -= text.length + ITEM_CHARS;
    if (this.#leftChars > 0) return false;
    this.#leftChars = PIECE_CHARS;
    return true;
  }
}

/** Does work without a break: for texts that are known to be short. */
export function atOnce<Result>(work: InPieces<Result>): Result {
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
  }
}

/**
 * Does work piece by piece; between two pieces, all other work that waits in the event loop runs.
 * @throws the reason of `signal` when aborted in between
 */
export async function inTurns<Result>(work: InPieces<Result>, signal?: AbortSignal): Promise<Result> {
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
    await nextTurn();
    signal?.throwIfAborted();
  }
}
