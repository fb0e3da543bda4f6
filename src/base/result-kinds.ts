import { TaskError } from './errors.ts';
import { nearest } from './nearest.ts';

/** Formats of results, in the order in which they are listed everywhere; `formats/result-formats.ts` writes them. */
export const RESULT_FORMATS = [
  'textgrid', // Praat's long text form
  'short', // Praat's short text form
  'csv', // one table of all phones
  'eaf', // ELAN's
  'json', // MFA's form
  'vtt', // WebVTT of phrases, with the time of each word
  'srt', // SRT of words
  'emu', // a database for emuR
  'par', // BAS Partitur Format
] as const;

export type ResultFormatName = (typeof RESULT_FORMATS)[number];

/**
 * The formats that a list such as `textgrid,csv` names. Capital letters and blanks do not count. Each is there once, and
 * in the order of `RESULT_FORMATS`, so that the order of the list changes nothing in the result.
 * @throws TaskError E_FORMAT_UNKNOWN with what is known
 */
export function parseResultFormats(list: string): ResultFormatName[] {
  const fault = findFormatFault(list);
  if (fault !== null) throw new TaskError('E_FORMAT_UNKNOWN', fault);
  const names = splitResultFormats(list);
  return RESULT_FORMATS.filter((name) => names.includes(name));
}

/** What is wrong with a list for `parseResultFormats`; null: nothing. */
export function findFormatFault(list: string): string | null {
  const known: readonly string[] = RESULT_FORMATS;
  const unknown = splitResultFormats(list).find((name) => !known.includes(name));
  if (unknown === undefined) return null;
  const meant = nearest(unknown, known);
  const hint = meant === null ? '.' : `; did you mean ${meant}?`;
  const found = `expected formats of results, such as "textgrid,csv", found ${JSON.stringify(unknown)}${hint}`;
  return `${found} Known: ${known.join(', ')}`;
}

/** The names in such a list, known or not. */
export function splitResultFormats(list: string): string[] {
  return list.split(',').map((name) => name.trim().toLowerCase());
}
