import path from 'node:path';
import type { Warning } from '../base/errors.ts';
import { findingAt } from '../base/finding.ts';
import { forEachLine } from './dictionary-lines.ts';
import type { Language, Pronunciation } from './language.ts';
import { lookupForm } from './lookup-form.ts';

/** Bad lines named one by one; the rest is counted. */
const MAX_NAMED_LINES = 10;
const NO_BREAK_SPACE = 0xa0;
/** The number of a variant: `read(2)`. A word that is nothing but such a number stays. */
const VARIANT = /^(.+)\(\d+\)$/;
/** At most this number of numbers stands between word and phones in a dictionary with probabilities. */
const MAX_PROBABILITIES = 4;
const PROBABILITY = /^\d*\.\d+(?:[eE][-+]?\d+)?$|^\d+\.$/;

const SILENCE = /^(?:sp|sil)$/i;

/** One line of a dictionary: an entry, a mistake (what is wrong), or neither: blank lines and comments. */
export type DictionaryLine =
  | { readonly kind: 'entry'; readonly word: string; readonly rest: string }
  | { readonly kind: 'bad'; readonly message: string }
  | null;

export interface Dictionary {
  /** In file order, without repeated lines. */
  readonly pronunciations: readonly Pronunciation[];
  readonly warnings: readonly Warning[];
}

/**
 * Reads a pronunciation dictionary in one streaming pass and keeps what is wanted.
 *
 * Grammar: `word TAB phone( phone)*` in UTF-8, one variant a line. Also accepted: blanks for the TAB, blanks at
 * both ends, CR LF, a byte order mark, blank lines, `word(2)` for the second variant of `word`, and the
 * probability columns of MFA dictionaries (up to four numbers *with a decimal point* between word and phones; they are left out.
 * Whole numbers are phones: Lexique and CELEX DISC write `5` and `2`).
 * A comment is a line that begins with `;;`. One `;` or `#` begins a word, as in `;semi-colon` or `#hashtag`.
 *
 * A bad line is reported as W_DICTIONARY_LINE and passed over; it is never fatal.
 * @param wanted - look-up forms to keep; null keeps all
 * @throws TaskError E_PATH_KIND; the reason of `signal`; system errors such as ENOENT as they are
 */
export async function readPronunciations(
  dictionaryPath: string,
  wanted: ReadonlySet<string> | null,
  signal?: AbortSignal,
): Promise<Dictionary> {
  const pronunciations = new PronunciationList();
  const bad: { line: number; message: string }[] = [];
  let badCount = 0;
  const takeLine = (text: string, line: number) => {
    const parsed = parseDictionaryLine(text);
    if (parsed === null) return;
    if (parsed.kind === 'bad') {
      badCount += 1;
      if (bad.length < MAX_NAMED_LINES) bad.push({ line, message: parsed.message });
    } else if (wanted === null || wanted.has(parsed.word)) {
      const phones = splitPhones(parsed.rest);
      if (!isSilence(phones)) pronunciations.add({ word: parsed.word, phones });
    }
  };
  await forEachLine(dictionaryPath, takeLine, signal);
  return { pronunciations: pronunciations.all, warnings: describeBadLines(dictionaryPath, bad, badCount) };
}

/** All phones that a dictionary uses. @internal */
export async function readPhoneInventory(dictionaryPath: string): Promise<ReadonlySet<string>> {
  const phones = new Set<string>();
  await forEachLine(dictionaryPath, (text) => {
    const parsed = parseDictionaryLine(text);
    if (parsed?.kind !== 'entry') return;
    for (const phone of splitPhones(parsed.rest)) phones.add(phone);
  });
  return phones;
}

/**
 * The phones that a pronunciation in the full set may use: those that the language lists, else those that its
 * dictionary uses, since no others are known to be in the model.
 */
export async function readUsablePhones(language: Language): Promise<ReadonlySet<string>> {
  if (language.phones.size > 0) return language.phones;
  return await readPhoneInventory(language.complexDictionaryPath ?? language.dictionaryPath);
}

/** Splits a line into the word's look-up form and the rest, which is not yet split: most lines are not wanted. */
export function parseDictionaryLine(line: string): DictionaryLine {
  let start = 0;
  while (start < line.length && isBlank(line.charCodeAt(start))) start++;
  if (start === line.length || line.startsWith(';;', start)) return null;
  if (line.includes('\uFFFD')) return { kind: 'bad', message: 'not UTF-8 text; save the file as UTF-8' };
  if (line.includes('\0')) return { kind: 'bad', message: 'holds a zero byte; save the file as UTF-8 text' };
  let end = start + 1;
  while (end < line.length && !isBlank(line.charCodeAt(end))) end++;
  let rest = end;
  while (rest < line.length && isBlank(line.charCodeAt(rest))) rest++;
  const head = line.slice(start, end);
  if (rest === line.length) {
    return { kind: 'bad', message: `expected a word, a TAB and phones, found only "${head.slice(0, 40)}"` };
  }
  return { kind: 'entry', word: lookupForm(dropVariantNumber(head)), rest: line.slice(rest) };
}

/** The phones of a line's rest, without the probabilities before them. */
export function splitPhones(rest: string): string[] {
  const fields = rest.split(/\s+/);
  if (fields.at(-1) === '') fields.pop();
  let first = 0;
  while (first < Math.min(MAX_PROBABILITIES, fields.length - 1) && PROBABILITY.test(fields[first] ?? ''))
    first++;
  return first === 0 ? fields : fields.slice(first);
}

/** Pronunciations in the order added; one that is there already is not added again. */
export class PronunciationList {
  readonly all: Pronunciation[] = [];
  readonly #keys = new Set<string>();

  add(pronunciation: Pronunciation): void {
    const key = `${pronunciation.word}\t${pronunciation.phones.join(' ')}`;
    if (this.#keys.has(key)) return;
    this.#keys.add(key);
    this.all.push(pronunciation);
  }
}

/** Engines' dictionaries have lines such as `sp sp` and `{SL} sil`: no words, but how they write silence. */
function isSilence(phones: readonly string[]): boolean {
  return phones.length === 1 && SILENCE.test(phones[0] ?? '');
}

function isBlank(charCode: number): boolean {
  return charCode <= 0x20 || charCode === NO_BREAK_SPACE;
}

function dropVariantNumber(head: string): string {
  return head.endsWith(')') ? (VARIANT.exec(head)?.[1] ?? head) : head;
}

function describeBadLines(
  dictionaryPath: string,
  bad: readonly { line: number; message: string }[],
  badCount: number,
): Warning[] {
  const file = path.basename(dictionaryPath);
  const warnings: Warning[] = bad.map(({ line, message }) =>
    findingAt('W_DICTIONARY_LINE', { file, line }, `${message}; the line is passed over`),
  );
  if (badCount > bad.length) {
    warnings.push(findingAt('W_DICTIONARY_LINE', { file }, `and ${badCount - bad.length} more bad lines`));
  }
  return warnings;
}
