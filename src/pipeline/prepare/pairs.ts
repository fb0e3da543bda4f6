import path from 'node:path';
import type { Fault, Warning } from '../../base/errors.ts';
import { findingAt } from '../../base/finding.ts';
import {
  inputKindOf,
  isFilm,
  isOftenOther,
  isSpare,
  pairKey,
  transcriptFormatOf,
  transcriptNames,
} from '../../base/input-kinds.ts';
import { nameSome } from '../../base/name-some.ts';
import { mayBeTable } from '../../formats/transcript-formats.ts';
import { SimilarNames } from './similar-names.ts';

/** A file that is given for a task. */
export interface InputPath {
  /** Path below the task's folder, `/` between folders, such as `day 1/talk.wav`. */
  readonly relative: string;
  /** Where it is: a real path. */
  readonly path: string;
}

/** A recording, and its transcript as far as names of files show it. */
export interface InputRecording {
  /** Path below the task's folder without extension, `/` between folders, such as `day 1/talk`. */
  readonly name: string;
  readonly audio: InputPath;
  /** Null: no transcript has its name, and a table may describe it. */
  readonly transcript: InputPath | null;
}

export interface PairedFiles {
  /** In the order of their names. */
  readonly recordings: readonly InputRecording[];
  /** Transcripts with the name of no recording that may describe many; empty if no recording needs one. */
  readonly tables: readonly InputPath[];
  readonly faults: readonly Fault[];
  /** W_FILE_IGNORED. */
  readonly warnings: readonly Warning[];
}

/** The language in names of downloaded subtitles, as a `pairKey` has it: `talk.en.vtt`, `talk.en-US.vtt`. */
const LANGUAGE = /\.[A-Z]{2,3}(?:-[A-Z\d]{2,8}){0,3}$/;
/** How many files one message names. */
const MAX_NAMED = 10;

/**
 * Finds which transcript belongs to which recording: those in one folder whose names have the same `pairKey`. If these are
 * more than two files, pairs are those with exactly the same name, if no file is left over. All other cases are faults.
 * @param files - recordings and transcripts; others are reported as not used
 * @param unclearHint - a further fix for the fault that pairs are unclear
 */
export function pairUp(files: readonly InputPath[], unclearHint = ''): PairedFiles {
  const pairing = new Pairing(unclearHint);
  for (const group of groupFiles(files, pairing)) pairing.resolve(group);
  return pairing.finish();
}

/** A path without its extension. */
function stemOf(name: string): string {
  return name.slice(0, name.length - path.posix.extname(name).length);
}

/** Files of one folder that may belong together. */
interface Group {
  readonly audio: InputPath[];
  readonly transcript: InputPath[];
}

function groupFiles(files: readonly InputPath[], pairing: Pairing): Iterable<Group> {
  const groups = new Map<string, Group>();
  for (const file of files) {
    const { dir, base } = path.posix.parse(file.relative);
    const kind = inputKindOf(base);
    if (kind !== 'audio' && kind !== 'transcript') {
      pairing.ignore(file, 'not used');
      continue;
    }
    const key = `${dir}/${pairKey(base)}`;
    const group = groups.get(key) ?? { audio: [], transcript: [] };
    groups.set(key, group);
    group[kind].push(file);
  }
  joinLanguages(groups);
  return groups.values();
}

/** Adds subtitles with a language in their name to their recording, if no other recording has that name. */
function joinLanguages(groups: Map<string, Group>): void {
  for (const [key, { audio, transcript }] of groups) {
    const isSubtitles = transcript.every(({ relative }) => transcriptFormatOf(relative) === 'Subtitles');
    const group = LANGUAGE.test(key) ? groups.get(key.replace(LANGUAGE, '')) : undefined;
    if (audio.length > 0 || !isSubtitles || group === undefined || group.audio.length === 0) continue;
    for (const file of transcript) group.transcript.push(file);
    groups.delete(key);
  }
}

class Pairing {
  readonly #unclearHint: string;
  readonly #recordings: InputRecording[] = [];
  /** Transcripts with the name of no recording. */
  readonly #strays: InputPath[] = [];
  readonly #faults: Fault[] = [];
  readonly #warnings: Warning[] = [];
  #hasAudio = false;

  constructor(unclearHint: string) {
    this.#unclearHint = unclearHint;
  }

  ignore({ relative }: InputPath, why: string): void {
    this.#warnings.push(findingAt('W_FILE_IGNORED', { file: relative }, why));
  }

  resolve({ audio, transcript }: Group): void {
    this.#hasAudio ||= audio.length > 0;
    if (audio.length === 0) {
      this.#strays.push(...transcript);
      return;
    }
    const transcripts = this.#passOverSpare(transcript);
    const exact = matchExactly(audio, transcripts);
    if (exact !== null) {
      this.#recordings.push(...exact);
      return;
    }
    const taken = this.#passOverFilms(audio);
    const [recording] = taken;
    if (taken.length === 1 && recording !== undefined && transcripts.length <= 1) {
      this.#recordings.push({
        name: nameOf(recording),
        audio: recording,
        transcript: transcripts[0] ?? null,
      });
      return;
    }
    const matched = matchExactly(taken, transcripts);
    if (matched === null) this.#faults.push(this.#unclear(taken, transcripts));
    else this.#recordings.push(...matched);
  }

  finish(): PairedFiles {
    const alone = this.#recordings.filter(({ transcript }) => transcript === null);
    const similar = new SimilarNames(alone.map(({ audio }) => audio.relative));
    const tables: InputPath[] = [];
    for (const file of this.#strays) {
      if (alone.length > 0 && mayBeTable(file.relative)) tables.push(file);
      else this.#judgeStray(file, similar);
    }
    const hasTables = tables.length > 0;
    const recordings = this.#recordings.filter((one) => one.transcript !== null || hasTables);
    for (const { name, audio, transcript } of this.#recordings) {
      if (transcript !== null || hasTables) continue;
      this.#faults.push(withoutTranscript(audio.relative, name));
    }
    return {
      recordings: recordings.sort((a, b) => (a.name < b.name ? -1 : 1)),
      tables,
      faults: this.#faults,
      warnings: this.#warnings,
    };
  }

  /** A film often lies beside its audio, which was extracted to be transcribed. */
  #passOverFilms(audio: readonly InputPath[]): readonly InputPath[] {
    const others = audio.filter(({ relative }) => !isFilm(relative));
    const [first] = others;
    if (first === undefined) return audio;
    for (const film of audio.filter((one) => isFilm(one.relative)))
      this.ignore(film, `not used, since ${first.relative} has its audio`);
    return others;
  }

  /** JSON often holds other data about a recording, and programs that recognise speech write it beside subtitles. */
  #passOverSpare(transcripts: readonly InputPath[]): readonly InputPath[] {
    const others = transcripts.filter(({ relative }) => !isSpare(relative));
    const [first] = others;
    if (first === undefined) return transcripts;
    for (const spare of transcripts.filter(({ relative }) => isSpare(relative)))
      this.ignore(spare, `not used, since ${first.relative} is the transcript`);
    return others;
  }

  /** @param similar - recordings without a transcript */
  #judgeStray(file: InputPath, similar: SimilarNames): void {
    const name = path.posix.basename(nameOf(file));
    const meant = similar.find(file.relative);
    const hint = meant === null ? '' : `; if it belongs to ${meant}, give both one name, in one folder`;
    // Without any recording it is more likely a transcript whose recording is missing.
    if (this.#hasAudio && isOftenOther(file.relative)) {
      const needless = mayBeTable(file.relative) ? ', and each has another transcript' : '';
      this.ignore(file, `not used, since no recording has its name${needless}${hint}`);
      return;
    }
    const others = mayBeTable(file.relative) ? ', or the recordings that its rows name' : '';
    const text = `no recording; expected ${name}.wav beside it${others}${hint}`;
    this.#faults.push(findingAt('E_AUDIO_MISSING', { file: file.relative }, text));
  }

  #unclear(audio: readonly InputPath[], transcripts: readonly InputPath[]): Fault {
    const list = (files: readonly InputPath[]): string =>
      nameSome(files, MAX_NAMED, ({ relative }) => relative, ' and ');
    const found = [
      audio.length === 1 ? '' : `${audio.length} recordings: ${list(audio)}`,
      transcripts.length === 0
        ? ''
        : transcripts.length === 1
          ? `the transcript ${list(transcripts)}`
          : `${transcripts.length} transcripts: ${list(transcripts)}`,
    ].filter((part) => part !== '');
    const text =
      `expected one recording and one transcript of this name, found ${found.join('; ')}. ` +
      `Rename or remove what does not belong together${this.#unclearHint}.`;
    const [first] = audio;
    return findingAt('E_PAIR_UNCLEAR', first === undefined ? {} : { file: first.relative }, text);
  }
}

/** The fault of a recording without a transcript. @param shown - its path, for the message */
export function withoutTranscript(shown: string, name: string, found = 'no transcript'): Fault {
  const text = `${found}; expected ${transcriptNames(path.posix.basename(name))} beside it`;
  return findingAt('E_TRANSCRIPT_MISSING', { file: shown }, text);
}

/**
 * Pairs of files with exactly the same name: `talk.wav` with `talk.TextGrid` or with `talk.wav.TextGrid`.
 * @returns null when a file is left over, or fits two others
 */
function matchExactly(
  audio: readonly InputPath[],
  transcripts: readonly InputPath[],
): readonly InputRecording[] | null {
  if (audio.length !== transcripts.length) return null;
  const byName = new Map<string, InputPath[]>();
  for (const one of audio) {
    for (const name of [nameOf(one), one.relative.normalize('NFC')])
      byName.set(name, [...(byName.get(name) ?? []), one]);
  }
  const pairs: InputRecording[] = [];
  for (const transcript of transcripts) {
    const name = nameOf(transcript);
    const [one, ...others] = byName.get(name) ?? [];
    if (one === undefined || others.length > 0) return null;
    pairs.push({ name: audio.length === 1 ? nameOf(one) : name, audio: one, transcript });
  }
  return new Set(pairs.map((pair) => pair.audio)).size === audio.length ? pairs : null;
}

/** In composed Unicode: some systems write `é` as one character, others as two. */
function nameOf({ relative }: InputPath): string {
  return stemOf(relative).normalize('NFC');
}
