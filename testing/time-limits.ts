import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import os from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { must } from '../src/base/must.ts';

/** How long an idle machine takes to start a program that does nothing. */
const IDLE_START_MS = 60;
/** A test that is slower than this factor hangs. */
const MAX_SLOWNESS = 15;
const PAUSE_MS = 20;
/** What takes long is looked at less often: looks of four test files at a time would keep a small machine busy. */
const LONGEST_PAUSE_MS = 100;
const PAUSE_GROWTH = 1.05;

/**
 * How many times slower this machine is than an idle one: at least 1. What was slow may have ended just now, so the load of
 * the last minute counts, too.
 */
export async function measureSlowness(): Promise<number> {
  const startedAtMs = performance.now();
  await new Promise((resolve) =>
    spawn(process.execPath, ['-e', '0'], { stdio: 'ignore' }).on('exit', resolve).on('error', resolve),
  );
  const startSlowness = (performance.now() - startedAtMs) / IDLE_START_MS;
  const waitingPerCore = must(os.loadavg()[0], 'the load of the last minute') / os.availableParallelism();
  return Math.min(MAX_SLOWNESS, Math.max(1, startSlowness, waitingPerCore));
}

/** A time limit for an idle machine. On a busy machine it is longer, by the factor by which the machine is slower. */
export class TimeLimit {
  readonly #limitMs: number;
  readonly #startedAtMs = performance.now();
  #slowness = 1;

  constructor(limitMs: number) {
    this.#limitMs = limitMs;
  }

  /** The slowness is measured only when the limit has passed. */
  async isOver(): Promise<boolean> {
    if (!this.#isOver()) return false;
    this.#slowness = Math.max(this.#slowness, await measureSlowness());
    return this.#isOver();
  }

  #isOver(): boolean {
    return performance.now() - this.#startedAtMs >= this.#limitMs * this.#slowness;
  }
}

/**
 * Waits for a condition, which is checked every few milliseconds.
 * @throws Error that says what was waited for
 */
export async function until(
  what: string | (() => string),
  condition: () => Promise<boolean> | boolean,
  limitMs = 60_000,
): Promise<void> {
  const limit = new TimeLimit(limitMs);
  let pauseMs = PAUSE_MS;
  while (!(await condition())) {
    if (await limit.isOver())
      throw new Error(`waited ${limitMs / 1000} s in vain for ${typeof what === 'string' ? what : what()}`);
    await delay(pauseMs);
    pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * PAUSE_GROWTH);
  }
}

/** Asserts that something took less than a time limit for an idle machine. */
export async function assertTook(what: string, elapsedMs: number, limitMs: number): Promise<void> {
  if (elapsedMs < limitMs) return;
  const slowness = await measureSlowness();
  assert.ok(
    elapsedMs < limitMs * slowness,
    `${what} took ${Math.round(elapsedMs)} ms; expected less than ${limitMs} ms, on a machine ${slowness.toFixed(1)} times slower than an idle one`,
  );
}

/** With more than this, a machine that is only slow would succeed. */
const LONGEST_TRY_SEC = 60;

/**
 * Tries something that has to happen before a time limit with longer and longer limits, until one is long enough for this
 * machine.
 * @returns the result of the last try, whatever it is
 */
export async function withEnoughTime<T>(
  attempt: (limitSec: number) => Promise<T>,
  isEnough: (result: T) => boolean,
  firstSec = 0.3,
): Promise<T> {
  for (let limitSec = firstSec; ; limitSec *= 2) {
    const result = await attempt(limitSec);
    if (isEnough(result) || limitSec > LONGEST_TRY_SEC) return result;
  }
}

const waits = new Set<{ readonly what: string; readonly sinceMs: number }>();

/** Waits for an event without its own limit: when the time of the test file is up, it says what it was waiting for. */
export async function waitingFor<T>(what: string, event: Promise<T>): Promise<T> {
  if (process.listenerCount('SIGTERM', tellWaits) === 0) process.on('SIGTERM', tellWaits);
  const wait = { what, sinceMs: performance.now() };
  waits.add(wait);
  try {
    return await event;
  } finally {
    waits.delete(wait);
  }
}

function tellWaits(): void {
  for (const { what, sinceMs } of waits)
    console.error(`waits since ${((performance.now() - sinceMs) / 1000).toFixed(1)} s for ${what}`);
  process.exit(1);
}
