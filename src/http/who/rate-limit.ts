import { TaskError } from '../../base/errors.ts';
import { Refusal } from '../problem.ts';

const TOO_MANY = 429;
/** With more clients than this, those whose last request is the oldest are forgotten. */
const MAX_KNOWN = 10_000;

export interface RateLimitOptions {
  /** Permits at once. */
  readonly burst: number;
  /** Further permits in each second. */
  readonly perSec: number;
  /** What is counted, such as `requests`. */
  readonly what: string;
  /** In milliseconds, from any moment on. */
  readonly clock?: () => number;
}

interface Bucket {
  readonly left: number;
  readonly atMs: number;
}

/** A bucket of permits for each client, which fills up again with time. */
export class RateLimit {
  readonly #options: Required<RateLimitOptions>;
  readonly #buckets = new Map<string, Bucket>();

  constructor(options: RateLimitOptions) {
    this.#options = { clock: () => performance.now(), ...options };
  }

  /**
   * Takes one permit.
   * @throws Refusal 429 with the time when there is one again
   */
  take(asker: string): void {
    const { burst, perSec, what, clock } = this.#options;
    const nowMs = clock();
    const bucket = this.#buckets.get(asker) ?? { left: burst, atMs: nowMs };
    const left = Math.min(burst, bucket.left + ((nowMs - bucket.atMs) / 1000) * perSec);
    this.#buckets.delete(asker);
    this.#buckets.set(asker, { left: left < 1 ? left : left - 1, atMs: nowMs });
    if (this.#buckets.size > MAX_KNOWN) this.#buckets.delete(this.#buckets.keys().next().value ?? '');
    if (left >= 1) return;
    const waitSec = Math.ceil((1 - left) / perSec);
    throw new Refusal(TOO_MANY, new TaskError('E_LIMIT', `too many ${what}; go on in ${waitSec} s`), {
      'Retry-After': String(waitSec),
    });
  }
}
