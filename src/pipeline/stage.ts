import type { Log } from '../base/log.ts';
import type { SitePolicy, ViewPolicy } from '../base/site-policy.ts';
import type { StageName } from '../base/stage-name.ts';
import type { TaskLimits } from '../base/task-limits.ts';
import type { Engine } from '../engines/engine.ts';
import type { FindLanguage } from '../lexicon/language.ts';
import type { DecodeAudio } from './prepare/decode-audio.ts';

/** What the row of a task says about the work. It is not trusted. */
export interface TaskInput {
  readonly taskId: string;
  readonly userUuid: string;
  readonly lang: string;
  readonly engine: string | null;
  /** Folder of the input, relative to the uploads folder. */
  readonly taskPath: string;
  /** Columns of tables that the user has chosen, see `parseColumnChoices`. */
  readonly columns?: string | null;
}

/** What the stages need: places, resources, limits, and functions to report. No database, no queue. */
export interface StageContext {
  readonly task: TaskInput;
  readonly uploadsDir: string;
  /** Folder of this attempt for the result. Users see nothing of it before the task is completed. */
  readonly outputDir: string;
  /** Private to this attempt. The cleanup stage removes its audio, the worker the rest. */
  readonly workspaceDir: string;
  /** Log of this attempt: what its programs print. */
  readonly logPath: string;
  readonly findLanguage: FindLanguage;
  readonly decodeAudio: DecodeAudio;
  readonly engines: ReadonlyMap<string, Engine>;
  /** Version of an engine as its last health check found it. */
  readonly engineVersion: (engine: string) => string | null;
  readonly policy: PipelinePolicy;
  /** Whether waveforms and spectrograms are drawn. */
  readonly pictures: ViewPolicy['pictures'];
  readonly limits: EngineLimits;
  readonly taskLimits: TaskLimits;
  readonly signal: AbortSignal;
  readonly log: Log;
  readonly report: (report: StageReport) => void;
  /** Told of each start of an engine. */
  readonly engineStarted?: (engine: string, pid: number) => void;
}

/** How one task is processed. */
export interface PipelinePolicy extends SitePolicy {
  /** Whether each tier of each recording is a speaker, or each name of a tier. */
  readonly speakers: 'tiers' | 'names';
}

/** What a task may choose for itself. */
export interface TaskChoices {
  readonly partialResults?: PipelinePolicy['partialResults'] | null;
  readonly speakers?: PipelinePolicy['speakers'];
  readonly search?: PipelinePolicy['search'] | null;
  readonly channels?: PipelinePolicy['channels'] | null;
  readonly formats?: PipelinePolicy['formats'] | null;
}

/** Joins the site's policy and the task's choices, in the order of the manifest. Speakers are tiers if the task says nothing. */
export function policyOf(site: SitePolicy, task: TaskChoices = {}): PipelinePolicy {
  return {
    unknownWords: site.unknownWords,
    partialResults: task.partialResults ?? site.partialResults,
    speakers: task.speakers ?? 'tiers',
    search: task.search ?? site.search,
    cuts: site.cuts,
    channels: task.channels ?? site.channels,
    formats: task.formats ?? site.formats,
  };
}

export interface EngineLimits {
  readonly coreCount: number;
  readonly timeoutSec: number;
  readonly silenceSec: number;
}

export interface StageReport {
  readonly stage: StageName;
  /** Share of the whole task that is done, 0 to 1; never falls. */
  readonly progress: number;
  /** Known from the end of prepare on. */
  readonly counts?: TaskCounts;
}

export interface TaskCounts {
  readonly fileCount: number;
  readonly tierCount: number;
  readonly wordCount: number;
  readonly missingWordCount: number;
  readonly audioSec: number;
  readonly inputBytes: number;
}
