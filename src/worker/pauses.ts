import type { Log } from '../base/log.ts';
import type { Db } from '../db/connect.ts';
import { listPausesOf } from '../db/pauses.ts';

interface PauseContext {
  readonly db: Db;
  readonly instanceId: string;
  readonly log: Log;
}

type OwnPause = Awaited<ReturnType<typeof listPausesOf>>[number];

/**
 * The pauses of operators, as far as they concern this instance: tells the log, and begins a drain. Whether a task may be
 * claimed is not decided here: each claim looks at the pauses by itself.
 */
export class PauseWatch {
  readonly #context: PauseContext;
  readonly #onDrain: () => void;
  #known: readonly OwnPause[] = [];
  #looking: Promise<void> | null = null;
  /** Asked for while a look was under way, which may have come too early. */
  #isStale = false;

  constructor(context: PauseContext, onDrain: () => void) {
    this.#context = context;
    this.#onDrain = onDrain;
  }

  /** Whether no task at all is taken here. */
  get isOfAll(): boolean {
    return this.#known.some(({ engine }) => engine === null);
  }

  /** Called when they may have changed. Several calls during one look are one more look. */
  hint(): void {
    this.#isStale = true;
    this.#looking ??= this.#look().finally(() => {
      this.#looking = null;
    });
  }

  async #look(): Promise<void> {
    const { db, instanceId, log } = this.#context;
    while (this.#isStale) {
      this.#isStale = false;
      try {
        this.#compare(await listPausesOf(db, instanceId));
      } catch (error) {
        // Looked at again with the next sign of life.
        log.warn('pauses.not_read', { error });
      }
    }
  }

  #compare(now: readonly OwnPause[]): void {
    const { log } = this.#context;
    const isNew = (one: OwnPause) => !this.#known.some(({ id }) => id === one.id);
    const isOver = (one: OwnPause) => !now.some(({ id }) => id === one.id);
    for (const one of now.filter(isNew)) log.info('pause.begun', fieldsOf(one));
    for (const one of this.#known.filter(isOver)) log.info('pause.ended', fieldsOf(one));
    this.#known = now;
    if (now.some(({ is_drain }) => is_drain)) this.#onDrain();
  }
}

function fieldsOf({ engine, reason, paused_by: by }: OwnPause) {
  return { engine: engine ?? 'all', by, ...(reason === null ? {} : { reason }) };
}
