import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { text as readText } from 'node:stream/consumers';
import { openPromise } from 'yauzl';
import type { TextGrid } from '../../src/formats/textgrid/model.ts';
import { readTextGrid } from '../../src/formats/textgrid/read.ts';

/** The copy of a result with IPA labels: the same times with other labels. */
const IPA_FOLDER = /(^|\/)IPA\//;
const TEXTGRID = /\.TextGrid$/i;

/**
 * The TextGrids of results: from zips of the service, folders with zips or TextGrids, or TextGrids.
 * @returns by file name without extension
 */
export async function readResults(places: readonly string[]): Promise<Map<string, TextGrid>> {
  const grids = new Map<string, TextGrid>();
  for (const file of places.flatMap(filesOf)) {
    if (file.endsWith('.zip')) {
      for (const [name, content] of await readZip(file)) add(grids, name, content);
    } else if (TEXTGRID.test(file)) add(grids, file, readFileSync(file, 'utf8'));
  }
  return grids;
}

function filesOf(place: string): string[] {
  if (!statSync(place).isDirectory()) return [place];
  return readdirSync(place, { recursive: true, encoding: 'utf8' })
    .toSorted()
    .map((name) => path.join(place, name));
}

function add(grids: Map<string, TextGrid>, name: string, content: string): void {
  if (IPA_FOLDER.test(name)) return;
  grids.set(path.basename(name).replace(TEXTGRID, ''), readTextGrid(content, name));
}

async function readZip(file: string): Promise<[name: string, content: string][]> {
  const zip = await openPromise(file);
  const entries: [string, string][] = [];
  try {
    for await (const entry of zip.eachEntry()) {
      if (!TEXTGRID.test(entry.fileName)) continue;
      entries.push([entry.fileName, await readText(await zip.openReadStreamPromise(entry))]);
    }
  } finally {
    zip.close();
  }
  return entries;
}
