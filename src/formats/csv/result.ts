import { type InPieces, Piece } from '../../base/pieces.ts';
import type { FileSink, ResultDocument, ResultFormat } from '../result.ts';
import { type SpokenWord, speakersOf, spokenWords } from '../result-words.ts';
import { secondsText } from '../seconds-text.ts';
import { checkCsv } from './check.ts';
import { CSV_HEADER, LINE_END } from './table.ts';

const FILE = 'phones.csv';

/**
 * One table for the whole task, with a row for each phone: RFC 4180, UTF-8 without byte order mark. Labels are always in
 * quotes, numbers and names of columns never: programs can tell the word "5" from a number, and "NA" from a missing value. Labels
 * stand as they are, also those that a spreadsheet would take for a formula. Pauses have no rows. See docs/results.md.
 */
export const CSV_RESULT: ResultFormat = {
  extension: 'csv',
  isWordsOnly: true,
  files: ({ alphabet }) => [
    {
      place: FILE,
      meaning: `a table with one row for each phone of all recordings, in ${alphabet} and IPA, for R, Python and spreadsheets`,
    },
  ],
  howTo: [
    `${FILE} in R:      read.csv("${FILE}", encoding = "UTF-8", na.strings = character(),`,
    '                      colClasses = rep(c("character", NA, "character", NA), c(3, 1, 2, 3)))',
    `${FILE} in Python: pandas.read_csv("${FILE}", keep_default_na=False,`,
    '                      dtype=dict.fromkeys(["file", "speaker", "word", "phone", "ipa"], str))',
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
  const timeOf = secondsText();
  let rows = '';
  for (const speaker of speakersOf(document)) {
    const first = `${quote(document.name)},${quote(speaker.name)},`;
    for (const word of spokenWords(speaker)) {
      const own = rowsOf(`${first}${quote(word.text)},${word.number ?? ''},`, word, timeOf);
      rows += own;
      if (!piece.add(own)) continue;
      files.toTask(FILE, rows);
      rows = '';
      yield;
    }
  }
  files.toTask(FILE, rows);
}

/** Writes a row for each phone of a word, or one row for a word without phones. @param first - the fields before the phone */
function rowsOf(first: string, word: SpokenWord, timeOf: (sec: number) => string): string {
  const end = `,"${word.quality}"${LINE_END}`;
  if (word.phones.length === 0) return `${first}"","",${timeOf(word.startSec)},${timeOf(word.endSec)}${end}`;
  let rows = '';
  for (const { label, ipa, startSec, endSec } of word.phones)
    rows += `${first}${quote(label)},${quote(ipa ?? '')},${timeOf(startSec)},${timeOf(endSec)}${end}`;
  return rows;
}

function quote(text: string): string {
  return `"${text.includes('"') ? text.replaceAll('"', '""') : text}"`;
}
