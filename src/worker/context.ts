import type { SitePolicy, ViewPolicy } from '../base/site-policy.ts';
import type { TaskLimits } from '../base/task-limits.ts';
import type { Engine } from '../engines/engine.ts';
import type { Uploads } from '../host/uploads.ts';
import type { FindLanguage } from '../lexicon/language.ts';
import type { DecodeAudio } from '../pipeline/prepare/decode-audio.ts';
import type { EngineLimits } from '../pipeline/stage.ts';
import type { ClaimContext } from './claim.ts';
import type { EngineRotation } from './engine-rotation.ts';
import type { WorkerEvents } from './events.ts';
import type { RetryPolicy } from './outcome.ts';
import type { SettleContext } from './settle.ts';
import type { Statistics } from './statistics.ts';

/** What all attempts of an instance share. */
export interface AttemptContext extends SettleContext {
  readonly events: WorkerEvents;
  readonly uploads: Uploads;
  readonly logsDir: string;
  /** Folder of this process, in which workspaces are made. */
  readonly workspacesDir: string;
  readonly findLanguage: FindLanguage;
  readonly decodeAudio: DecodeAudio;
  readonly engines: ReadonlyMap<string, Engine>;
  readonly rotation: EngineRotation;
  /** The policy of the site; a task may choose otherwise. */
  readonly policy: SitePolicy;
  readonly pictures: ViewPolicy['pictures'];
  readonly limits: EngineLimits;
  readonly taskLimits: TaskLimits;
  readonly retry: RetryPolicy;
  /** How long after the end of a completed task its audio stays. 0: its worker removes it at once. */
  readonly audioDelaySec: number;
  /** Whether this process runs one task and ends. Then its death harms no other task. */
  readonly isSolo: boolean;
  readonly crashLimit: number;
}

/** The parts of an instance. */
export interface WorkerContext extends ClaimContext, AttemptContext {
  readonly statistics: Statistics;
}
