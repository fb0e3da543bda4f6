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
 * The pauses of operators that concern this instance: logs them, and begins a drain. It does not decide whether a task
 * may be claimed: each claim reads the pauses itself.
 */
export class PauseWatch {
  readonly #context: PauseContext;
  readonly #onDrain: () => void;
  #known: readonly OwnPause[] = [];
  #looking: Promise<void> | null = null;
  /** It was called during a query, which may have been too early. */
  #isStale = false;

  constructor(context: PauseContext, onDrain: () => void) {
    this.#context = context;
    this.#onDrain = onDrain;
  }

  /** Whether this instance takes no tasks at all. */
  get isOfAll(): boolean {
    return this.#known.some(({ engine }) => engine === null);
  }

  /** Called when pauses may have changed. Several calls during one query lead to one more query. */
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
        // Read again with the next heartbeat.
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
