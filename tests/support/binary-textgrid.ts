import type { TextGrid } from '../../src/formats/textgrid/model.ts';

/** A TextGrid as Praat's "Save as binary file..." writes it. */
export function writeBinaryTextGrid({ startSec, endSec, tiers }: TextGrid): Buffer {
  const parts: Buffer[] = [Buffer.from('ooBinaryFile'), text('TextGrid', 1), float(startSec), float(endSec)];
  parts.push(Buffer.from([1]), integer(tiers.length, 4));
  for (const tier of tiers) {
    parts.push(text(tier.kind === 'interval' ? 'IntervalTier' : 'TextTier', 1), text(tier.name, 2));
    parts.push(float(tier.startSec), float(tier.endSec));
    const items = tier.kind === 'interval' ? tier.intervals : tier.points;
    parts.push(integer(items.length, 4));
    for (const item of items) {
      const times = 'timeSec' in item ? [item.timeSec] : [item.startSec, item.endSec];
      parts.push(...times.map(float), text(item.text, 2));
    }
  }
  return Buffer.concat(parts);
}

/**
 * The length in characters, then a byte for each. Beyond ASCII, a length with all bits set comes first, and the text is
 * UTF-16.
 */
function text(value: string, lengthBytes: 1 | 2): Buffer {
  const length = integer([...value].length, lengthBytes);
  const isAscii = [...value].every((character) => character < '\u0080');
  if (isAscii) return Buffer.concat([length, Buffer.from(value, 'latin1')]);
  const mark = Buffer.alloc(lengthBytes, 0xff);
  return Buffer.concat([mark, length, Buffer.from(value, 'utf16le').swap16()]);
}

function integer(value: number, byteCount: number): Buffer {
  const bytes = Buffer.alloc(byteCount);
  bytes.writeUIntBE(value, 0, byteCount);
  return bytes;
}

function float(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value);
  return bytes;
}
