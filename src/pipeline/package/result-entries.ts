import yauzl from 'yauzl';
import { readPieces } from './verify.ts';

export interface ResultEntry {
  /** With `/` between folders. */
  readonly name: string;
  readonly bytes: number;
}

export interface OpenEntry extends ResultEntry {
  /** @throws TaskError E_OUTPUT_INVALID after the last piece, if the checksum is wrong */
  readonly pieces: AsyncIterable<Uint8Array>;
}

/** The files of a zip that is open. @param fd - stays open */
export async function listEntries(fd: number): Promise<ResultEntry[]> {
  const entries: ResultEntry[] = [];
  for await (const entry of (await openZip(fd)).eachEntry()) entries.push(toResultEntry(entry));
  return entries;
}

/** One file of a zip that is open, to be read in pieces. @returns null: there is none of this name */
export async function openEntry(fd: number, name: string): Promise<OpenEntry | null> {
  const zip = await openZip(fd);
  for await (const entry of zip.eachEntry()) {
    if (entry.fileName === name) return { ...toResultEntry(entry), pieces: readPieces(zip, entry) };
  }
  return null;
}

/** The caller, which has opened the file, closes it. */
function openZip(fd: number): Promise<yauzl.ZipFile> {
  return yauzl.fromFdPromise(fd, { lazyEntries: true, validateEntrySizes: true, autoClose: false });
}

function toResultEntry({ fileName, uncompressedSize }: yauzl.Entry): ResultEntry {
  return { name: fileName, bytes: uncompressedSize };
}
