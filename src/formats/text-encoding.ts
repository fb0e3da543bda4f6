import { isUtf8 } from 'node:buffer';
import { TaskError, type Warning } from '../base/errors.ts';
import { findingAt } from '../base/finding.ts';
import { transcriptFormatOf } from '../base/input-kinds.ts';
import { findUnmarkedUtf16, hasBinaryByte, type Utf16 } from './unmarked-utf16.ts';

/** Encoding of texts that are not Unicode, set per language. */
export type LegacyEncoding = 'latin1' | 'windows-1252';
export type TextEncoding = 'utf-8' | Utf16 | LegacyEncoding;

/** The result of `decodeText`. */
export interface DecodedText {
  /** Without a byte order mark; its line ends are unchanged. */
  readonly text: string;
  readonly encoding: TextEncoding;
  /** Set if the legacy encoding was used: the bytes cannot prove that it is the right one. */
  readonly warning?: Warning;
}

/** Larger than any transcript or dictionary, and half of the longest string that Node allows. */
const MAX_BYTES = 256 * 1024 * 1024;
/** A text in UTF-16 that is longer than this is not valid UTF-8 by chance. */
const CHANCE_BYTES = 64;
const LEGACY_NAMES: Record<LegacyEncoding, string> = { latin1: 'Latin-1', 'windows-1252': 'Windows-1252' };
/** Byte order marks of UTF-32. They are looked for first: the first one begins with that of UTF-16. */
const UTF32_MARKS = [
  [0xff, 0xfe, 0, 0],
  [0, 0, 0xfe, 0xff],
] as const;
/** Bytes that are no characters in Windows-1252. */
const WINDOWS_1252_HOLES: ReadonlySet<number> = new Set([0x81, 0x8d, 0x8f, 0x90, 0x9d]);
const NO_BREAK_SPACE = 0xa0;
/** So many different bytes above ASCII in a row are a word of another script: Latin words have fewer accents in a row. */
const MIN_FOREIGN_RUN = 4;
/** Accented letters of DOS and of old Macs. In Windows-1252 they are signs and capitals, which do not follow a small letter. */
const OF_DOS_OR_MAC: ReadonlySet<number> = new Set([0x82, 0x84, 0x88, 0x89, 0x8a, 0x8c, 0x8e]);
/** More is no chance. */
const FOREIGN_SHARE = 0.25;

/**
 * Decodes a text file: by its byte order mark; otherwise as UTF-8 if all of it is valid and no byte is zero; otherwise as UTF-16 if its
 * characters show it; otherwise in the legacy encoding, with a warning. No byte is replaced, and only a byte order mark
 * is left out.
 * @param file - the user's name of the file, for messages
 * @param legacyEncoding - of the language; null: a text that is not Unicode is refused
 * @throws TaskError E_TEXT_ENCODING with the first byte that does not fit and its line; E_LIMIT
 */
export function decodeText(
  bytes: Uint8Array,
  file: string,
  legacyEncoding: LegacyEncoding | null = null,
): DecodedText {
  if (bytes.length > MAX_BYTES) {
    throw new TaskError('E_LIMIT', `expected a text of at most ${MAX_BYTES} bytes, found ${bytes.length}`, {
      place: { file },
    });
  }
  if (UTF32_MARKS.some((mark) => startsWith(bytes, mark))) {
    throw new TaskError('E_TEXT_ENCODING', `expected UTF-8 or UTF-16, found UTF-32; ${fixFor(file)}`, {
      place: { file },
    });
  }
  if (startsWith(bytes, [0xef, 0xbb, 0xbf])) return decodeUtf8(bytes, 3, file);
  if (startsWith(bytes, [0xff, 0xfe])) return decodeUtf16(bytes, 2, 'utf-16le', file);
  if (startsWith(bytes, [0xfe, 0xff])) return decodeUtf16(bytes, 2, 'utf-16be', file);

  const hasZero = bytes.includes(0);
  const isByChance = bytes.length <= CHANCE_BYTES && hasBinaryByte(bytes);
  if (!hasZero && !isByChance && isUtf8(bytes)) return decodeUtf8(bytes, 0, file);
  const utf16 = findUnmarkedUtf16(bytes);
  if (utf16 === 'unclear') {
    const found = 'what may be UTF-16 without a byte order mark, or a binary file';
    throw new TaskError('E_TEXT_ENCODING', `expected Unicode text, found ${found}; ${fixFor(file)}`, {
      place: { file },
    });
  }
  if (utf16 !== null) return decodeUtf16(bytes, 0, utf16, file);
  if (!hasZero && legacyEncoding !== null && !isUtf8(bytes)) return decodeLegacy(bytes, legacyEncoding, file);
  return decodeUtf8(bytes, 0, file);
}

function startsWith(bytes: Uint8Array, mark: readonly number[]): boolean {
  return mark.every((byte, index) => bytes[index] === byte);
}

function decodeUtf8(bytes: Uint8Array, start: number, file: string): DecodedText {
  const body = bytes.subarray(start);
  const zeroAt = body.indexOf(0);
  const badAt = isUtf8(body) ? -1 : firstBadUtf8(body);
  if (badAt >= 0 && (zeroAt < 0 || badAt < zeroAt)) {
    throw notText(bytes, start + badAt, `byte 0x${hex(body[badAt])}, which is not UTF-8`, file);
  }
  if (zeroAt >= 0) throw notText(bytes, start + zeroAt, 'a zero byte, as in a binary file', file);
  return { text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body), encoding: 'utf-8' };
}

/** Offset of the first byte of the first sequence that is not UTF-8; -1: there is none. */
function firstBadUtf8(bytes: Uint8Array): number {
  let offset = 0;
  while (offset < bytes.length) {
    // No byte of a longer sequence is a line feed, so whole lines can be checked by native code.
    const lineEnd = bytes.indexOf(0x0a, offset);
    const next = lineEnd < 0 ? bytes.length : lineEnd + 1;
    if (!isUtf8(bytes.subarray(offset, next))) break;
    offset = next;
  }
  while (offset < bytes.length) {
    const lead = bytes[offset] ?? 0;
    const length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    if (!isUtf8(bytes.subarray(offset, offset + length))) return offset;
    offset += length;
  }
  return -1;
}

function decodeUtf16(bytes: Uint8Array, start: number, encoding: Utf16, file: string): DecodedText {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isLittle = encoding === 'utf-16le';
  let line = 1;
  for (let offset = start; offset < bytes.length; offset += 2) {
    if (offset + 1 === bytes.length)
      throw notText(bytes, offset, 'half a UTF-16 character at the end', file, line);
    const unit = view.getUint16(offset, isLittle);
    if (unit === 0x0a) line++;
    if (unit === 0) throw notText(bytes, offset, 'a zero character, as in a binary file', file, line);
    if (unit < 0xd800 || unit > 0xdfff) continue;
    const next = offset + 3 < bytes.length ? view.getUint16(offset + 2, isLittle) : 0;
    if (unit > 0xdbff || next < 0xdc00 || next > 0xdfff) {
      throw notText(bytes, offset, `half of a UTF-16 pair (0x${unit.toString(16)})`, file, line);
    }
    offset += 2;
  }
  const text = new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(bytes.subarray(start));
  return { text, encoding };
}

function decodeLegacy(bytes: Uint8Array, encoding: LegacyEncoding, file: string): DecodedText {
  const name = LEGACY_NAMES[encoding];
  const holeAt = bytes.findIndex((byte) =>
    // Latin-1 has control characters there, which no transcript has: the text is in another encoding.
    encoding === 'latin1' ? byte >= 0x80 && byte < 0xa0 : WINDOWS_1252_HOLES.has(byte),
  );
  if (holeAt >= 0) {
    throw notText(bytes, holeAt, `byte 0x${hex(bytes[holeAt])}, which is neither UTF-8 nor ${name}`, file);
  }
  const foreignAt = firstForeign(bytes);
  if (foreignAt >= 0) {
    const found = `byte 0x${hex(bytes[foreignAt])} of an older encoding other than ${name}`;
    throw notText(bytes, foreignAt, found, file);
  }
  const text =
    encoding === 'latin1'
      ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
      : new TextDecoder('windows-1252').decode(bytes);
  const offset = firstBadUtf8(bytes);
  const line = lineOf(bytes, offset);
  const found =
    `expected Unicode text, found byte 0x${hex(bytes[offset])}; it was read as ${name}, ` +
    `the older encoding set for this language: check the letters with accents, or ${fixFor(file)}`;
  return { text, encoding, warning: findingAt('W_TEXT_ENCODING', { file, line }, found) };
}

/**
 * Offset of the first byte that no text in a Latin page has at such a place; -1: few of the bytes above ASCII are such.
 * Texts in Cyrillic, Greek or Japanese pages, of DOS or of old Macs are valid bytes of Windows-1252.
 */
function firstForeign(bytes: Uint8Array): number {
  let [firstAt, foreignCount, highCount, runLength] = [-1, 0, 0, 0];
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    if (byte < 0x80 || byte === NO_BREAK_SPACE) {
      runLength = 0;
      continue;
    }
    highCount += 1;
    // A row of one sign is a line, such as "----" in long dashes.
    runLength = byte === bytes[at - 1] ? 1 : runLength + 1;
    const isAccent = OF_DOS_OR_MAC.has(byte) && isSmallLetter(bytes[at - 1]);
    if (runLength < MIN_FOREIGN_RUN && !isAccent) continue;
    const count = runLength === MIN_FOREIGN_RUN ? MIN_FOREIGN_RUN : 1;
    if (firstAt < 0) firstAt = at - count + 1;
    foreignCount += count;
  }
  return foreignCount > FOREIGN_SHARE * highCount ? firstAt : -1;
}

/** Whether it is one of a to z. */
function isSmallLetter(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x61 && byte <= 0x7a;
}

function notText(
  bytes: Uint8Array,
  offset: number,
  found: string,
  file: string,
  line = lineOf(bytes, offset),
): TaskError {
  const text = `expected Unicode text, found ${found}, at byte ${offset + 1}; ${fixFor(file)}`;
  return new TaskError('E_TEXT_ENCODING', text, { place: { file, line } });
}

function fixFor(file: string): string {
  return transcriptFormatOf(file) === 'TextGrid'
    ? 'save it as UTF-8: in Praat, "Save as text file..."'
    : 'save it as UTF-8 in the program that made it';
}

function lineOf(bytes: Uint8Array, offset: number): number {
  let line = 1;
  for (let at = bytes.indexOf(0x0a); at >= 0 && at < offset; at = bytes.indexOf(0x0a, at + 1)) line++;
  return line;
}

function hex(byte: number | undefined): string {
  return (byte ?? 0).toString(16).padStart(2, '0');
}
