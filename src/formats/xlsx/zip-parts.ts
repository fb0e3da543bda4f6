import { crc32, inflateRawSync } from 'node:zlib';
import { messageOf, TaskError } from '../../base/errors.ts';

/** The largest size of all parts that are read, when unpacked. A sheet of 300,000 rows has about this size. */
const MAX_BYTES = 128 * 1024 * 1024;
/** Signatures and sizes of PKWARE's APPNOTE.TXT, sections 4.3.7, 4.3.12 and 4.3.16. */
const END = 0x06054b50;
const END_BYTES = 22;
const MAX_COMMENT_BYTES = 0xffff;
const ENTRY = 0x02014b50;
const ENTRY_BYTES = 46;
const LOCAL = 0x04034b50;
const LOCAL_BYTES = 30;
const ENCRYPTED = 1;
const STORED = 0;
const DEFLATED = 8;
/** Stands in place of a size or offset that is in the extra field of zip64. Some programs do so for small files too. */
const IN_ZIP64 = 0xffffffff;
/** The id of this extra field. */
const ZIP64 = 1;

interface Entry {
  readonly flags: number;
  readonly method: number;
  readonly crc: number;
  readonly packedBytes: number;
  readonly bytes: number;
  readonly offset: number;
}

/** The files in a zip archive, such as the parts of a workbook. Case does not count in their names. */
export class ZipParts {
  readonly #data: Buffer;
  readonly #file: string;
  readonly #entries = new Map<string, Entry>();
  #leftBytes = MAX_BYTES;

  /** @throws TaskError E_TRANSCRIPT_MALFORMED when it is not a whole zip archive */
  constructor(bytes: Uint8Array, file: string) {
    this.#data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#file = file;
    try {
      this.#readDirectory();
    } catch (error) {
      if (error instanceof TaskError) throw error;
      throw this.#damaged('its list of parts is cut short');
    }
  }

  /**
   * Unpacks a part.
   * @returns null: there is no part of this name
   * @throws TaskError E_LIMIT when the parts that were read are larger than 128 MiB together, whatever sizes the file
   *   claims; E_TRANSCRIPT_MALFORMED when the part is damaged
   */
  read(name: string): Buffer | null {
    const entry = this.#entries.get(name.toLowerCase());
    if (entry === undefined) return null;
    if (entry.bytes > this.#leftBytes) throw this.#tooLarge();
    const content = this.#unpack(name, entry);
    if (content.length !== entry.bytes || crc32(content) !== entry.crc)
      throw this.#damaged(`the checksum of ${name} does not fit its content`);
    this.#leftBytes -= content.length;
    return content;
  }

  #unpack(name: string, { flags, method, packedBytes, bytes, offset }: Entry): Buffer {
    const head = offset + LOCAL_BYTES;
    if (head > this.#data.length || this.#data.readUInt32LE(offset) !== LOCAL)
      throw this.#damaged(`${name} is not where the list of parts says`);
    if ((flags & ENCRYPTED) !== 0) throw this.#damaged(`${name} is encrypted`);
    const start = head + this.#data.readUInt16LE(offset + 26) + this.#data.readUInt16LE(offset + 28);
    const packed = this.#data.subarray(start, start + packedBytes);
    if (packed.length < packedBytes) throw this.#damaged(`${name} is cut short`);
    if (method === STORED) return packed;
    if (method !== DEFLATED) throw this.#damaged(`${name} is compressed in an unusual way (${method})`);
    try {
      // One buffer of the right size: to join pieces would take twice the memory.
      return inflateRawSync(packed, {
        maxOutputLength: Math.max(1, bytes),
        chunkSize: Math.max(64, bytes + 1),
      });
    } catch (error) {
      throw this.#damaged(`${name} cannot be unpacked (${messageOf(error)})`);
    }
  }

  #readDirectory(): void {
    const data = this.#data;
    let endAt = data.length - END_BYTES;
    const firstAt = Math.max(0, endAt - MAX_COMMENT_BYTES);
    while (endAt >= firstAt && data.readUInt32LE(endAt) !== END) endAt -= 1;
    if (endAt < firstAt) throw this.#damaged('it has no list of parts at its end');
    let at = data.readUInt32LE(endAt + 16);
    for (let left = data.readUInt16LE(endAt + 10); left > 0; left--) {
      if (data.readUInt32LE(at) !== ENTRY) throw this.#damaged('its list of parts is broken');
      const nameEnd = at + ENTRY_BYTES + data.readUInt16LE(at + 28);
      const name = data.toString('utf8', at + ENTRY_BYTES, nameEnd);
      const extraEnd = nameEnd + data.readUInt16LE(at + 30);
      const large = this.#readZip64(nameEnd, extraEnd);
      const read = (offset: number) => {
        const value = data.readUInt32LE(at + offset);
        return value === IN_ZIP64 ? (large.shift() ?? value) : value;
      };
      // Read in the order in which zip64 has these values.
      const bytes = read(24);
      const packedBytes = read(20);
      const entry = {
        flags: data.readUInt16LE(at + 8),
        method: data.readUInt16LE(at + 10),
        crc: data.readUInt32LE(at + 16),
        ...{ bytes, packedBytes, offset: read(42) },
      };
      this.#entries.set(name.replaceAll('\\', '/').toLowerCase(), entry);
      at = extraEnd + data.readUInt16LE(at + 32);
    }
  }

  /** The sizes and the offset in the zip64 field of an entry, as far as they are there (APPNOTE.TXT, 4.5.3). */
  #readZip64(start: number, end: number): number[] {
    const data = this.#data;
    for (let at = start; at + 4 <= end; at += 4 + data.readUInt16LE(at + 2)) {
      if (data.readUInt16LE(at) !== ZIP64) continue;
      const count = Math.floor(Math.min(data.readUInt16LE(at + 2), end - at - 4) / 8);
      return Array.from({ length: count }, (_, index) => Number(data.readBigUInt64LE(at + 4 + 8 * index)));
    }
    return [];
  }

  #tooLarge(): TaskError {
    const text = `expected at most ${MAX_BYTES} bytes in the workbook when unpacked, found more; save the sheet as CSV, or in parts`;
    return new TaskError('E_LIMIT', text, { place: { file: this.#file } });
  }

  #damaged(found: string): TaskError {
    const text = `expected a whole .xlsx file, but ${found}; save it again in the program that made it`;
    return new TaskError('E_TRANSCRIPT_MALFORMED', text, { place: { file: this.#file } });
  }
}
