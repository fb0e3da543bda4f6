import { promisify } from 'node:util';
import { crc32, deflate } from 'node:zlib';

/** @internal */
export const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const BITS_PER_PIXEL = 8;
/** Each line as the difference to the one above: spectra change less over frequency than over time. */
const FILTER_UP = 2;
const LEVEL = 6;

const compress = promisify<Buffer, { level: number }, Buffer>(deflate);

/**
 * A greyscale picture as PNG.
 * Source: PNG specification, third edition, sections 5 and 9.
 * @param pixels - 0 (black) to 255 (white), line by line from the top
 */
export async function encodeGreyPng(pixels: Uint8Array, width: number, height: number): Promise<Buffer> {
  const lines = Buffer.alloc((width + 1) * height);
  for (let y = 0; y < height; y++) {
    const line = y * (width + 1);
    lines[line] = FILTER_UP;
    for (let x = 0; x < width; x++) {
      const above = y === 0 ? 0 : (pixels[(y - 1) * width + x] as number);
      lines[line + 1 + x] = (pixels[y * width + x] as number) - above;
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = BITS_PER_PIXEL;
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('IDAT', await compress(lines, { level: LEVEL })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** @internal */
export function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}
