import type { InPieces } from '../../base/pieces.ts';
import { refuseOtherKinds } from '../text/other-kinds.ts';
import { decodeText } from '../text-encoding.ts';
import type { TableOptions } from '../transcript.ts';
import { findDelimiter } from './delimiter.ts';
import { interpretRows, type SpokenTable } from './interpret.ts';
import { splitRows } from './split-rows.ts';
import { tableFormat } from './table-format.ts';

const EXPECTED = {
  expected: 'a table of text (CSV or TSV)',
  fix: 'in the program that made it, save it as "CSV UTF-8"',
};
const EXTRA_FIX = 'put quotes around a text that contains the character between cells';

/**
 * Tables as text (CSV, TSV). Their columns (recording, tier, speaker, times, text) are found by their names, see
 * `findColumns`.
 */
export const TABLE = tableFormat(readAny);

function* readAny(bytes: Uint8Array, file: string, options: TableOptions): InPieces<SpokenTable> {
  refuseOtherKinds(bytes, file, EXPECTED);
  const decoded = decodeText(bytes, file, options.legacyEncoding);
  if (decoded.warning !== undefined) options.warn(decoded.warning);
  const { text, delimiter, firstLine } = findDelimiter(decoded.text, file, options.columns);
  return yield* interpretRows(splitRows(text, delimiter, file, firstLine), file, {
    warn: options.warn,
    columns: options.columns ?? [],
    extraFix: EXTRA_FIX,
  });
}
