import { constants } from 'node:fs';
import { access, mkdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Channels } from '../base/channels.ts';
import { parseColumnChoices } from '../base/column-choices.ts';
import { type Fault, messageOf, TaskError, type Warning } from '../base/errors.ts';
import { findingAt } from '../base/finding.ts';
import { inOrder } from '../base/in-order.ts';
import type { Log } from '../base/log.ts';
import { inTemporaryDir } from '../base/make-folder.ts';
import type { SitePolicy } from '../base/site-policy.ts';
import type { TaskLimits } from '../base/task-limits.ts';
import type { Engine } from '../engines/engine.ts';
import { coreShare } from '../host/core-share.ts';
import type { FindLanguage } from '../lexicon/language.ts';
import type { DecodeAudio } from '../pipeline/prepare/decode-audio.ts';
import { inspectPart, type SourcedRecording, withSources } from '../pipeline/prepare/inspect-part.ts';
import type { InspectOptions, UserDictionaryFile } from '../pipeline/prepare/inspection.ts';
import { FileCounter, LimitCounter } from '../pipeline/prepare/limits.ts';
import type { InputPath, InputRecording, PairedFiles } from '../pipeline/prepare/pairs.ts';
import { readTables } from '../pipeline/prepare/tables.ts';
import { chooseResources, type Resources } from '../pipeline/resources.ts';
import type { EngineLimits } from '../pipeline/stage.ts';
import { judgeWords, type WordReport } from './check-words.ts';
import { type CheckedCounts, CheckedParts } from './checked-parts.ts';
import { gather } from './gather.ts';
import {
  assertDictionary,
  assertUser,
  chooseDictionary,
  commonDir,
  DECODE_LIMIT_SEC,
  filesOf,
  type InputChoices,
} from './given-files.ts';
import { estimateWork } from './work-estimate.ts';

export interface CheckServices {
  readonly uploadsDir: string;
  readonly findLanguage: FindLanguage;
  readonly engines: ReadonlyMap<string, Engine>;
  readonly policy: Pick<SitePolicy, 'unknownWords' | 'channels'>;
  readonly taskLimits: TaskLimits;
  /** For programs that guess pronunciations. */
  readonly limits: Omit<EngineLimits, 'coreCount'>;
  readonly decodeAudio: DecodeAudio;
  readonly log: Log;
  readonly signal: AbortSignal;
  /** Called after the audio of each recording was checked, with the number of those that are done. */
  readonly onProgress: (done: number, total: number) => void;
}

export interface Checked {
  readonly resources: Pick<Resources, 'language' | 'engine'>;
  readonly counts: CheckedCounts;
  readonly words: WordReport;
  /** Seconds of one core; null: the time of this engine is not known. */
  readonly estimatedSec: number | null;
  /** Empty: a worker would align it. */
  readonly faults: readonly Fault[];
  readonly warnings: readonly Warning[];
}

/** Limits of what is in memory at the same time: recordings, and size of transcripts. */
const PART_RECORDINGS = 1024;
/** Number of files that are looked up at the same time. */
const LOOK_LANES = 16;
const PART_TRANSCRIPT_BYTES = 16 * 1024 * 1024;

/**
 * Checks files as the worker of a task does, part by part, and reports everything that the worker would report. Nothing
 * is queued or copied, and no database is needed. Pronunciations of unknown words are guessed where a program for that
 * is installed.
 * @throws TaskError E_USAGE, E_NO_FILES and what `chooseResources` says; the reason of `signal`
 */
export async function check(choices: InputChoices, services: CheckServices): Promise<Checked> {
  assertUser(choices.user);
  await assertDictionary(choices.userDictionaryPath);
  const resources = await chooseResources(choices, services.findLanguage, services.engines);
  const paired = await gather(choices.paths);
  const dir = commonDir(filesOf(paired));
  const { uploadsDir } = services;
  const dictionary = await chooseDictionary(uploadsDir, choices, resources.language);
  return await checkFiles(
    {
      paired,
      resources,
      dir,
      uploadsDir,
      dictionary,
      columns: choices.columns,
      channels: choices.channels ?? null,
    },
    services,
  );
}

/** Files that were found, with the language and options for them. */
export interface FoundFiles {
  readonly paired: PairedFiles;
  readonly resources: Resources;
  /** Folder that names in messages are relative to. */
  readonly dir: string;
  readonly uploadsDir: string;
  readonly dictionary: UserDictionaryFile;
  /** See `parseColumnChoices`. */
  readonly columns: string | null;
  /** Null: the default of the site. */
  readonly channels: Channels | null;
}

/** The same for files that were found already. */
export async function checkFiles(found: FoundFiles, services: CheckServices): Promise<Checked> {
  return await inTemporaryDir('autophon-check-', (scratchDir) => checkWithin(scratchDir, found, services));
}

async function checkWithin(
  scratchDir: string,
  { paired, resources, dir, uploadsDir, dictionary, columns, channels }: FoundFiles,
  services: CheckServices,
): Promise<Checked> {
  const { policy, taskLimits, signal } = services;
  const looked = await lookAt(filesOf(paired), dir);
  const { sizes } = looked;
  const input = onlyReadable(paired, looked);
  const options: InspectOptions = {
    resources,
    policy: { ...policy, channels: channels ?? policy.channels },
    taskLimits,
    columns: parseColumnChoices(columns),
    dir,
    uploadsDir,
    dictionary,
    decodeAudio: services.decodeAudio,
    place: { scratchDir, logPath: path.join(scratchDir, 'log'), timeoutSec: DECODE_LIMIT_SEC, signal },
    isCheckOnly: true,
  };
  const tables = await readTables(input, options);
  const parts = new CheckedParts();
  parts.addFindings(paired.faults, paired.warnings);
  parts.addFindings([...looked.unreadable.values(), ...findFileFaults(sizes, taskLimits)], []);
  parts.addFindings(tables.faults, tables.warnings);
  const counter = new LimitCounter(taskLimits);
  let doneCount = 0;
  const decodeAudio: DecodeAudio = async (...request) => {
    try {
      return await services.decodeAudio(...request);
    } finally {
      services.onProgress(++doneCount, input.recordings.length);
    }
  };
  for (const [index, part] of divide(withSources(input.recordings, tables), sizes).entries()) {
    const partDir = path.join(scratchDir, `part${index}`);
    await mkdir(partDir);
    const place = { ...options.place, scratchDir: partDir };
    parts.add(part, await inspectPart(part, { ...options, decodeAudio, place }, counter), options.dir);
    // Decoded audio of many recordings would fill the disk.
    await rm(partDir, { recursive: true, force: true });
  }
  const words = await judgeWords(parts, options, {
    ...services,
    limits: { ...services.limits, coreCount: coreShare(1) },
    workspaceDir: scratchDir,
  });
  parts.addFindings(words.faults, words.warnings);
  const counts = parts.count(paired, words);
  return {
    resources,
    counts,
    words,
    estimatedSec: estimateWork(resources.engine, counts),
    faults: parts.faults,
    warnings: parts.warnings,
  };
}

interface LookedAt {
  /** Bytes by path. */
  readonly sizes: ReadonlyMap<string, number>;
  /** By path: files that this user may not read, or that are gone. */
  readonly unreadable: ReadonlyMap<string, Fault>;
}

/** @param dir - folder that names in messages are relative to */
async function lookAt(files: readonly InputPath[], dir: string): Promise<LookedAt> {
  const sizes = new Map<string, number>();
  const unreadable = new Map<string, Fault>();
  const look = async ({ path: filePath }: InputPath): Promise<void> => {
    try {
      await access(filePath, constants.R_OK);
      sizes.set(filePath, (await stat(filePath)).size);
    } catch (error) {
      const { code = messageOf(error) } = error as NodeJS.ErrnoException;
      const text = `it cannot be read (${code}); let this user read it`;
      unreadable.set(filePath, findingAt('E_IO', { file: path.relative(dir, filePath) }, text));
    }
  };
  for await (const _ of inOrder(files, LOOK_LANES, look));
  return { sizes, unreadable };
}

/** Without recordings and tables that have an unreadable file. */
function onlyReadable(
  { recordings, tables }: PairedFiles,
  { unreadable }: LookedAt,
): Pick<PairedFiles, 'recordings' | 'tables'> {
  const isReadable = (file: InputPath | null) => file === null || !unreadable.has(file.path);
  return {
    recordings: recordings.filter(({ audio, transcript }) => isReadable(audio) && isReadable(transcript)),
    tables: tables.filter(isReadable),
  };
}

function findFileFaults(sizes: ReadonlyMap<string, number>, limits: TaskLimits): readonly Fault[] {
  const counter = new FileCounter(limits);
  try {
    for (const bytes of sizes.values()) counter.add(bytes);
  } catch (error) {
    if (error instanceof TaskError) return error.faults;
    throw error;
  }
  return [];
}

/** Divides recordings into parts that fit into memory. */
function divide(
  recordings: readonly SourcedRecording[],
  sizes: ReadonlyMap<string, number>,
): SourcedRecording[][] {
  const parts: SourcedRecording[][] = [];
  let part: SourcedRecording[] = [];
  let bytes = 0;
  for (const one of recordings) {
    const own = sizeOf(one.recording, sizes);
    if (part.length > 0 && (part.length >= PART_RECORDINGS || bytes + own > PART_TRANSCRIPT_BYTES)) {
      parts.push(part);
      part = [];
      bytes = 0;
    }
    part.push(one);
    bytes += own;
  }
  return part.length === 0 ? parts : [...parts, part];
}

/** Size of the transcript; the content of a table is in memory already. */
function sizeOf({ transcript }: InputRecording, sizes: ReadonlyMap<string, number>): number {
  return transcript === null ? 0 : (sizes.get(transcript.path) ?? 0);
}
