import yauzl from 'yauzl';

/** All entries of a zip, by name, in order. */
export async function readZip(zipPath: string): Promise<Map<string, string>> {
  const entries = new Map<string, string>();
  const zip = await yauzl.openPromise(zipPath);
  try {
    for await (const entry of zip.eachEntry()) {
      const stream = await zip.openReadStreamPromise(entry);
      const chunks: Buffer[] = [];
      for await (const chunk of stream) chunks.push(chunk as Buffer);
      entries.set(entry.fileName, Buffer.concat(chunks).toString('utf8'));
    }
  } finally {
    zip.close();
  }
  return entries;
}
