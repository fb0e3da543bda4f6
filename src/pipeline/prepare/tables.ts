import path from 'node:path';
import { type Fault, TaskError, type Warning } from '../../base/errors.ts';
import { findingAt, formatPlace } from '../../base/finding.ts';
import { pairKey } from '../../base/input-kinds.ts';
import { must } from '../../base/must.ts';
import { nameSome } from '../../base/name-some.ts';
import { inTurns } from '../../base/pieces.ts';
import type { Table } from '../../formats/transcript.ts';
import { readTableInPieces } from '../../formats/transcript-formats.ts';
import type { InputFile } from '../prepared.ts';
import type { InspectOptions } from './inspection.ts';
import { type InputPath, type InputRecording, type PairedFiles, withoutTranscript } from './pairs.ts';
import { describeTranscript, type Rows, readBytes, readSettings } from './read-pair.ts';
import { SimilarNames } from './similar-names.ts';

export interface TablesReport {
  /** For each recording without a transcript of its own that a table describes. */
  readonly rows: ReadonlyMap<InputRecording, Rows>;
  /** Also for recordings that no table describes. */
  readonly faults: readonly Fault[];
  readonly warnings: readonly Warning[];
}

type TablesOptions = Pick<
  InspectOptions,
  'resources' | 'columns' | 'dir' | 'uploadsDir' | 'place' | 'isCheckOnly'
>;

/** How many names of a table are listed one by one. */
const MAX_NAMED = 10;

/**
 * Reads the tables of a task, each once, and finds their rows about recordings that have no transcript of their own. A table
 * gives the name of a recording with or without extension and folders, see `pairKey`. The faults of a table are reported if
 * a recording is left without a transcript; otherwise the file is taken for something else, and not used.
 * @param read - the reader of tables
 */
export async function readTables(
  { recordings, tables }: Pick<PairedFiles, 'recordings' | 'tables'>,
  options: TablesOptions,
  read = readTableInPieces,
): Promise<TablesReport> {
  const matching = new Matching(recordings);
  const faults: Fault[] = [];
  const warnings: Warning[] = [];
  const unreadable: { readonly shown: string; readonly error: TaskError | null }[] = [];
  for (const one of tables) {
    options.place.signal.throwIfAborted();
    const shown = path.relative(options.dir, one.path);
    const told: Warning[] = [];
    const table = await readTable(one, shown, told, options, read);
    if (table instanceof TaskError || table === null) {
      unreadable.push({ shown, error: table });
      continue;
    }
    warnings.push(...told);
    matching.add(table, shown, path.posix.dirname(one.relative), await describeTranscript(one, options));
  }
  const missing = recordings.filter((one) => one.transcript === null && !matching.rows.has(one));
  for (const { shown, error } of unreadable) {
    if (error !== null && missing.length > 0) faults.push(...error.faults);
    else warnings.push(findingAt('W_FILE_IGNORED', { file: shown }, whyUnused(error)));
  }
  const found =
    tables.length === unreadable.length ? 'no transcript' : 'no transcript, and no table names it';
  faults.push(...matching.faults);
  for (const one of missing) {
    if (matching.isUnclear(one)) continue;
    faults.push(withoutTranscript(path.relative(options.dir, one.audio.path), one.name, found));
  }
  return { rows: matching.rows, faults, warnings: [...warnings, ...matching.warnings] };
}

/** @returns null: the file names no recordings */
async function readTable(
  { path: filePath }: InputPath,
  shown: string,
  warnings: Warning[],
  options: TablesOptions,
  read: typeof readTableInPieces,
): Promise<Table | TaskError | null> {
  try {
    const reading = read(await readBytes(filePath, shown), shown, readSettings(options, warnings));
    return await inTurns(reading, options.place.signal);
  } catch (error) {
    if (!(error instanceof TaskError)) throw error;
    return error;
  }
}

function whyUnused(error: TaskError | null): string {
  const why =
    error === null ? '' : `, nor can it be read as a table: ${must(error.faults[0], 'a fault').text}`;
  return `not used, since no recording has its name${why}`;
}

/** Finds the recordings that tables name. */
class Matching {
  readonly rows = new Map<InputRecording, Rows>();
  readonly faults: Fault[] = [];
  readonly warnings: Warning[] = [];
  readonly #byEnding = new Map<string, InputRecording[]>();
  readonly #unclear = new Set<InputRecording>();
  readonly #similar: SimilarNames;

  constructor(recordings: readonly InputRecording[]) {
    this.#similar = new SimilarNames(recordings.map(({ audio }) => audio.relative));
    for (const recording of recordings) {
      for (const ending of endingsOf(recording.audio.relative)) {
        const same = this.#byEnding.get(ending);
        if (same === undefined) this.#byEnding.set(ending, [recording]);
        else same.push(recording);
      }
    }
  }

  /** Whether there is already a fault about how tables name the recording. */
  isUnclear(recording: InputRecording): boolean {
    return this.#unclear.has(recording);
  }

  /** @param folder - of the table, below the task's folder; `.`: that folder itself */
  add(table: Table, shown: string, folder: string, file: InputFile): void {
    const unknown = new Unused(shown, 'no recording of the task has such a name', this.#similar);
    const unneeded = new Unused(shown, 'these recordings have transcripts of their own', null);
    for (const rows of table) {
      const { recording: name, line } = rows;
      const found = this.#find(name, folder);
      const [recording] = found;
      if (recording === undefined) unknown.add(name, line);
      else if (found.length > 1) this.#tooMany(name, found, { file: shown, line });
      else if (recording.transcript !== null) unneeded.add(name, line);
      else this.#take(recording, { ...rows, file }, shown);
    }
    this.warnings.push(...unknown.warnings(), ...unneeded.warnings());
  }

  /** Recordings that share the longest ending with the name; of several, those in the folder of the table. */
  #find(name: string, folder: string): readonly InputRecording[] {
    const ending = endingsOf(name.replaceAll('\\', '/')).find((one) => this.#byEnding.has(one));
    const found = ending === undefined ? [] : (this.#byEnding.get(ending) ?? []);
    if (found.length <= 1 || folder === '.') return found;
    const near = found.filter(({ audio }) => audio.relative.startsWith(`${folder}/`));
    return near.length > 0 ? near : found;
  }

  #take(recording: InputRecording, rows: Rows, shown: string): void {
    const earlier = this.rows.get(recording);
    if (earlier === undefined) {
      this.rows.set(recording, rows);
      return;
    }
    this.#unclear.add(recording);
    const isSame = earlier.file === rows.file;
    const text = isSame
      ? `this recording is named in two ways, as "${earlier.recording}" in ${formatPlace({ line: earlier.line })} and as "${rows.recording}"; write one of them`
      : `${earlier.file.originalName} describes ${recording.audio.relative} too: expected one table for a recording; remove its rows from one of them`;
    this.faults.push(findingAt('E_PAIR_UNCLEAR', { file: shown, line: rows.line }, text));
  }

  #tooMany(name: string, found: readonly InputRecording[], place: { file: string; line: number }): void {
    for (const one of found) this.#unclear.add(one);
    const named = nameSome(found, MAX_NAMED, ({ audio }) => audio.relative, ' or ');
    const text = `"${name}" may be ${named}; write its folder too, as in "${found[0]?.audio.relative}"`;
    this.faults.push(findingAt('E_PAIR_UNCLEAR', place, text));
  }
}

/** Names of a table whose rows are not used. */
class Unused {
  readonly #file: string;
  readonly #why: string;
  readonly #similar: SimilarNames | null;
  readonly #names: string[] = [];
  #firstLine = 0;
  #count = 0;

  /** @param similar - names that may be meant; null: no other is meant */
  constructor(file: string, why: string, similar: SimilarNames | null) {
    this.#file = file;
    this.#why = why;
    this.#similar = similar;
  }

  add(name: string, line: number): void {
    this.#count += 1;
    if (this.#count === 1) this.#firstLine = line;
    if (this.#names.length >= MAX_NAMED) return;
    const meant = this.#similar?.find(name) ?? null;
    this.#names.push(`"${name}"${meant === null ? '' : ` (did you mean ${meant}?)`}`);
  }

  /** One W_ROWS_IGNORED at the first of them; none if there are none. */
  warnings(): Warning[] {
    if (this.#count === 0) return [];
    const rest = this.#count > this.#names.length ? ` and ${this.#count - this.#names.length} more` : '';
    const text = `rows with these names are not used, since ${this.#why}: ${this.#names.join(', ')}${rest}`;
    return [findingAt('W_ROWS_IGNORED', { file: this.#file, line: this.#firstLine }, text)];
  }
}

/** The keys of a path and of its endings, the longest first: `a/b/talk.wav`, `b/talk.wav`, `talk.wav`. */
function endingsOf(relative: string): string[] {
  const parts = relative.split('/').filter((part) => part !== '' && part !== '.');
  const keys = parts.map((part, index) => (index < parts.length - 1 ? folderKey(part) : pairKey(part)));
  return keys.slice(-MAX_PARTS).map((_, index, all) => all.slice(index).join('/'));
}

/** A task's folders are at most 8 levels deep, see input-files.ts. */
const MAX_PARTS = 10;

function folderKey(name: string): string {
  return name.normalize('NFC').toUpperCase().normalize('NFC');
}
