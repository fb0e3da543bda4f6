import { type PreparedUtterance, type Recording, selectUtterances } from '../prepared.ts';
import type { Cutter } from '../resources.ts';
import type { StageContext } from '../stage.ts';
import { type Cut, isLong } from './cut.ts';
import type { TaskWords } from './cutter-lexicon.ts';
import { findCuts } from './find-cuts.ts';
import { isPart } from './parts.ts';

/** The share of the time left that cutting may use. It takes far less; if it hangs, the task must still have time. */
const TIME_SHARE = 0.5;

export interface CuttingOptions {
  /** Null: there is no cutter, or the site does not want one. */
  readonly cutter: Cutter | null;
  readonly task: TaskWords;
  readonly ctx: StageContext;
  /** Seconds that the task has left. */
  readonly leftSec: () => number;
  /** Shares of the whole task that are done before and after cutting. */
  readonly progress: { readonly start: number; readonly end: number };
}

/** The cuts of one task: each utterance is given to the cutter once. */
export class Cutting {
  readonly #options: CuttingOptions;
  readonly #cuts = new Map<PreparedUtterance, Cut>();
  #runCount = 0;

  constructor(options: CuttingOptions) {
    this.#options = options;
  }

  /** All utterances that were given to the cutter, cut or not. */
  get cuts(): ReadonlyMap<PreparedUtterance, Cut> {
    return this.#cuts;
  }

  /** Cuts utterances, except those that are parts or were tried before. */
  async cut(recordings: readonly Recording[]): Promise<void> {
    const { cutter, task, ctx, leftSec, progress } = this.#options;
    // A model of another language cannot tell which words are said, so short utterances gain nothing by it.
    const uncut = selectUtterances(
      recordings,
      (one) => !isPart(one) && !this.#cuts.has(one) && (cutter?.isForeign === false || isLong(one)),
    );
    if (cutter === null || uncut.length === 0) return;
    this.#runCount += 1;
    const found = await findCuts(cutter, task, uncut, ctx, {
      name: `cut${this.#runCount}`,
      timeoutSec: leftSec() * TIME_SHARE,
      search: 'usual',
      poolsNames: false,
      progress,
    });
    for (const [utterance, one] of found) this.#cuts.set(utterance, one);
  }
}
