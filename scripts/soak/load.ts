import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { makeWav } from '../../testing/wav.ts';
import { type Behaviour, RECORDING_SEC, writeTranscript } from './behaviours.ts';
import type { Fleet } from './fleet.ts';
import { isRunning } from './processes.ts';
import type { Random } from './random.ts';
import type { Server } from './server.ts';
import type { SoakDirs } from './soak-dirs.ts';
import type { Submission, Submissions } from './submissions.ts';
import { pause } from './waiting.ts';

export interface LoadOptions {
  readonly server: Server;
  readonly fleet: Fleet;
  readonly dirs: SoakDirs;
  readonly submissions: Submissions;
  readonly random: Random;
  readonly behaviours: readonly Behaviour[];
  /** A wave of tasks is added when no more than this number are open. */
  readonly lowWater: number;
}

/** From the request to cancel a running task to the death of its engine. */
export interface CancelSample {
  readonly fromMs: number;
  readonly toMs: number;
  readonly slot: number;
}

const USERS = ['ann', 'ben', 'cleo', 'dan', 'eve'];
/** The first users add more tasks than the others. */
const USER_WEIGHTS: Readonly<Record<string, number>> = { ann: 6, ben: 3 };
const CANCEL_CHANCE = 0.06;
const RETRY_CHANCE = 0.4;
const RETRIES_PER_TASK = 2;
const LOOK_INTERVAL_MS = 250;
const ENGINE_DEATH_LIMIT_MS = 30_000;
const RATE_HZ = 16_000;

/** Users who upload, cancel, delete and retry, only by SQL and files, as web applications do. */
export class Load {
  readonly #options: LoadOptions;
  readonly #wav = makeWav({ sampleRateHz: RATE_HZ, samples: new Float64Array(RATE_HZ * RECORDING_SEC) });
  /** How often a task was retried, and the limit also for tasks that their users cancelled. */
  readonly #retries = new Map<string, number>();
  readonly #underWay = new Set<Promise<void>>();
  #next: Behaviour[];
  #taskNumber = 0;
  waveCount = 0;
  cancelCount = 0;
  retryCount = 0;
  readonly cancels: CancelSample[] = [];

  constructor(options: LoadOptions) {
    this.#options = options;
    // Each behaviour is used at least once, even in a short soak.
    this.#next = [...options.behaviours];
  }

  /** Goes on until it is told to stop, then waits for what is under way. */
  async run(signal: AbortSignal): Promise<void> {
    const { random, lowWater } = this.#options;
    while (!signal.aborted) {
      if ((await this.#countOpen()) <= lowWater) {
        this.waveCount += 1;
        const size = random.integer(lowWater, 3 * lowWater);
        for (let n = 0; n < size && !signal.aborted; n++) await this.#submitNext(signal);
      }
      await this.#retryEnded();
      await pause(LOOK_INTERVAL_MS, signal);
    }
    await Promise.all(this.#underWay);
  }

  /**
   * Deletes a task and makes another one with the same name.
   * @param isInSameFolder - true: its new files replace the old ones; false: the workers have to remove the old ones
   */
  async remake(
    old: Submission,
    isInSameFolder: boolean,
    pauseMs: number,
    signal: AbortSignal,
  ): Promise<boolean> {
    if (!(await this.delete(old))) return false;
    await pause(pauseMs, signal);
    const { dirs, random, behaviours } = this.#options;
    const taskPath = isInSameFolder ? old.taskPath : `${old.user}/upl/${old.taskId}-${this.#taskNumber + 1}`;
    if (isInSameFolder) {
      old.isStripped = true;
      await dirs.uploads.whileThere(() =>
        rm(path.join(dirs.uploadsDir, taskPath), { recursive: true, force: true }),
      );
    }
    const behaviour = random.pick(behaviours, ({ weight }) => weight);
    return await this.#submit({ taskId: old.taskId, user: old.user, taskPath, behaviour });
  }

  /** @returns false if the task does not exist any more */
  async delete(submission: Submission): Promise<boolean> {
    const { server, submissions } = this.#options;
    return await submissions.changes.run(async () => {
      if (submission.state !== 'there') return false;
      submissions.noteWithdrawal(submission.taskId);
      // If the answer is lost, the statement is sent twice. The second time there is nothing to delete, but the task is
      // deleted.
      await server.ask('DELETE FROM tasks WHERE task_id = $1 AND created_at = $2', [
        submission.taskId,
        submission.createdAt,
      ]);
      submission.state = 'deleted';
      return true;
    });
  }

  async #countOpen(): Promise<number> {
    const [row] = await this.#options.server.ask<{ n: number }>(
      "SELECT count(*)::int AS n FROM tasks WHERE task_status IN ('uploaded', 'processing')",
    );
    return row?.n ?? 0;
  }

  async #submitNext(signal: AbortSignal): Promise<void> {
    const { random, behaviours } = this.#options;
    const behaviour = this.#next.shift() ?? random.pick(behaviours, ({ weight }) => weight);
    const user = random.pick(USERS, (name) => USER_WEIGHTS[name] ?? 1);
    const taskId = `task-${this.#taskNumber + 1}`;
    if (!(await this.#submit({ taskId, user, taskPath: `${user}/upl/${taskId}`, behaviour }))) {
      await pause(LOOK_INTERVAL_MS, signal);
      return;
    }
    if (random.chance(CANCEL_CHANCE))
      this.#later(random.between(0, 3_000), signal, () => this.#cancel(taskId));
  }

  /** Writes the files first, then the row, which queues them. @returns false when the disk is full */
  async #submit(wanted: Pick<Submission, 'taskId' | 'user' | 'taskPath' | 'behaviour'>): Promise<boolean> {
    const { random, server, submissions, dirs } = this.#options;
    const { taskId, user, taskPath, behaviour } = wanted;
    const number = this.#taskNumber + 1;
    const recordings = behaviour.write(random, number);
    const stems = recordings.map((_, index) => `${taskPath}/talk${number}-${index + 1}`);
    if (!(await dirs.uploads.whileThere(() => this.#upload(taskPath, stems, recordings, number))))
      return false;
    this.#taskNumber = number;
    const createdAt = submissions.nextCreatedAt();
    await server.ask(
      `INSERT INTO tasks (task_id, user_uuid, lang, task_path, task_status, priority, created_at)
       VALUES ($1, $2, $3, $4, 'uploaded', $5, $6) ON CONFLICT (task_id) DO NOTHING`,
      [taskId, user, behaviour.language, taskPath, random.integer(-2, 2), createdAt],
    );
    if (!(await this.#isThere(taskId, createdAt))) {
      // A server that has forgotten the deletion of the namesake refuses the row.
      await this.#removeFiles(stems);
      return false;
    }
    submissions.add({ ...wanted, stems, createdAt, state: 'there', isWithdrawn: false, isStripped: false });
    return true;
  }

  /** @returns false when the disk is full: the user tries again with another task, and nothing of this one is left */
  async #upload(
    taskPath: string,
    stems: readonly string[],
    recordings: readonly (readonly string[])[],
    number: number,
  ): Promise<boolean> {
    const { uploadsDir } = this.#options.dirs;
    const dir = path.join(uploadsDir, taskPath);
    try {
      await mkdir(dir, { recursive: true });
      for (const [index, stem] of stems.entries()) {
        const transcript = writeTranscript(recordings[index] ?? [], `speaker-${number}`);
        await writeFile(path.join(uploadsDir, `${stem}.wav`), this.#wav);
        await writeFile(path.join(uploadsDir, `${stem}.TextGrid`), transcript);
      }
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      await rm(dir, { recursive: true, force: true });
      return false;
    }
  }

  async #isThere(taskId: string, createdAt: Date): Promise<boolean> {
    const statement = 'SELECT FROM tasks WHERE task_id = $1 AND created_at = $2';
    return (await this.#options.server.ask(statement, [taskId, createdAt])).length > 0;
  }

  async #removeFiles(stems: readonly string[]): Promise<void> {
    const { dirs } = this.#options;
    await dirs.uploads.whileThere(async () => {
      for (const file of stems.flatMap((stem) => [`${stem}.wav`, `${stem}.TextGrid`]))
        await rm(path.join(dirs.uploadsDir, file), { force: true });
    });
  }

  async #cancel(taskId: string): Promise<void> {
    const { server, fleet, submissions } = this.#options;
    submissions.noteWithdrawal(taskId);
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

  /** Retries some tasks that failed or were cancelled, and all that failed because the disk was full. */
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
