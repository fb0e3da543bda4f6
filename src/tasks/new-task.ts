import path from 'node:path';
import { TaskError } from '../base/errors.ts';
import { inTemporaryDir } from '../base/make-folder.ts';
import type { SitePolicy } from '../base/site-policy.ts';
import type { TaskLimits } from '../base/task-limits.ts';
import { findWebhookFault } from '../base/web-origin.ts';
import type { Db } from '../db/connect.ts';
import type { Engine } from '../engines/engine.ts';
import type { Uploads } from '../host/uploads.ts';
import type { FindLanguage } from '../lexicon/language.ts';
import type { DecodeAudio } from '../pipeline/prepare/decode-audio.ts';
import { inspect } from '../pipeline/prepare/inspect.ts';
import type { Inspection, InspectOptions } from '../pipeline/prepare/inspection.ts';
import type { PairedFiles } from '../pipeline/prepare/pairs.ts';
import type { TaskChoices } from '../pipeline/stage.ts';
import { DECODE_LIMIT_SEC } from './given-files.ts';

/** Services that make a task of files, whether the files are copied (`submit`) or sent (a draft). */
export interface NewTaskServices {
  readonly db: Db;
  readonly uploads: Uploads;
  readonly findLanguage: FindLanguage;
  readonly engines: ReadonlyMap<string, Engine>;
  readonly policy: SitePolicy;
  readonly taskLimits: TaskLimits;
  readonly decodeAudio: DecodeAudio;
  /** Where webhooks may go. */
  readonly webhookOrigins: readonly string[];
  readonly signal: AbortSignal;
}

/** The choices of a user in addition to the language. */
export interface NewTaskChoices extends TaskChoices {
  /** Null: the language's. */
  readonly engine: string | null;
  readonly priority: number;
  /** Meaning of the columns of tables, as `parseColumnChoices` reads it; null: their names decide. */
  readonly columns: string | null;
  /** No worker takes it before this time; null: it may begin at once. */
  readonly notBefore: Date | null;
  /** URL that is told when the task has ended; null: that of its user, if there is one. */
  readonly notifyUrl: string | null;
}

/** @throws TaskError E_USAGE when nothing would be sent to the URL */
export function assertNotifyUrl(url: string | null, webhookOrigins: readonly string[]): void {
  const fault = url === null ? null : findWebhookFault(url, webhookOrigins);
  if (fault !== null) throw new TaskError('E_USAGE', `the URL to tell, ${JSON.stringify(url)}: ${fault}`);
}

/** The columns of `tasks` in which choices are kept. */
export function choiceColumns(choices: NewTaskChoices) {
  return {
    engine: choices.engine,
    priority: choices.priority,
    partial_results: choices.partialResults ?? null,
    speakers: choices.speakers ?? 'tiers',
    search: choices.search ?? null,
    channels: choices.channels ?? null,
    formats: choices.formats?.join(',') ?? null,
    columns: choices.columns,
    not_before: choices.notBefore,
    notify_url: choices.notifyUrl,
  };
}

/**
 * Checks the files of a task as its worker would.
 * @throws the errors of `inspect`
 */
export function inspectNewTask(
  files: PairedFiles,
  options: Omit<InspectOptions, 'taskLimits' | 'decodeAudio' | 'place'>,
  { taskLimits, decodeAudio, signal }: NewTaskServices,
): Promise<Inspection> {
  return inTemporaryDir('autophon-inspect-', (scratchDir) => {
    const logPath = path.join(scratchDir, 'log');
    const place = { scratchDir, logPath, timeoutSec: DECODE_LIMIT_SEC, signal };
    return inspect(files, { ...options, taskLimits, decodeAudio, place });
  });
}
