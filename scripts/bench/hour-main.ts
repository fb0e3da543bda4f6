/** One process of the benchmark of an hour of audio. Arguments: `stages` or `floor`, then the uploads folder. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { createPipelineBench, TASK_PATH } from '../../testing/pipeline.ts';
import { reportPiece } from './children.ts';

const [piece, uploadsDir = '.'] = process.argv.slice(2);
const outputDir = path.join(uploadsDir, 'result');

if (piece === 'floor') {
  await reportPiece(() => copyWithHash(path.join(uploadsDir, TASK_PATH), outputDir));
} else {
  await using bench = await createPipelineBench();
  await reportPiece(async () => {
    const { counts } = await bench.run({ uploadsDir, outputDir });
    return { files: counts.fileCount, words: counts.wordCount };
  });
}
await rm(outputDir, { recursive: true, force: true });

/** The least possible work for an upload that is kept, with its hash in a receipt. */
async function copyWithHash(fromDir: string, toDir: string): Promise<{ files: number }> {
  await mkdir(toDir);
  const names = await readdir(fromDir);
  for (const name of names) {
    const hash = createHash('sha256');
    await using copy = await open(path.join(toDir, name), 'w');
    for await (const chunk of createReadStream(path.join(fromDir, name)) as AsyncIterable<Buffer>) {
      hash.update(chunk);
      await copy.write(chunk);
    }
    hash.digest('hex');
  }
  return { files: names.length };
}
