import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { makeWav } from '../../tests/support/wav.ts';
import type { Fleet } from './fleet.ts';
import { isRunning } from './processes.ts';
import type { Random } from './random.ts';
import type { Server } from './server.ts';
import { RECORDING_SEC, type Temper, writeTranscript } from './tempers.ts';
import { pause } from './waiting.ts';

export interface CrowdOptions {
  readonly server: Server;
  readonly fleet: Fleet;
  readonly uploadsDir: string;
  readonly random: Random;
  readonly tempers: readonly Temper[];
  /** A wave comes when no more tasks than this are open. */
  readonly lowWater: number;
}

/** From the request to cancel a running task until its engine was dead. */
export interface CancelSample {
  readonly fromMs: number;
  readonly toMs: number;
  readonly slot: number;
}

const USERS = ['ann', 'ben', 'cleo', 'dan', 'eve'];
/** The first users bring more than the others. */
const USER_WEIGHTS: Readonly<Record<string, number>> = { ann: 6, ben: 3 };
const CANCEL_CHANCE = 0.06;
const RETRY_CHANCE = 0.4;
const RETRIES_PER_TASK = 2;
const LOOK_INTERVAL_MS = 250;
const ENGINE_DEATH_LIMIT_MS = 30_000;
const RATE_HZ = 16_000;

/** Users who upload, cancel and try again, by SQL and files alone, as web applications do. */
export class Crowd {
  readonly #options: CrowdOptions;
  readonly #wav = makeWav({ sampleRateHz: RATE_HZ, samples: new Float64Array(RATE_HZ * RECORDING_SEC) });
  /** How often a task was tried again; the limit also for one that its user gave up. */
  readonly #retries = new Map<string, number>();
  readonly #underWay = new Set<Promise<void>>();
  #next: Temper[];
  taskCount = 0;
  waveCount = 0;
  cancelCount = 0;
  retryCount = 0;
  readonly cancels: CancelSample[] = [];

  constructor(options: CrowdOptions) {
    this.#options = options;
    // Each temper comes at least once, however short the soak is.
    this.#next = [...options.tempers];
  }

  /** Goes on until told to stop, then waits for what is under way. */
  async run(signal: AbortSignal): Promise<void> {
    const { random, lowWater } = this.#options;
    while (!signal.aborted) {
      if ((await this.#countOpen()) <= lowWater) {
        this.waveCount += 1;
        const size = random.integer(lowWater, 3 * lowWater);
        for (let n = 0; n < size && !signal.aborted; n++) await this.#submit(signal);
      }
      await this.#retryEnded();
      await pause(LOOK_INTERVAL_MS, signal);
    }
    await Promise.all(this.#underWay);
  }

  async #countOpen(): Promise<number> {
    const [row] = await this.#options.server.ask<{ n: number }>(
      "SELECT count(*)::int AS n FROM tasks WHERE task_status IN ('uploaded', 'processing')",
    );
    return row?.n ?? 0;
  }

  /** Files first, then the row, which is what queues them. */
  async #submit(signal: AbortSignal): Promise<void> {
    const { random, server, tempers } = this.#options;
    const number = this.taskCount + 1;
    const temper = this.#next.shift() ?? random.pick(tempers, ({ weight }) => weight);
    const user = random.pick(USERS, (name) => USER_WEIGHTS[name] ?? 1);
    const taskId = `task-${number}`;
    const taskPath = `${user}/upl/${taskId}`;
    if (!(await this.#upload(taskPath, temper.write(random, number)))) {
      await pause(LOOK_INTERVAL_MS, signal);
      return;
    }
    this.taskCount = number;
    await server.ask(
      `INSERT INTO tasks (task_id, user_uuid, lang, task_path, task_status, priority)
       VALUES ($1, $2, $3, $4, 'uploaded', $5) ON CONFLICT (task_id) DO NOTHING`,
      [taskId, user, temper.language, taskPath, random.integer(-2, 2)],
    );
    if (random.chance(CANCEL_CHANCE))
      this.#later(random.between(0, 3_000), signal, () => this.#cancel(taskId));
  }

  /** @returns false when the disk is full: the user tries again with another task, and nothing is left of this one */
  async #upload(taskPath: string, recordings: readonly (readonly string[])[]): Promise<boolean> {
    const dir = path.join(this.#options.uploadsDir, taskPath);
    try {
      await mkdir(dir, { recursive: true });
      for (const [index, texts] of recordings.entries()) {
        await writeFile(path.join(dir, `talk${index + 1}.wav`), this.#wav);
        await writeFile(path.join(dir, `talk${index + 1}.TextGrid`), writeTranscript(texts));
      }
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      await rm(dir, { recursive: true, force: true });
      return false;
    }
  }

  async #cancel(taskId: string): Promise<void> {
    const { server, fleet } = this.#options;
    const [row] = await server.ask<{ was: string }>(
      `WITH before AS (SELECT task_id, task_status FROM tasks WHERE task_id = $1)
       UPDATE tasks SET cancel_requested = true FROM before
       WHERE tasks.task_id = before.task_id AND tasks.task_status IN ('uploaded', 'processing')
       RETURNING before.task_status AS was`,
      [taskId],
    );
    if (row === undefined) return;
    this.cancelCount += 1;
    const engine = fleet.engineOf(taskId);
    if (row.was !== 'processing' || engine === null || !isRunning(engine.pid)) return;
    const fromMs = performance.now();
    while (isRunning(engine.pid) && performance.now() - fromMs < ENGINE_DEATH_LIMIT_MS) await pause(10);
    this.cancels.push({ fromMs, toMs: performance.now(), slot: engine.slot });
  }

  /** Some of what failed or was cancelled is tried again; what failed for want of room always is. */
  async #retryEnded(): Promise<void> {
    const { server } = this.#options;
    const ended = await server.ask<{ task_id: string; error_code: string | null }>(
      "SELECT task_id, error_code FROM tasks WHERE task_status IN ('failed', 'cancelled') ORDER BY id",
    );
    const chosen = ended.filter(({ task_id, error_code }) => this.#wantsRetry(task_id, error_code));
    if (chosen.length === 0) return;
    const retried = await server.ask(
      `UPDATE tasks SET task_status = 'uploaded', status_note = 'tried again by its user'
       WHERE task_id = ANY ($1) AND task_status IN ('failed', 'cancelled') RETURNING task_id`,
      [chosen.map(({ task_id }) => task_id)],
    );
    this.retryCount += retried.length;
  }

  #wantsRetry(taskId: string, errorCode: string | null): boolean {
    if (errorCode === 'E_DISK_FULL') return true;
    const retries = this.#retries.get(taskId) ?? 0;
    const wants = retries < RETRIES_PER_TASK && this.#options.random.chance(RETRY_CHANCE);
    this.#retries.set(taskId, wants ? retries + 1 : RETRIES_PER_TASK);
    return wants;
  }

  #later(delayMs: number, signal: AbortSignal, act: () => Promise<void>): void {
    const doing = pause(delayMs, signal)
      .then(act)
      .finally(() => this.#underWay.delete(doing));
    this.#underWay.add(doing);
  }
}
