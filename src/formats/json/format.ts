import { messageOf, TaskError } from '../../base/errors.ts';
import { findingAt, type PlaceInText } from '../../base/finding.ts';
import { nameSome } from '../../base/name-some.ts';
import type { InPieces } from '../../base/pieces.ts';
import { refuseOtherKinds } from '../text/other-kinds.ts';
import { decodeText } from '../text-encoding.ts';
import type { ReadOptions, Transcript, TranscriptFormat } from '../transcript.ts';
import { CheckedJson, isObject, type Json, type JsonObject } from './checked.ts';
import { readSegments, type SegmentSource } from './read-segments.ts';
import { readTiers } from './read-tiers.ts';

/** The largest file. It is parsed in one piece, which blocks all other work: about 1 s of processor time for this size. */
const MAX_BYTES = 32 * 1024 * 1024;
const MS_PER_SEC = 1000;
const EXPECTED = { expected: 'JSON', fix: 'give it the extension that it had' };
const FORMS =
  '`tiers` (MFA, praatio, our results), `segments` or `text` (Whisper), or `transcription` (whisper.cpp)';
const SAVE_AS = 'in the program that made it, save it as subtitles (.srt or .vtt) or as a table';
/** Keys of the text of the whole recording: of Whisper, and of Gentle. */
const WHOLE_TEXTS = ['text', 'transcript'] as const;
/** How many keys a message lists. */
const MAX_NAMED = 5;
const NOT_A_NUMBER = /[:,[]\s*(?:NaN|-?Infinity)\b/;
const QUOTE_OR_NAN = /\\.|"|-?Infinity|NaN/gs;

/** JSON of programs that recognise or align speech: Whisper and similar programs, MFA, praatio, and our own results. */
export const JSON_TRANSCRIPT: TranscriptFormat = {
  read: function* (bytes, file, options): InPieces<Transcript> {
    refuseOtherKinds(bytes, file, EXPECTED);
    if (bytes.length > MAX_BYTES) {
      const text = `expected at most ${MAX_BYTES} bytes of JSON, found ${bytes.length}; save it as subtitles or as a table`;
      throw new TaskError('E_LIMIT', text, { place: { file } });
    }
    const { text, warning } = decodeText(bytes, file, options.legacyEncoding);
    if (warning !== undefined) options.warn(warning);
    const root = parse(text, file);
    yield;
    const checked = new CheckedJson(file);
    if (isObject(root) && root['tiers'] !== undefined) return yield* readTiers(root, checked);
    const source = segmentsOf(root, checked);
    if (source !== null) return yield* readSegments(source, file, checked, options);
    const key = isObject(root) ? WHOLE_TEXTS.find((one) => typeof root[one] === 'string') : undefined;
    if (isObject(root) && key !== undefined) {
      warnOfTimes(root, key, file, options);
      return wholeText(String(root[key]), file, options);
    }
    throw malformed(`expected JSON with ${FORMS}, found ${foundIn(root)}; ${SAVE_AS}`, file);
  },
};

function parse(text: string, file: string): Json {
  try {
    return parseWithNaN(text);
  } catch (error) {
    const [found, line, column] = /^(.*?)(?: in JSON)?(?: at position \d+ \(line (\d+) column (\d+)\))?$/s
      .exec(messageOf(error))
      ?.slice(1) ?? [messageOf(error)];
    const place = line === undefined ? {} : { line: Number(line), column: Number(column) };
    throw malformed(`expected valid JSON, found an error (${found}); save the file again`, file, place);
  }
}

/** Reads NaN and Infinity, which are not JSON, as null: Python writes scores such as `"avg_logprob": NaN`. */
function parseWithNaN(text: string): Json {
  if (!NOT_A_NUMBER.test(text)) return JSON.parse(text) as Json;
  try {
    return JSON.parse(withoutNaN(text, () => 'null')) as Json;
  } catch {
    // Throws for the same fault. Here the text keeps its length, so that the line and column are those of the file.
    return JSON.parse(withoutNaN(text, (found) => '[]'.padEnd(found.length))) as Json;
  }
}

/** Replaces NaN and Infinity outside of quotes: within quotes they are words. */
function withoutNaN(text: string, replace: (found: string) => string): string {
  let isInText = false;
  return text.replaceAll(QUOTE_OR_NAN, (found) => {
    if (found === '"') isInText = !isInText;
    return isInText || found === '"' || found.startsWith('\\') ? found : replace(found);
  });
}

/** @returns null: the file has no list of segments */
function segmentsOf(root: Json, checked: CheckedJson): SegmentSource | null {
  if (Array.isArray(root)) return hasSegments(root) ? { segments: root, path: '', words: undefined } : null;
  if (!isObject(root)) return null;
  const { segments, transcription, words, word_segments } = root;
  if (Array.isArray(segments)) return { segments, path: 'segments', words: words ?? word_segments };
  if (!Array.isArray(transcription)) return null;
  const path = 'transcription';
  return {
    segments: transcription.map((one, at) => fromCpp(one, `${path}[${at}]`, checked)),
    path,
    words: undefined,
  };
}

/** Whether a list has segments. A list of only other objects gets one fault, not one for each of them. */
function hasSegments(list: readonly Json[]): boolean {
  return !list.every((one) => isObject(one) && (one['start'] === undefined || one['text'] === undefined));
}

/** Converts a segment of whisper.cpp, whose `offsets` are in milliseconds. */
function fromCpp(value: Json, path: string, checked: CheckedJson): Json {
  const segment = checked.object(value, path);
  const offsets = segment === null ? null : checked.object(segment['offsets'], `${path}.offsets`);
  if (segment === null || offsets === null) return value;
  const secOf = (ms: Json | undefined) => (typeof ms === 'number' ? ms / MS_PER_SEC : (ms ?? null));
  return { ...segment, start: secOf(offsets['from']), end: secOf(offsets['to']) };
}

/** Warns of lists that are not read but may have times, as in files of Vosk or AssemblyAI. */
function warnOfTimes(root: JsonObject, read: string, file: string, { warn }: ReadOptions): void {
  const lists = Object.keys(root).filter((key) => Array.isArray(root[key]));
  if (lists.length === 0) return;
  const found = `only ${JSON.stringify(read)} is read, as the text of the whole recording without times; not read: ${name(lists)}`;
  warn(findingAt('W_TRANSCRIPT_READ', { file }, found));
}

/** Makes a transcript of a text without times: one interval, as long as the recording. */
function wholeText(said: string, file: string, { audioSec }: Pick<ReadOptions, 'audioSec'>): Transcript {
  if (said.trim() === '') {
    const text = 'expected the words that are said in the recording, found none; save the text again';
    throw new TaskError('E_TRANSCRIPT_NO_WORDS', text, { place: { file } });
  }
  const span = { startSec: 0, endSec: audioSec ?? 0 };
  const lines = said
    .split(/\r\n|\r|\n/)
    .map((text) => ({ text: text.trim(), line: 1 }))
    .filter(({ text }) => text !== '');
  const interval = { ...span, text: lines.map(({ text }) => text).join('\n'), lines };
  return { ...span, tiers: [{ kind: 'interval', name: 'speaker', ...span, intervals: [interval] }] };
}

function foundIn(root: Json): string {
  if (Array.isArray(root))
    return root.length === 0 ? 'an empty list' : `a list of objects with ${foundIn(root[0])}`;
  if (!isObject(root)) return 'a single value';
  const keys = Object.keys(root as JsonObject);
  return keys.length === 0 ? 'nothing' : name(keys);
}

function name(keys: readonly string[]): string {
  return nameSome(keys, MAX_NAMED, (key) => JSON.stringify(key));
}

function malformed(text: string, file: string, place: PlaceInText = {}): TaskError {
  return new TaskError('E_TRANSCRIPT_MALFORMED', text, { place: { file, ...place } });
}
