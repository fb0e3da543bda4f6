/** UTF-16 by its byte order. */
export type Utf16 = 'utf-16le' | 'utf-16be';

/** Whether a text without a byte order mark is UTF-16. `unclear`: it may be, in either byte order; null: it is not. */
export type Unmarked = Utf16 | 'unclear' | null;

/** How many bytes are looked at. */
const SAMPLE_BYTES = 256 * 1024;
/** In an encoding with one byte for each character, smaller bytes are control characters. */
const FIRST_PRINTED = 0x20;
/** Control characters that occur in such texts: TAB, line ends, the bullets of CHAT, the end of a DOS file, Escape. */
const TEXT_CONTROLS: ReadonlySet<number> = new Set([0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x15, 0x1a, 0x1b]);
/** If this share of the characters have a small byte on one side, such as 04 for Cyrillic, the text is UTF-16. */
const ALPHABET_SHARE = 0.75;
/**
 * At least this share of the characters of a text are common. If its bytes are swapped or in another encoding, less
 * than a third are.
 */
const COMMON_SHARE = 0.9;
/** From this share on, a text with a binary byte may be UTF-16. */
const MAYBE_SHARE = 0.6;
/**
 * With this number of characters or more, a text in another encoding does not have the share of common ones by chance.
 */
const PROVING_CHARACTERS = 8;

/**
 * ASCII, dashes and quotes, Chinese and Japanese signs, kana, forms of full width. Two ASCII digits look like a
 * character between U+3030 and U+3939; none of these characters is here.
 */
const COMMON_RANGES = [
  [0x20, 0x7e],
  [0x2010, 0x2026],
  [0x3000, 0x301f],
  [0x3041, 0x30ff],
  [0xff01, 0xffee],
] as const;
/**
 * The common Chinese, Japanese and Korean characters: the first level of older standards, which Node can decode. Each
 * line has the range of the first of two bytes.
 */
const COMMON_LEVELS = [
  ['gb2312', 0xb0, 0xd7],
  ['big5', 0xa4, 0xc6],
  ['euc-jp', 0xb0, 0xcf],
  ['euc-kr', 0xb0, 0xc8],
] as const;

let commonCharacters: Uint8Array | null = null;

/**
 * Whether there is a byte that no text with one byte for each character has. It may be half of a character in UTF-16.
 */
export function hasBinaryByte(bytes: Uint8Array): boolean {
  return bytes.subarray(0, SAMPLE_BYTES).some((byte) => byte < FIRST_PRINTED && !TEXT_CONTROLS.has(byte));
}

/**
 * Finds out whether bytes without a byte order mark are UTF-16: by the share of common Chinese, Japanese, Korean and
 * ASCII characters in each byte order, otherwise by the places of zeros and other small bytes.
 * @param bytes - not valid UTF-8 without zero bytes, or short with a binary byte
 */
export function findUnmarkedUtf16(bytes: Uint8Array): Unmarked {
  const sample = bytes.subarray(0, SAMPLE_BYTES);
  const count = sample.length >> 1;
  const little = commonShare(sample, 1);
  const big = commonShare(sample, 0);
  const share = Math.max(little, big);
  const hasBinary = hasBinaryByte(sample);
  const isProved = hasBinary || count >= PROVING_CHARACTERS;
  if (isProved && share >= COMMON_SHARE && little !== big) return little > big ? 'utf-16le' : 'utf-16be';
  const byPattern = hasBinary ? byLowBytes(sample) : null;
  if (byPattern !== null) return byPattern;
  return hasBinary && share >= MAYBE_SHARE ? 'unclear' : null;
}

/** The share of common characters in one byte order. @param highAt - which of two bytes is the high one: 0 or 1 */
function commonShare(bytes: Uint8Array, highAt: 0 | 1): number {
  commonCharacters ??= findCommon();
  const count = bytes.length >> 1;
  let common = 0;
  for (let at = 0; at < 2 * count; at += 2) {
    const unit = ((bytes[at + highAt] ?? 0) << 8) | (bytes[at + 1 - highAt] ?? 0);
    common += commonCharacters[unit] ?? 0;
  }
  return count === 0 ? 0 : common / count;
}

/** For each 16-bit character: 1 if it is common, otherwise 0. */
function findCommon(): Uint8Array {
  const common = new Uint8Array(0x10000);
  for (const character of '\t\n\r') common[character.charCodeAt(0)] = 1;
  for (const [from, to] of COMMON_RANGES) common.fill(1, from, to + 1);
  for (const [encoding, from, to] of COMMON_LEVELS) {
    const decoder = new TextDecoder(encoding);
    for (let first = from; first <= to; first++) {
      for (let second = encoding === 'big5' ? 0x40 : 0xa1; second < 0xff; second++) {
        const text = decoder.decode(Uint8Array.of(first, second));
        if (text.length === 1 && text !== '\uFFFD') common[text.charCodeAt(0)] = 1;
      }
    }
  }
  return common;
}

/**
 * Blanks, line ends, digits and Latin letters have a zero in every other byte, and letters of other alphabets a small
 * byte, such as 04 for Cyrillic.
 * @returns null: zeros are on both sides, or such bytes are too rare
 */
function byLowBytes(bytes: Uint8Array): Utf16 | null {
  let [evenZeros, oddZeros, evenLows, oddLows] = [0, 0, 0, 0];
  for (let offset = 0; offset < bytes.length; offset += 2) {
    const [even = FIRST_PRINTED, odd = FIRST_PRINTED] = [bytes[offset], bytes[offset + 1]];
    if (even === 0) evenZeros++;
    if (odd === 0) oddZeros++;
    if (even < FIRST_PRINTED) evenLows++;
    if (odd < FIRST_PRINTED) oddLows++;
  }
  const units = bytes.length / 2;
  const isLittle = oddZeros === evenZeros ? oddLows > evenLows : oddZeros > evenZeros;
  const [zeros, lows] = isLittle ? [oddZeros, oddLows] : [evenZeros, evenLows];
  if (Math.min(evenZeros, oddZeros) > units / 20) return null;
  if (zeros < units / 4 && lows < units * ALPHABET_SHARE) return null;
  return isLittle ? 'utf-16le' : 'utf-16be';
}
