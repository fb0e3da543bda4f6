import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { TextDecoder } from 'node:util';
import { readForeignTable } from '../../db/foreign-table.ts';
import { readCsv } from './csv.ts';
import { readDump } from './dump.ts';
import { type Read, sourceFault } from './source.ts';

const PIECE_BYTES = 1024 * 1024;
/** A table of text is read completely. */
const MAX_CSV_BYTES = 256 * 1024 * 1024;
const GZIP = Buffer.from([0x1f, 0x8b]);

export interface Source {
  /** Its name in messages. */
  readonly name: string;
  readonly rows: AsyncIterable<Read>;
}

/**
 * The older worker's table: a dump of MySQL, a table of text, or the address of a Postgres.
 * @param source - file or address
 * @throws TaskError E_USAGE; what reading its rows throws
 */
export function openSource(source: string, table: string): Source {
  if (/^postgres(ql)?:\/\//i.test(source)) return { name: table, rows: readDatabase(source, table) };
  return { name: source, rows: readFileRows(source, table) };
}

async function* readDatabase(url: string, table: string): AsyncGenerator<Read> {
  let line = 0;
  for await (const row of readForeignTable(url, table)) yield { line: ++line, ...row };
}

async function* readFileRows(file: string, table: string): AsyncGenerator<Read> {
  const found = await stat(file).catch(() => null);
  if (found === null)
    throw sourceFault(file, null, 'no such file; expected a dump, a CSV file or postgres://...');
  if (!found.isFile()) throw sourceFault(file, null, 'expected a file');
  const start = await readStart(file);
  if (start.subarray(0, 2).equals(GZIP))
    throw sourceFault(file, null, 'it is compressed; run gunzip on it first');
  if (isDump(start.toString())) {
    yield* readDump(pieces(file), table, file);
    return;
  }
  if (found.size > MAX_CSV_BYTES)
    throw sourceFault(
      file,
      null,
      'a CSV file of more than 256 MB; divide it, with the first row in each part',
    );
  const texts: string[] = [];
  for await (const piece of pieces(file)) texts.push(piece);
  yield* readCsv(texts.join(''), file);
}

async function readStart(file: string): Promise<Buffer> {
  await using handle = await open(file, 'r');
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(64 * 1024));
  return buffer.subarray(0, bytesRead);
}

/** Names of columns cannot contain comments or statements. */
function isDump(start: string): boolean {
  return /^\uFEFF?\s*(--|#|\/\*|(create|insert|replace|drop|lock|set|use)\s)/i.test(start);
}

async function* pieces(file: string): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8');
  const stream = createReadStream(file, { highWaterMark: PIECE_BYTES });
  for await (const bytes of stream as AsyncIterable<Buffer>) yield decoder.decode(bytes, { stream: true });
  yield decoder.decode();
}
