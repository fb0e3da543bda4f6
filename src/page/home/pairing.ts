import { inputKindOf, isFilm, isOftenOther, isSpare, pairKey } from '../../base/input-kinds.ts';

/** A file by its path below the dropped folder, with `/` between folders. */
export interface Named {
  readonly name: string;
}

/** A recording with its transcript, or with the note which of the two is missing. */
export interface Pair<File extends Named> {
  /** Path without extension, which names the recording for users. */
  readonly name: string;
  readonly audio: readonly File[];
  readonly transcripts: readonly File[];
  /** Faults that the names alone show; null: none. */
  readonly problem: string | null;
}

export interface Paired<File extends Named> {
  readonly pairs: readonly Pair<File>[];
  /** Transcripts that may describe many recordings. */
  readonly tables: readonly File[];
  /** Files that no task uses. */
  readonly ignored: readonly File[];
}

const TABLES = /\.(csv|tsv|xlsx|xls|xlsm|xlsb|ods)$/i;

/**
 * Shows which files belong together, by the rule of the server (`pairKey`). Where names are not enough, the server's
 * check decides when the files have arrived.
 */
export function pairFiles<File extends Named>(files: readonly File[]): Paired<File> {
  const groups = new Map<string, { audio: File[]; transcripts: File[] }>();
  const ignored: File[] = [];
  for (const file of files) {
    const { dir, base } = splitName(file.name);
    const kind = base.startsWith('.') ? null : inputKindOf(base);
    if (kind !== 'audio' && kind !== 'transcript') {
      ignored.push(file);
      continue;
    }
    const key = `${dir}/${pairKey(base)}`;
    const group = groups.get(key) ?? { audio: [], transcripts: [] };
    groups.set(key, group);
    group[kind === 'audio' ? 'audio' : 'transcripts'].push(file);
  }
  return judge([...groups.values()], ignored);
}

function judge<File extends Named>(
  groups: readonly { audio: readonly File[]; transcripts: readonly File[] }[],
  ignored: readonly File[],
): Paired<File> {
  const hasAudio = groups.some(({ audio }) => audio.length > 0);
  const isAlone = groups.some(({ audio, transcripts }) => audio.length > 0 && transcripts.length === 0);
  const pairs: Pair<File>[] = [];
  const tables: File[] = [];
  const passedOver: File[] = [];
  for (const { audio, transcripts: all } of groups) {
    const others = all.filter((file) => !isSpare(file.name));
    const transcripts = audio.length > 0 && others.length > 0 ? others : all;
    passedOver.push(...all.filter((file) => !transcripts.includes(file)));
    const [stray] = transcripts;
    if (audio.length === 0 && stray !== undefined && transcripts.length === 1) {
      if (isAlone && TABLES.test(stray.name)) {
        tables.push(stray);
        continue;
      }
      if (hasAudio && isOftenOther(stray.name)) {
        passedOver.push(stray);
        continue;
      }
    }
    const heard = audio.some((file) => !isFilm(file.name))
      ? audio.filter((file) => !isFilm(file.name))
      : audio;
    passedOver.push(...audio.filter((file) => !heard.includes(file)));
    const name = stemOf((heard[0] ?? stray)?.name ?? '');
    pairs.push({ name, audio: heard, transcripts, problem: findProblem(name, heard, transcripts, tables) });
  }
  const hasTables = tables.length > 0;
  return {
    pairs: pairs
      .map((pair) => (hasTables && pair.transcripts.length === 0 ? { ...pair, problem: null } : pair))
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
    tables,
    ignored: [...ignored, ...passedOver],
  };
}

function findProblem<File extends Named>(
  name: string,
  audio: readonly File[],
  transcripts: readonly File[],
  tables: readonly File[],
): string | null {
  const { base } = splitName(name);
  if (audio.length === 0) return `The recording is missing: add ${base}.wav`;
  if (transcripts.length === 0)
    return tables.length > 0
      ? null
      : `The transcript is missing: add ${base}.TextGrid, ${base}.txt or another`;
  const count = Math.max(audio.length, transcripts.length);
  // With the same number of recordings and transcripts, they may be pairs whose names are exactly equal: the server
  // decides.
  if (count === 1 || audio.length === transcripts.length) return null;
  const names = [...audio, ...transcripts].map((file) => splitName(file.name).base).join(', ');
  return `These files have one name, and it is not clear which belong together: ${names}. Remove the files that do not belong here.`;
}

function splitName(name: string): { dir: string; base: string } {
  const slash = name.lastIndexOf('/');
  return { dir: slash < 0 ? '' : name.slice(0, slash), base: name.slice(slash + 1) };
}

function stemOf(name: string): string {
  const { base } = splitName(name);
  const dot = base.lastIndexOf('.');
  return dot < 1 ? name : name.slice(0, name.length - (base.length - dot));
}
