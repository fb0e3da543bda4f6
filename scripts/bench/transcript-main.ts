/**
 * One process of the benchmark of large files: reads a transcript. Arguments: `read`, or `floor` for the XML parser
 * alone; then the file.
 */
import { readFile } from 'node:fs/promises';
import { atOnce } from '../../src/base/pieces.ts';
import { readTranscriptInPieces } from '../../src/formats/transcript-formats.ts';
import { readXml } from '../../src/formats/xml.ts';
import { decodeXml } from '../../src/formats/xml-text.ts';
import { reportPiece } from './children.ts';

const [piece, file = ''] = process.argv.slice(2);

await reportPiece(async () => {
  const options = { legacyEncoding: null, audioSec: null, warn: () => {} };
  const bytes = await readFile(file);
  const started = process.cpuUsage();
  let count = 0;
  if (piece === 'floor') {
    const open = () => {
      count += 1;
    };
    atOnce(readXml(decodeXml(bytes, file, options), file, { open, close: () => {}, text: () => {} }));
  } else {
    const { tiers } = atOnce(readTranscriptInPieces(bytes, file, options));
    for (const tier of tiers) count += tier.kind === 'interval' ? tier.intervals.length : 0;
  }
  const { user, system } = process.cpuUsage(started);
  return { count, cpuSec: (user + system) / 1e6 };
});
