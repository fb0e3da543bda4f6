/** The least possible work for a file that arrives: write it and compute its hash. Argument: the file. */
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { reportPiece } from './children.ts';
import { pieces } from './upload-bytes.ts';

await reportPiece(async () => {
  const hash = createHash('sha256');
  await using file = await open(process.argv[2] ?? '', 'w');
  for (const piece of pieces()) {
    hash.update(piece);
    await file.write(piece);
  }
  const { user, system } = process.cpuUsage();
  return { sha256: hash.digest('hex'), cpuSec: (user + system) / 1e6 };
});
