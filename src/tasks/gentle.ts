import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { TaskError } from '../base/errors.ts';
import { uploadPath } from '../base/site-layout.ts';
import type { ListedTask } from '../db/task-list.ts';
import { type SpokenWord, spokenWords } from '../formats/result-words.ts';
import { decodeText } from '../formats/text-encoding.ts';
import type { IntervalTier } from '../formats/tiers.ts';
import type { Uploads } from '../host/uploads.ts';
import { readBytes } from '../pipeline/prepare/read-pair.ts';
import { listDraftFiles } from './draft-files.ts';
import { listResultFiles, openInside, withResultFile } from './result-file.ts';

/** The answers of Gentle. Source: https://github.com/lowerquality/gentle, serve.py and transcription.py. */
export interface GentleAlignment {
  readonly transcript: string;
  readonly words: readonly GentleWord[];
}

/** Offsets count characters of the transcript, times are seconds. */
export type GentleWord =
  | (Heard & Written & { readonly case: 'success' })
  | (Written & { readonly case: 'not-found-in-audio' })
  | (Heard & { readonly case: 'not-found-in-transcript' });

interface Heard {
  readonly alignedWord: string;
  readonly start: number;
  readonly end: number;
  readonly phones: readonly { readonly phone: string; readonly duration: number }[];
}

interface Written {
  readonly word: string;
  readonly startOffset: number;
  readonly endOffset: number;
}

/** Gentle's words: letters and digits, with apostrophes inside. */
const TOKEN = /(?:[\p{L}\p{M}\p{N}_]|['’][\p{L}\p{M}\p{N}_])+/gu;
/** Our words have no `_` inside: they are divided at it. */
const WORD_CHARACTER = /[\p{L}\p{M}\p{N}]/u;
/** The phone of an unknown word in our result and in Gentle's, and the word that Gentle writes for it. */
const UNKNOWN = { ours: 'spn', phone: 'oov', word: '<unk>' } as const;
const WORD_TIER = / - word$/;

/**
 * Rewrites a transcript as UTF-8 without a byte order mark, because the offsets of words are counted in it later.
 * @throws TaskError E_TEXT_ENCODING, E_LIMIT; E_USAGE when it is empty
 */
export async function rewriteTranscript(file: string): Promise<void> {
  const { text } = decodeText(await readBytes(file, 'transcript'), 'transcript');
  if (text.trim() === '')
    throw new TaskError('E_USAGE', 'the transcript is empty; expected the text that is said');
  await writeFile(file, text);
}

/**
 * The result of a task that was made for a client of Gentle: one recording, a plain text, and the result as JSON.
 * @throws TaskError E_NOT_FOUND when there is no result, or none of this kind
 */
export async function readGentleAlignment(uploads: Uploads, task: ListedTask): Promise<GentleAlignment> {
  const files = await listResultFiles(uploads, task.download_path);
  const name = files.map((file) => file.name).find((one) => /\.json$/.test(one) && isInFolder(one));
  const transcript = await readTranscript(uploads, task);
  if (name === undefined || transcript === null) {
    throw new TaskError(
      'E_NOT_FOUND',
      'the task was not made by POST /transcriptions; take its result at /api/v1/tasks',
    );
  }
  const pieces: Uint8Array[] = [];
  await withResultFile(uploads, task.download_path, name, async (entry) => {
    for await (const piece of entry.pieces) pieces.push(piece);
  });
  return { transcript, words: gentleWords(transcript, wordsOfJson(Buffer.concat(pieces).toString())) };
}

/** Rows of `word,alignedWord,start,end` without a header. */
export function gentleCsv({ words }: GentleAlignment): string {
  return words
    .filter((word) => word.case !== 'not-found-in-transcript')
    .map((one) =>
      (one.case === 'success' ? [one.word, one.alignedWord, one.start, one.end] : [one.word, '', '', ''])
        .map(csvCell)
        .join(','),
    )
    .map((row) => `${row}\r\n`)
    .join('');
}

/** The status of a task, in Gentle's words. */
export function gentleStatus(task: ListedTask): Readonly<Record<string, unknown>> {
  const { task_status, stage, progress, audio_seconds, error_message, status_note } = task;
  const duration = audio_seconds === null ? {} : { duration: audio_seconds };
  switch (task_status) {
    case 'completed':
      return { status: 'OK', ...duration };
    case 'uploading':
    case 'uploaded':
      return { status: 'STARTED' };
    case 'processing': {
      const status = stage === 'align' ? 'TRANSCRIBING' : stage === 'package' ? 'ALIGNING' : 'ENCODING';
      return { status, percent: progress, ...duration };
    }
    default:
      return { status: 'ERROR', error: error_message ?? status_note ?? `the task is ${task_status}` };
  }
}

/**
 * Finds each aligned word in the transcript, in order.
 * @param heard - in time order, as the user wrote them
 * @internal
 */
export function gentleWords(transcript: string, heard: readonly SpokenWord[]): GentleWord[] {
  const { placed, strays } = placeWords(transcript, heard);
  const countCharacters = charactersInTurn(transcript);
  const words: GentleWord[] = [];
  let next = 0;
  for (const { start, end } of tokensAround(transcript, placed)) {
    const own: SpokenWord[] = [];
    for (let one = placed[next]; one !== undefined && one.start < end; one = placed[++next])
      own.push(one.word);
    const written = {
      word: transcript.slice(start, end),
      startOffset: countCharacters(start),
      endOffset: countCharacters(end),
    };
    words.push(
      own.length === 0
        ? { case: 'not-found-in-audio', ...written }
        : { case: 'success', ...toHeard(own), ...written },
    );
  }
  return strays.length === 0
    ? words
    : [...words, ...strays.map((word) => ({ case: 'not-found-in-transcript' as const, ...toHeard([word]) }))];
}

interface Placed {
  readonly word: SpokenWord;
  readonly start: number;
  readonly end: number;
}

function placeWords(
  transcript: string,
  heard: readonly SpokenWord[],
): { readonly placed: readonly Placed[]; readonly strays: readonly SpokenWord[] } {
  const placed: Placed[] = [];
  const strays: SpokenWord[] = [];
  // If a word is nowhere in the rest, it is not searched again, because each search reads all of it.
  const absent = new Set<string>();
  let from = 0;
  for (const word of heard) {
    const start = absent.has(word.text) ? -1 : findWord(transcript, word.text, from);
    if (start === -1) {
      strays.push(word);
      absent.add(word.text);
    } else {
      const end = start + word.text.length;
      placed.push({ word, start, end });
      from = end;
    }
  }
  return { placed, strays };
}

/** A whole word, or a part that continues the last one: `here` and `'s`. */
function findWord(transcript: string, word: string, from: number): number {
  for (let at = transcript.indexOf(word, from); at !== -1; at = transcript.indexOf(word, at + 1)) {
    const isInside = at > from && WORD_CHARACTER.test(transcript[at - 1] ?? '');
    const after = transcript[at + word.length] ?? '';
    if (!isInside && !(WORD_CHARACTER.test(after) && WORD_CHARACTER.test(word.at(-1) ?? ''))) return at;
  }
  return -1;
}

/** Gentle's words. Those that one of our words covers together become one. */
function* tokensAround(
  transcript: string,
  placed: readonly Placed[],
): Generator<{ start: number; end: number }, void> {
  const spans = placed.map(({ start, end }) => ({ start, end }));
  let next = 0;
  let open: { start: number; end: number } | null = null;
  for (const { 0: text, index } of transcript.matchAll(TOKEN)) {
    const token = { start: index, end: index + text.length };
    while ((spans[next]?.end ?? Number.POSITIVE_INFINITY) <= token.start) next++;
    const isJoined: boolean = open !== null && (spans[next]?.start ?? Number.POSITIVE_INFINITY) < open.end;
    if (open !== null && isJoined) open.end = token.end;
    else {
      if (open !== null) yield open;
      open = token;
    }
  }
  if (open !== null) yield open;
}

function toHeard(words: readonly SpokenWord[]): Heard {
  const phones = words.flatMap((word) => word.phones);
  return {
    alignedWord: phones.some(({ label }) => label === UNKNOWN.ours)
      ? UNKNOWN.word
      : words.map(({ text }) => text.toLowerCase()).join(''),
    start: round(words[0]?.startSec ?? 0),
    end: round(words.at(-1)?.endSec ?? 0),
    phones: phones.map(({ label, startSec, endSec }, index) => ({
      phone: `${gentlePhone(label)}_${positionOf(index, phones.length)}`,
      duration: round(endSec - startSec),
    })),
  };
}

/** In small letters, without stress. */
function gentlePhone(label: string): string {
  return label === UNKNOWN.ours ? UNKNOWN.phone : label.toLowerCase().replace(/\d$/, '');
}

/** Single, begin, inside, end. */
function positionOf(index: number, count: number): string {
  if (count === 1) return 'S';
  return index === 0 ? 'B' : index === count - 1 ? 'E' : 'I';
}

/** Must be called with rising offsets: the number of characters before the offset. */
function charactersInTurn(text: string): (at: number) => number {
  let done = 0;
  let count = 0;
  return (at) => {
    if (at > done) count += [...text.slice(done, at)].length;
    done = Math.max(done, at);
    return count;
  };
}

function wordsOfJson(text: string): SpokenWord[] {
  const { end, tiers } = JSON.parse(text) as {
    readonly end: number;
    readonly tiers: Readonly<Record<string, { readonly entries: readonly [number, number, string][] }>>;
  };
  const read = (name: string): IntervalTier | null => {
    const entries = tiers[name]?.entries;
    if (entries === undefined) return null;
    const intervals = entries.map(([startSec, endSec, label]) => ({ startSec, endSec, text: label }));
    return { kind: 'interval', name, startSec: 0, endSec: end, intervals };
  };
  return Object.keys(tiers)
    .filter((name) => WORD_TIER.test(name))
    .flatMap((name) => {
      const phone = read(name.replace(WORD_TIER, ' - phone'));
      const speaker = { name, word: read(name), phone, ipa: null, trans: null, doubtful: [] };
      return [...spokenWords(speaker)].filter(({ text: word }) => word !== '');
    })
    .sort((a, b) => a.startSec - b.startSec);
}

/** Phones in the alphabet of the language. */
function isInFolder(name: string): boolean {
  return name.includes('/') && !name.startsWith('IPA/');
}

async function readTranscript(uploads: Uploads, task: ListedTask): Promise<string | null> {
  await using tree = await uploads.open();
  const dir = uploadPath(task);
  const texts = (await listDraftFiles(tree.root, dir)).filter(({ name }) => path.extname(name) === '.txt');
  const [only] = texts;
  if (only === undefined || texts.length > 1) return null;
  const opened = await openInside(tree.root, `${dir}/${only.name}`);
  if (opened === null) return null;
  try {
    return await readFile(opened.file, 'utf8');
  } finally {
    await opened.file.close();
  }
}

function csvCell(value: string | number): string {
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** To the millisecond. */
function round(sec: number): number {
  return Math.round(sec * 1000) / 1000;
}
