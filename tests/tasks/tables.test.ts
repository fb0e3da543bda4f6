import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { suite } from 'uvu';
import { readTextGrid } from '../../src/formats/textgrid/read.ts';
import { createSite, type Site } from '../../testing/site.ts';
import { readZip } from '../../testing/zip.ts';
import { ROOT_DIR, readFile } from '../docs/markdown.ts';
import { copyProgram } from '../docs/worked-example.ts';

const SAMPLES = path.join(ROOT_DIR, 'samples/english-read');
const NAMES = ['night-train', 'market-morning'];

/** A format of tables: the name of a recording, a TAB, and its words. */
const READER = `
import type { InPieces } from '../base/pieces.ts';
import type { Table, TranscriptFormat } from './transcript.ts';

export const ROWS: TranscriptFormat = {
  read: () => { throw new Error('read as a table only'); },
  readTable: function* (bytes): InPieces<Table> {
    yield;
    return Buffer.from(bytes).toString('utf8').trim().split('\\n').map((content, index) => {
      const [recording = '', text = ''] = content.split('\\t');
      return {
        recording,
        line: index + 1,
        toTranscript: function* (endSec) {
          yield;
          const span = { startSec: 0, endSec };
          const intervals = [{ ...span, text, line: index + 1 }];
          return { ...span, tiers: [{ kind: 'interval', name: 'speaker', ...span, intervals }] };
        },
      };
    });
  },
};
`;

const copy = copyProgram(['bin', 'src', 'migrations', 'package.json', 'package-lock.json', 'tsconfig.json']);
const test = suite<{ site: Site }>('a table for many recordings');

test.before(async (context) => {
  writeFileSync(path.join(copy.dir, 'src/formats/rows.ts'), READER);
  copy.change('src/base/input-kinds.ts', "   TextGrid: ['TextGrid'],\n+  Rows: ['rows'],");
  copy.change(
    'src/formats/transcript-formats.ts',
    "+import { ROWS } from './rows.ts';\n   TextGrid: TEXTGRID,\n+  Rows: ROWS,",
  );
  context.site = await createSite();
});
test.after(async ({ site }) => {
  copy.remove();
  await site[Symbol.asyncDispose]();
});

function autophon({ env }: Site, ...args: string[]): Record<string, unknown> {
  const program = path.join(copy.dir, 'src/cli/main.ts');
  return JSON.parse(copy.run(process.execPath, [program, ...args, '--json'], env));
}

test('it is submitted with its recordings, copied and listed once, and each has its result', async ({
  site,
}) => {
  const folder = path.join(site.dir, 'corpus');
  mkdirSync(folder);
  const rows = NAMES.map((name) => {
    copyFileSync(path.join(SAMPLES, `${name}.wav`), path.join(folder, `${name}.wav`));
    const grid = readTextGrid(readFile(`samples/english-read/${name}.TextGrid`), name);
    const [tier] = grid.tiers;
    const said = tier?.kind === 'interval' ? tier.intervals.map(({ text }) => text).join(' ') : '';
    return `${name.toUpperCase()}.wav\t${said.replaceAll(/\s+/g, ' ')}`;
  });
  writeFileSync(path.join(folder, 'all.rows'), [...rows, 'gone\tso it was'].join('\n'));
  // Tables without a row for the task are not copied.
  writeFileSync(path.join(folder, 'other.rows'), 'gone\tso it was');
  const submitted = autophon(site, 'submit', folder, '--lang', 'engUS_SPHINX_v010');
  assert.deepEqual(
    (submitted['warnings'] as { code: string; place: unknown }[])
      .slice(0, 2)
      .map(({ code, place }) => [code, place]),
    [
      ['W_ROWS_IGNORED', { file: 'all.rows', line: 3 }],
      ['W_ROWS_IGNORED', { file: 'other.rows', line: 1 }],
    ],
  );
  autophon(site, 'process', String(submitted['taskId']));
  const row = await site.row(String(submitted['taskId']));
  assert.equal(row.task_status, 'completed');
  const zip = await readZip(site.zipPath(row));
  assert.deepEqual(
    [...zip.keys()].filter((name) => name.startsWith('IPA/')).sort(),
    NAMES.map((name) => `IPA/${name}.TextGrid`).sort(),
  );
  const { rows: files } = await site.sql.query(
    "SELECT kind, original_name FROM task_files WHERE kind <> 'output' ORDER BY kind, original_name",
  );
  assert.deepEqual(
    files.map(({ kind, original_name }) => `${kind} ${original_name}`),
    [...NAMES.map((name) => `audio ${name}.wav`).sort(), 'transcript all.rows'],
  );
});

test.run();
