import { parseColumnChoices } from '../../../src/base/column-choices.ts';
import { must } from '../../../src/base/must.ts';
import { atOnce } from '../../../src/base/pieces.ts';
import { TABLE } from '../../../src/formats/table/format.ts';
import type { LegacyEncoding } from '../../../src/formats/text-encoding.ts';
import { faultsOf, readAs, told } from '../transcripts.ts';

interface Given {
  readonly file?: string;
  readonly audioSec?: number;
  readonly legacyEncoding?: LegacyEncoding | null;
  readonly columns?: string;
}

/** The tiers of a table that has the name of its recording, in the form of `told`. */
export function tiersOf(content: string | Uint8Array, given: Given = {}): Record<string, string[]> {
  return told(readAs(TABLE, given.file ?? 'talk.csv', content, given).transcript);
}

export function warningsOf(content: string | Uint8Array, given: Given = {}): readonly string[] {
  return readAs(TABLE, given.file ?? 'talk.csv', content, given).warnings;
}

export function faultsIn(content: string | Uint8Array, file = 'talk.csv', columns = ''): string[] {
  return faultsOf(TABLE, file, content, { columns });
}

/** What a table says about each recording that it names, by row and name. */
export function recordingsOf(
  content: string | Uint8Array,
  file = 'all.csv',
  columns = '',
): Record<string, Record<string, string[]>> {
  const options = { legacyEncoding: null, columns: parseColumnChoices(columns), warn: () => undefined };
  const table = atOnce(must(TABLE.readTable, 'a reader')(Buffer.from(content), file, options)) ?? [];
  return Object.fromEntries(
    table.map((one) => [`${one.line} ${one.recording}`, told(atOnce(one.toTranscript(10)))]),
  );
}
