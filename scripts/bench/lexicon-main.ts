/**
 * One process of the lexicon benchmark. Arguments: `build` or `floor`, then the folder with the files of
 * lexicon-files.ts.
 */
import { createReadStream } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createWordTokens } from '../../src/engines/exchange/word-tokens.ts';
import { buildLexicon, cutLexicon } from '../../src/lexicon/merge.ts';
import { reportPiece } from './children.ts';
import { LEXICON_FILES, languageOf } from './lexicon-files.ts';

const [piece, dir = '.'] = process.argv.slice(2);
const place = (name: keyof typeof LEXICON_FILES) => path.join(dir, LEXICON_FILES[name]);

if (piece === 'floor') {
  await reportPiece(async () => ({
    lines: (await countLines(place('language'))) + (await countLines(place('user'))),
  }));
} else {
  const words = new Set((await readFile(place('words'), 'utf8')).split('\n'));
  await reportPiece(() => makeEngineDictionary(words));
}

/** The work of prepare and a driver from the words of a task to the dictionary that the engine reads. */
async function makeEngineDictionary(words: ReadonlySet<string>) {
  const lexicon = await buildLexicon({
    language: languageOf(place('language')),
    userDictionaryPath: place('user'),
    suggested: [],
    words,
  });
  const { simple, known, unknown } = cutLexicon(lexicon, words);
  const lines = createWordTokens(simple).dictionaryOf(known, '\t');
  await writeFile(place('engine'), `${lines.join('\n')}\n`);
  return { lines: lines.length, unknown: unknown.length, faults: lexicon.faults.length };
}

async function countLines(file: string): Promise<number> {
  let count = 0;
  for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
    for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, at + 1)) count++;
  }
  return count;
}
