export const LINE_END = '\r\n';

const COLUMNS = ['file', 'speaker', 'word', 'word_number', 'phone', 'ipa', 'begin', 'end', 'quality'];

/** The first line of the table of phones. Without quotes: Praat would take them for a part of the names. */
export const CSV_HEADER = `${COLUMNS.join(',')}${LINE_END}`;
