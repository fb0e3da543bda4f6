import { crc32, deflateRawSync } from 'node:zlib';

/**
 * A zip archive in memory, as other programs write it.
 * @param isZip64 - whether sizes and offsets are in extra fields, as in archives of programs that do not know the sizes
 * beforehand
 */
export function makeZip(
  parts: Readonly<Record<string, string | Uint8Array>>,
  { isZip64 = false }: { readonly isZip64?: boolean } = {},
): Buffer {
  const bodies: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, given] of Object.entries(parts)) {
    const content = Buffer.from(given as string);
    const packed = deflateRawSync(content);
    const encoded = Buffer.from(name);
    const sizes = [crc32(content), packed.length, content.length];
    const shared = [0, 8, 0, 0];
    const head = Buffer.alloc(30);
    head.writeUInt32LE(0x04034b50, 0);
    writeFields(head, 6, shared, sizes);
    head.writeUInt16LE(encoded.length, 26);
    const entry = Buffer.alloc(46);
    entry.writeUInt32LE(0x02014b50, 0);
    writeFields(entry, 8, shared, sizes);
    entry.writeUInt16LE(encoded.length, 28);
    entry.writeUInt32LE(offset, 42);
    bodies.push(head, encoded, packed);
    directory.push(entry, encoded);
    if (isZip64) {
      for (const at of [20, 24, 42]) entry.writeUInt32LE(0xffffffff, at);
      entry.writeUInt16LE(32, 30);
      // A field of another kind comes first.
      const extra = Buffer.from('5554000001001800'.padEnd(64, '0'), 'hex');
      for (const [index, value] of [content.length, packed.length, offset].entries())
        extra.writeBigUInt64LE(BigInt(value), 8 + index * 8);
      directory.push(extra);
    }
    offset += head.length + encoded.length + packed.length;
  }
  const list = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(Object.keys(parts).length, 8);
  end.writeUInt16LE(Object.keys(parts).length, 10);
  end.writeUInt32LE(list.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...bodies, list, end]);
}

function writeFields(into: Buffer, start: number, shared: readonly number[], sizes: readonly number[]): void {
  for (const [at, value] of shared.entries()) into.writeUInt16LE(value, start + at * 2);
  for (const [at, value] of sizes.entries()) into.writeUInt32LE(value, start + 8 + at * 4);
}
