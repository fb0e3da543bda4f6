import path from 'node:path';
import { TaskError } from '../base/errors.ts';
import { inputKindOf, transcriptFormatOf } from '../base/input-kinds.ts';
import type { ResultFormatName } from '../base/result-kinds.ts';
import { safePart } from '../base/safe-names.ts';

/** Formats of WebMAUS, in small letters, and our names for them. */
const FORMATS: Readonly<Record<string, ResultFormatName>> = {
  textgrid: 'textgrid',
  csv: 'csv',
  par: 'par',
  mau: 'par',
  'mau-append': 'par',
  emudb: 'emu',
  emur: 'emu',
  eaf: 'eaf',
  vtt: 'vtt',
  srt: 'srt',
};
/** Endings of the one file of a result; for other formats the whole zip is sent. */
const EXTENSIONS: Partial<Record<ResultFormatName, string>> = {
  textgrid: '.TextGrid',
  csv: '.csv',
  par: '.par',
  eaf: '.eaf',
  vtt: '.vtt',
  srt: '.srt',
};
const IPA_DIR = 'IPA';

/** @throws TaskError E_FORMAT_UNKNOWN */
export function formatOfWebMaus(name: string): ResultFormatName {
  const format = Object.hasOwn(FORMATS, name.toLowerCase()) ? FORMATS[name.toLowerCase()] : undefined;
  if (format !== undefined) return format;
  throw new TaskError(
    'E_FORMAT_UNKNOWN',
    `OUTFORMAT: expected TextGrid, csv, par, mau, mau-append, emuDB, eaf, vtt or srt, found ${JSON.stringify(name.slice(0, 100))}`,
  );
}

/**
 * Names under which a recording and its transcript form a pair, because WebMAUS accepts any two names.
 * @param signal - the client's name, may be empty
 * @param text - the same
 */
export function pairedNames(
  signal: string,
  text: string,
): { readonly signal: string; readonly text: string } {
  const { name, ext } = path.posix.parse(signal);
  const stem = safePart(name).replace(/^\.+/, '') || 'recording';
  const textExtension = path.posix.extname(text);
  return {
    signal: `${stem}${inputKindOf(signal) === 'audio' ? ext : '.wav'}`,
    text: `${stem}${transcriptFormatOf(text) === null ? '.txt' : textExtension}`,
  };
}

/**
 * The file of a result that WebMAUS would give; null: the whole zip.
 * @param names - of the files in the zip
 */
export function wantedResult(
  names: readonly string[],
  format: ResultFormatName,
  isIpa: boolean,
): string | null {
  const extension = EXTENSIONS[format];
  if (extension === undefined) return null;
  const fitting = names.filter((name) => path.posix.extname(name) === extension);
  return fitting.find((name) => name.startsWith(`${IPA_DIR}/`) === isIpa) ?? fitting[0] ?? null;
}
