import type { Behaviour } from './behaviours.ts';
import type { Server } from './server.ts';
import { Mutex } from './waiting.ts';

/** One task that a simulated user has submitted, distinct from its namesakes. */
export interface Submission {
  readonly taskId: string;
  readonly user: string;
  readonly taskPath: string;
  readonly behaviour: Behaviour;
  /** Paths of the recordings without extension, relative to UPLOADS. No two submissions have the same. */
  readonly stems: readonly string[];
  /** `tasks.created_at`, which is different for all submissions: row ids may be used twice after a failover. */
  readonly createdAt: Date;
  /**
   * `deleted`: its user has deleted the row. `lost`: the server has forgotten the row, together with the commit that
   * made it.
   */
  state: 'there' | 'deleted' | 'lost';
  /**
   * Its user has cancelled or deleted a task of this name. A late notification of that may end an attempt of this task.
   */
  isWithdrawn: boolean;
  /** The soak itself has removed its files, and a lost commit has brought its row back. */
  isStripped: boolean;
}

/** Everything that the simulated users have done. The audit compares the database and the disk with it. */
export class Submissions {
  readonly #submissions: Submission[] = [];
  /** A lock: deletions and the comparison with a server that has lost commits exclude each other. */
  readonly changes = new Mutex();
  #lastCreatedAtMs = 0;
  /** When commits were lost, in milliseconds since the epoch. */
  readonly forgottenAtMs: number[] = [];

  get all(): readonly Submission[] {
    return this.#submissions;
  }

  add(submission: Submission): void {
    this.#submissions.push(submission);
  }

  /** A time that no other submission has. */
  nextCreatedAt(): Date {
    this.#lastCreatedAtMs = Math.max(Date.now(), this.#lastCreatedAtMs + 1);
    return new Date(this.#lastCreatedAtMs);
  }

  byCreation(createdAt: Date): Submission | undefined {
    const ms = createdAt.getTime();
    return this.#submissions.find((one) => one.createdAt.getTime() === ms);
  }

  /** The last submissions, for faults that need names of real tasks. */
  recent(count: number): readonly Submission[] {
    return this.#submissions.slice(-count);
  }

  noteWithdrawal(taskId: string): void {
    for (const one of this.#submissions) if (one.taskId === taskId) one.isWithdrawn = true;
  }

  /**
   * Compares with a server that has lost commits.
   * @param sinceMs - since when commits may be lost, in milliseconds since the epoch
   * @returns how many tasks it has forgotten, and how many deleted tasks it knows again
   */
  reconcile(server: Pick<Server, 'ask'>, sinceMs: number): Promise<{ lost: number; back: number }> {
    return this.changes.run(async () => {
      this.forgottenAtMs.push(Date.now());
      const asked = [...this.#submissions];
      const rows = await server.ask<{ created_at: Date }>('SELECT created_at FROM tasks');
      const there = new Set(rows.map(({ created_at }) => created_at.getTime()));
      const deletions = await server.ask<{ task_id: string }>('SELECT task_id FROM deleted_tasks');
      const isRecorded = new Set(deletions.map(({ task_id }) => task_id));
      let lost = 0;
      let back = 0;
      for (const one of asked) {
        const isThere = there.has(one.createdAt.getTime());
        // Made and deleted in that time: the server has forgotten both, and nothing removes the uploads of the user.
        const isForgotten =
          one.state === 'deleted' && !isRecorded.has(one.taskId) && one.createdAt.getTime() >= sinceMs;
        if (!isThere && (one.state === 'there' || isForgotten)) {
          one.state = 'lost';
          lost += 1;
        } else if (one.state === 'deleted' && isThere) {
          one.state = 'there';
          back += 1;
        }
      }
      return { lost, back };
    });
  }
}
