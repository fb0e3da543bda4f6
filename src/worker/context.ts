import type { Log } from '../base/log.ts';
import type { SitePolicy, ViewPolicy } from '../base/site-policy.ts';
import type { TaskLimits } from '../base/task-limits.ts';
import type { Db } from '../db/connect.ts';
import type { InstanceDeath } from '../db/instances.ts';
import type { KeepTimes } from '../db/retention.ts';
import type { Engine } from '../engines/engine.ts';
import type { Uploads } from '../host/uploads.ts';
import type { FindLanguage } from '../lexicon/language.ts';
import type { DecodeAudio } from '../pipeline/prepare/decode-audio.ts';
import type { EngineLimits } from '../pipeline/stage.ts';
import type { Queue } from '../queue/queue.ts';
import type { EngineRotation } from './engine-rotation.ts';
import type { WorkerEvents } from './events.ts';
import type { LeaseKeeper } from './lease.ts';
import type { RetryPolicy } from './outcome.ts';
import type { Statistics } from './statistics.ts';

/** What every attempt of an instance shares. */
export interface WorkerContext {
  readonly instanceId: string;
  readonly db: Db;
  readonly queue: Queue;
  readonly log: Log;
  readonly leases: LeaseKeeper;
  readonly events: WorkerEvents;
  readonly statistics: Statistics;
  readonly uploads: Uploads;
  readonly uploadsDir: string;
  readonly logsDir: string;
  /** Folder of this very process; workspaces are made in it. */
  readonly workspacesDir: string;
  readonly findLanguage: FindLanguage;
  readonly decodeAudio: DecodeAudio;
  readonly engines: ReadonlyMap<string, Engine>;
  readonly rotation: EngineRotation;
  /** As the site says; a task may choose otherwise. */
  readonly policy: SitePolicy;
  readonly pictures: ViewPolicy['pictures'];
  readonly limits: EngineLimits;
  readonly taskLimits: TaskLimits;
  readonly retry: RetryPolicy;
  readonly keep: KeepTimes;
  /** How long after the end of a task its earlier results stay. */
  readonly removalDelaySec: number;
  /** How long after the end of a completed task its audio stays. 0: its worker removes it at once. */
  readonly audioDelaySec: number;
  /** Logs of attempts; 0: for ever. */
  readonly keepLogsSec: number;
  /** Whether this process runs one task and ends: its death harms no other. */
  readonly isSolo: boolean;
  readonly crashLimit: number;
  /**
   * The death of another instance, as far as this machine can prove it; null: it lives, or that cannot be decided here.
   */
  readonly findDeath: (instanceId: string) => Promise<InstanceDeath | null>;
  /** How long a task waits for an instance that has its engine. */
  readonly engineWaitSec: number;
}
