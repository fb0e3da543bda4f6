import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { suite } from 'uvu';
import { createSite, type Site } from '../../testing/site.ts';
import { readZip } from '../../testing/zip.ts';
import { codeBlocks, ROOT_DIR, readFile, section } from './markdown.ts';
import { copyProgram } from './worked-example.ts';

const SAMPLE = path.join(ROOT_DIR, 'samples/english-read');
const text = section(readFile('CONTRIBUTING.md'), '## A new result format');
const writer = readFile('docs/examples/audacity.ts');
const [name = '', list = ''] = codeBlocks(text, 'diff');

const copy = copyProgram(['bin', 'src', 'migrations', 'package.json', 'package-lock.json', 'tsconfig.json']);
const test = suite<{ site: Site }>('a new result format');

test.before(async (context) => {
  writeFileSync(path.join(copy.dir, 'src/formats/audacity.ts'), writer);
  copy.change('src/base/result-kinds.ts', name);
  copy.change('src/formats/result-formats.ts', list);
  context.site = await createSite();
});
test.after(async ({ site }) => {
  copy.remove();
  await site[Symbol.asyncDispose]();
});

const MAIN = path.join(copy.dir, 'src/cli/main.ts');

test('the format of the example is one file and a line in each of two lists', () => {
  assert.ok(writer.includes('ResultFormat'));
  const added = `${name}${list}`.split('\n').filter((line) => /^[+-](?!import)/.test(line));
  assert.deepEqual(
    added.map((line) => line[0]),
    ['+', '+'],
  );
});

test('it passes the types and the rules of the folders', () => copy.check());

test('a task gets a result of it, read back and listed for people and programs', async ({ site }) => {
  const env = { ...site.env, OUTPUT_FORMATS: 'csv,audacity' };
  const autophon = (...args: string[]) =>
    JSON.parse(copy.run(process.execPath, [MAIN, ...args, '--json'], env)) as Record<string, unknown>;
  const { taskId } = autophon('submit', SAMPLE, '--lang', 'engUS_SPHINX_v010');
  autophon('process', String(taskId));
  const row = await site.row(String(taskId));
  assert.equal(row.task_status, 'completed', row.error_message ?? '');
  const zip = await readZip(site.zipPath(row));
  const words = new Set(
    [...(zip.get('phones.csv') ?? '').matchAll(/^"night-train","([^"]*)","([^"]*)"/gm)].map(
      ([, speaker, word]) => `${speaker}: ${word}`,
    ),
  );
  const lines = (zip.get('audacity/night-train.txt') ?? '').trimEnd().split('\n');
  assert.ok(lines.length > 10);
  assert.deepEqual(new Set(lines.map((line) => line.split('\t')[2])), words);
  assert.match(zip.get('README.txt') ?? '', /^audacity\/ +the words as label tracks for Audacity$/m);
  const { settings, formats } = JSON.parse(zip.get('manifest.json') ?? '');
  assert.deepEqual(settings.formats, ['audacity', 'csv']);
  assert.equal(formats[0].files[0].place, 'audacity/');
});

test.run();
