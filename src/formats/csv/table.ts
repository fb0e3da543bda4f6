export const LINE_END = '\r\n';

const COLUMNS = ['file', 'speaker', 'word', 'word_number', 'phone', 'ipa', 'begin', 'end', 'quality'];

/** The first line of the table of phones. */
export const CSV_HEADER = `${COLUMNS.map((name) => `"${name}"`).join(',')}${LINE_END}`;
