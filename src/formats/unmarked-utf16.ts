export type Utf16 = 'utf-16le' | 'utf-16be';

/** What the bytes of a text say about UTF-16 without a byte order mark. `unclear`: it may be, in either byte order. */
export type Unmarked = Utf16 | 'unclear' | null;

/** This number of bytes is enough. */
const SAMPLE_BYTES = 256 * 1024;
/** Bytes below it are control characters, in a text of one byte for each character. */
const FIRST_PRINTED = 0x20;
/** Those that stand in texts of one byte for each character: TAB, line ends, the bullets of CHAT, the end of a DOS file. */
const TEXT_CONTROLS: ReadonlySet<number> = new Set([0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x15, 0x1a, 0x1b]);
/** So many characters of a text in UTF-16 are of alphabets, whose numbers begin with such a byte. */
const ALPHABET_SHARE = 0.75;
/** So many characters of a text are common ones. With its bytes swapped or in another encoding under a third are. */
const COMMON_SHARE = 0.9;
const MAYBE_SHARE = 0.6;
/** From here on a text of another encoding is not made of common characters by chance. */
const PROVING_CHARACTERS = 8;

/** Blank to `~`, dashes and quotes, signs, kana, signs of full width. What digits look like in pairs (3030 to 3939) is not. */
const COMMON_RANGES = [
  [0x20, 0x7e],
  [0x2010, 0x2026],
  [0x3000, 0x301f],
  [0x3041, 0x30ff],
  [0xff01, 0xffee],
] as const;
/**
 * The common Chinese, Japanese and Korean characters: the first level of the older standards, which the runtime
 * knows. First bytes of two, from and to; second bytes as each standard has them.
 */
const COMMON_LEVELS = [
  ['gb2312', 0xb0, 0xd7],
  ['big5', 0xa4, 0xc6],
  ['euc-jp', 0xb0, 0xcf],
  ['euc-kr', 0xb0, 0xc8],
] as const;

let commonCharacters: Uint8Array | null = null;

/** Whether a byte stands there that no text of single bytes has: it may be half of a character of UTF-16. */
export function hasBinaryByte(bytes: Uint8Array): boolean {
  return bytes.subarray(0, SAMPLE_BYTES).some((byte) => byte < FIRST_PRINTED && !TEXT_CONTROLS.has(byte));
}

/**
 * Whether bytes without byte order mark are UTF-16: by the share of common Chinese, Japanese, Korean and ASCII characters
 * in each byte order, else by where the bytes of alphabets stand.
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

/** @param highAt - 1: the second byte of two counts for more; 0: the first */
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

/** 1 for each common character, by its number. */
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
 * Blanks, line ends, digits and Latin letters leave a zero in every other byte, and letters of other alphabets a byte
 * that no text of single bytes has (04 for Cyrillic). Null when zeros are on both sides, or both are too rare.
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
