import path from 'node:path';
import { plural } from '../base/count-text.ts';
import type { Warning } from '../base/errors.ts';
import { findingAt } from '../base/finding.ts';
import { forEachLine } from './dictionary-lines.ts';
import type { Language, Pronunciation } from './language.ts';
import { lookupForm } from './lookup-form.ts';

/** How many bad lines are named; the others are only counted. */
const MAX_NAMED_LINES = 10;
const NO_BREAK_SPACE = 0xa0;
/** A word with the number of a variant: `read(2)`. */
const VARIANT = /^(.+)\(\d+\)$/;
/** How many numbers a dictionary with probabilities may have between word and phones. */
const MAX_PROBABILITIES = 4;
const PROBABILITY = /^\d*\.\d+(?:[eE][-+]?\d+)?$|^\d+\.$/;

const SILENCE = /^(?:sp|sil)$/i;

/** One line of a dictionary: an entry, or a bad line and what is wrong with it. Null: a blank line or a comment. */
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
 * Reads a pronunciation dictionary in one pass and keeps the wanted words.
 *
 * Grammar: `word TAB phone( phone)*` in UTF-8, one variant in a line. Also accepted: blanks instead of the TAB, blanks at both
 * ends, CR LF, a byte order mark, blank lines, `word(2)` for the second variant of `word`, and the probabilities of MFA
 * dictionaries: up to four numbers *with a decimal point* between word and phones, which are left out. Whole numbers are phones:
 * Lexique and CELEX DISC have `5` and `2`. A line that begins with `;;` is a comment. A single `;` or `#` begins a word, as in
 * `;semi-colon` and `#hashtag`.
 *
 * A bad line is ignored, with the warning W_DICTIONARY_LINE.
 * @param wanted - look-up forms to keep; null: all
 * @throws TaskError E_PATH_KIND; the reason of `signal`; system errors
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
 * The phones that a pronunciation in the full set may use: those in the list of the language or, without a list, those that its
 * dictionary uses, since the model is known to have them.
 */
export async function readUsablePhones(language: Language): Promise<ReadonlySet<string>> {
  if (language.phones.size > 0) return language.phones;
  return await readPhoneInventory(language.complexDictionaryPath ?? language.dictionaryPath);
}

/** Divides a line into the look-up form of the word and the rest. `splitPhones` divides the rest of wanted lines only. */
export function parseDictionaryLine(line: string): DictionaryLine {
  let start = 0;
  while (start < line.length && isBlank(line.charCodeAt(start))) start++;
  if (start === line.length || line.startsWith(';;', start)) return null;
  if (line.includes('\uFFFD')) return { kind: 'bad', message: 'not UTF-8 text; save the file as UTF-8' };
  if (line.includes('\0')) return { kind: 'bad', message: 'found a zero byte; save the file as UTF-8 text' };
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

/** The phones in the rest of a line, without the probabilities before them. */
export function splitPhones(rest: string): string[] {
  const fields = rest.split(/\s+/);
  if (fields.at(-1) === '') fields.pop();
  let first = 0;
  while (first < Math.min(MAX_PROBABILITIES, fields.length - 1) && PROBABILITY.test(fields[first] ?? ''))
    first++;
  return first === 0 ? fields : fields.slice(first);
}

/** A list of different pronunciations: one that it has already is not added again. */
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

/** Whether a line is for silence, not for a word: dictionaries of engines have lines such as `sp sp` and `{SL} sil`. */
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
    findingAt('W_DICTIONARY_LINE', { file, line }, `${message}; the line is ignored`),
  );
  if (badCount > bad.length) {
    const text = `and ${plural(badCount - bad.length, 'more bad line')}`;
    warnings.push(findingAt('W_DICTIONARY_LINE', { file }, text));
  }
  return warnings;
}
