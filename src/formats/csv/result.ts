import { type InPieces, Piece } from '../../base/pieces.ts';
import type { FileSink, ResultDocument, ResultFormat } from '../result.ts';
import { type SpokenPhone, type SpokenWord, speakersOf, spokenWords } from '../result-words.ts';
import { checkCsv } from './check.ts';
import { CSV_HEADER, LINE_END } from './table.ts';

const FILE = 'phones.csv';

/**
 * One table for the whole task, with a row for each phone: RFC 4180, UTF-8 without byte order mark. Labels are always in
 * quotes and numbers never, so that programs can tell the word "5" from a number, and "NA" from a missing value. Labels
 * stand as they are, also those that a spreadsheet would take for a formula. Pauses have no rows. See docs/results.md.
 */
export const CSV_RESULT: ResultFormat = {
  extension: 'csv',
  files: ({ alphabet }) => [
    {
      place: FILE,
      meaning: `a table with one row for each phone of all recordings, in ${alphabet} and IPA, for R, Python and spreadsheets`,
    },
  ],
  howTo: [
    `${FILE} in R:      read.csv("${FILE}", encoding = "UTF-8", na.strings = character())`,
    `${FILE} in Python: pandas.read_csv("${FILE}", keep_default_na=False)`,
  ],
  begin: () => {
    let hasHeader = false;
    return {
      *add(document, files) {
        if (!hasHeader) files.toTask(FILE, CSV_HEADER);
        hasHeader = true;
        yield* writeRows(document, files);
      },
      *end() {},
    };
  },
  check: checkCsv,
};

function* writeRows(document: ResultDocument, files: FileSink): InPieces<void> {
  const piece = new Piece();
  let rows = '';
  for (const speaker of speakersOf(document)) {
    const first = `${quote(document.name)},${quote(speaker.name)},`;
    for (const word of spokenWords(speaker)) {
      const text = `${first}${quote(word.text)},${word.number ?? ''},`;
      const own = word.phones.length === 0 ? row(text, word, null) : rowsOfPhones(text, word);
      rows += own;
      if (!piece.add(own)) continue;
      files.toTask(FILE, rows);
      rows = '';
      yield;
    }
  }
  files.toTask(FILE, rows);
}

function rowsOfPhones(first: string, word: SpokenWord): string {
  let rows = '';
  for (const phone of word.phones) rows += row(first, word, phone);
  return rows;
}

/** @param phone - null: a word without phones */
function row(first: string, word: SpokenWord, phone: SpokenPhone | null): string {
  const { startSec, endSec } = phone ?? word;
  const labels = `${quote(phone?.label ?? '')},${quote(phone?.ipa ?? '')}`;
  return `${first}${labels},${startSec},${endSec},"${word.quality}"${LINE_END}`;
}

function quote(text: string): string {
  return `"${text.includes('"') ? text.replaceAll('"', '""') : text}"`;
}
