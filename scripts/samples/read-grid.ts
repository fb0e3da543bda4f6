import { readFileSync } from 'node:fs';
import path from 'node:path';
import { decodeText } from '../../src/formats/text-encoding.ts';
import type { TextGrid } from '../../src/formats/textgrid/model.ts';
import { readTextGrid } from '../../src/formats/textgrid/read.ts';

/** Reads a TextGrid file as the service does. */
export function readSampleGrid(file: string): TextGrid {
  const name = path.basename(file);
  return readTextGrid(decodeText(readFileSync(file), name).text, name);
}
