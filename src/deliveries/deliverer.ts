import type { Log } from '../base/log.ts';
import { limitText, storableText } from '../base/storable-text.ts';
import { visibleLine } from '../base/visible-text.ts';
import type { Db } from '../db/connect.ts';
import { type ClaimedDelivery, claimDelivery, noteAttempt, type TaskEnd } from '../db/deliveries.ts';
import type { DeliveryKind } from '../db/delivery-tables.ts';
import { type DeliveryAttempt, MAX_ATTEMPTS, retryDelaySec } from './attempt.ts';

/** Makes one attempt. Only an abort by `signal` is thrown. */
export type Sender = (delivery: ClaimedDelivery, signal: AbortSignal) => Promise<DeliveryAttempt>;

export interface DelivererOptions {
  /** Closed together with the deliverer. */
  readonly db: Db;
  readonly log: Log;
  /** Kinds of deliveries that this instance can send. */
  readonly senders: Partial<Readonly<Record<DeliveryKind, Sender>>>;
  readonly makeBody: (end: TaskEnd) => string;
  /** How often to search for due deliveries without a notification. */
  readonly everySec: number;
}

/**
 * A slow receiver occupies one of them, since no two requests go to the same host. Many receivers have the task in the
 * URL, so the host counts and not the URL.
 */
const AT_ONCE = 2;
/** Longer than any attempt takes. After it, another instance may send the same message again. */
const LEASE_SEC = 180;
/** Any login can send notifications, and thousands of them. One search serves all that arrive in this time. */
const HINT_DELAY_MS = 50;
const MAX_ANSWER_CHARS = 1_000;

/**
 * Sends the messages about ended tasks. Each delivery is claimed before it is sent. If the process dies meanwhile, it
 * is sent again, so a receiver may get it twice, under the same id.
 */
export class Deliverer {
  readonly #options: DelivererOptions;
  readonly #kinds: readonly DeliveryKind[];
  readonly #stopping = new AbortController();
  /** By the id of the delivery. */
  readonly #sending = new Map<string, { readonly url: string; readonly end: Promise<void> }>();
  #looking: Promise<void> | null = null;
  #claimsToTry = 0;
  #timer: NodeJS.Timeout | null = null;
  #hintTimer: NodeJS.Timeout | null = null;

  constructor(options: DelivererOptions) {
    this.#options = options;
    this.#kinds = Object.keys(options.senders) as DeliveryKind[];
  }

  start(): void {
    this.#timer = setInterval(() => this.#look(), this.#options.everySec * 1000);
    this.#look();
  }

  /** To be called when a delivery may be due. */
  hint(): void {
    if (this.#stopping.signal.aborted) return;
    this.#hintTimer ??= setTimeout(() => {
      this.#hintTimer = null;
      this.#look();
    }, HINT_DELAY_MS);
  }

  /** Aborts all requests; another instance sends these messages again. May be called twice. */
  async stop(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    if (this.#hintTimer !== null) clearTimeout(this.#hintTimer);
    this.#stopping.abort();
    await this.#looking;
    await Promise.all([...this.#sending.values()].map(({ end }) => end));
    await this.#options.db.destroy();
  }

  /**
   * Tries to claim this number. When one delivery ends, only one place is free: a search for the others found nothing
   * before, perhaps after thousands for the same host.
   */
  #look(count: number = AT_ONCE): void {
    if (this.#stopping.signal.aborted) return;
    this.#claimsToTry = Math.min(AT_ONCE, this.#claimsToTry + count);
    this.#looking ??= this.#claimAll().finally(() => {
      this.#looking = null;
      // A notification came after the last claim.
      if (this.#claimsToTry > 0) this.#look(0);
    });
  }

  async #claimAll(): Promise<void> {
    const { db, log, makeBody } = this.#options;
    try {
      while (this.#claimsToTry > 0 && !this.#stopping.signal.aborted) {
        this.#claimsToTry -= 1;
        if (this.#sending.size >= AT_ONCE) continue;
        const delivery = await claimDelivery(db, {
          kinds: this.#kinds,
          withoutUrls: [...this.#sending.values()].map(({ url }) => url),
          leaseSec: LEASE_SEC,
          maxAttempts: MAX_ATTEMPTS,
          makeBody,
        });
        if (delivery === null) continue;
        const end = this.#deliver(delivery).finally(() => {
          this.#sending.delete(delivery.id);
          this.#look(1);
        });
        this.#sending.set(delivery.id, { url: delivery.url, end });
      }
    } catch (error) {
      this.#claimsToTry = 0;
      log.warn('delivery.not_claimed', { error });
    }
  }

  async #deliver(delivery: ClaimedDelivery): Promise<void> {
    const { db, log, senders } = this.#options;
    const { kind, taskId, attempt } = delivery;
    const fields = { taskId, kind, attempt, ...(delivery.url === '' ? {} : { host: hostOf(delivery.url) }) };
    try {
      const { outcome, answer: said } = await this.#send(delivery, senders[kind]);
      const answer = limitText(visibleLine(storableText(said)), MAX_ANSWER_CHARS);
      if (outcome === 'delivered') {
        await noteAttempt(db, delivery, 'delivered', answer);
        log.info('delivery.sent', { ...fields, answer });
        return;
      }
      const delaySec = outcome === 'unwanted' ? null : retryDelaySec(attempt);
      if (delaySec === null) {
        await noteAttempt(db, delivery, 'given up', answer);
        log.error('delivery.given_up', { ...fields, answer });
        return;
      }
      await noteAttempt(db, delivery, 'waiting', answer, this.#stopping.signal.aborted ? 0 : delaySec);
      log.warn('delivery.failed', { ...fields, answer, againInSec: Math.round(delaySec) });
    } catch (error) {
      // It is sent again when its lease has run out.
      log.warn('delivery.not_noted', { ...fields, error });
    }
  }

  async #send(delivery: ClaimedDelivery, send: Sender | undefined): Promise<DeliveryAttempt> {
    const { signal } = this.#stopping;
    if (send === undefined) throw new Error(`this instance sends no ${delivery.kind}`);
    try {
      return await send(delivery, signal);
    } catch (error) {
      if (!signal.aborted) throw error;
      return { outcome: 'failed', answer: 'broken off: the worker stopped' };
    }
  }
}

/** A URL may hold a secret in its path. */
function hostOf(url: string): string {
  return URL.parse(url)?.host ?? '';
}
