import { deflateSync } from 'node:zlib';
import { must } from '../../src/base/must.ts';
import { chunk, SIGNATURE } from '../../src/pictures/png.ts';

const PALETTE = 3;
const MAX_COLOURS = 256;
/** Bits of each of red, green and blue. The eye hardly sees the difference, and the file has a third of the size. */
const STEPS = 12;
/** As a share of all pixels. Colours of large areas stay as they are. */
const LARGE = 0.005;

/**
 * A picture with few colours as PNG. Source: PNG specification, third edition, sections 5 and 11.
 * @param pixels - red, green, blue and opacity; the opacity is left out
 */
export function encodeSmallPng(pixels: Uint8Array, width: number, height: number): Buffer {
  const given = Uint32Array.from({ length: width * height }, (_, at) =>
    colourAt(pixels, 4 * at, (value) => value),
  );
  const areas = Map.groupBy(given, (colour) => colour);
  const colours = new Map<number, number>();
  const lines = Buffer.alloc((width + 1) * height);
  for (const [at, exact] of given.entries()) {
    const isLarge = (areas.get(exact)?.length ?? 0) >= LARGE * given.length;
    const colour = isLarge ? exact : colourAt(pixels, 4 * at, roughly);
    if (!colours.has(colour)) colours.set(colour, colours.size);
    lines[at + Math.floor(at / width) + 1] = must(colours.get(colour), 'a colour that was seen');
  }
  if (colours.size > MAX_COLOURS) throw new Error(`${colours.size} colours: expected ${MAX_COLOURS} at most`);
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, PALETTE], 8);
  const palette = Buffer.from(
    [...colours.keys()].flatMap((colour) => [colour >> 16, (colour >> 8) & 255, colour & 255]),
  );
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('PLTE', palette),
    chunk('IDAT', deflateSync(lines, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** One number of red, green and blue, a byte each. */
function colourAt(pixels: Uint8Array, at: number, take: (value: number) => number): number {
  return [0, 1, 2].reduce((all, part) => all * 256 + take(pixels[at + part] ?? 0), 0);
}

function roughly(value: number): number {
  return Math.round(Math.round((value / 255) * STEPS) * (255 / STEPS));
}
