import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { suite } from 'uvu';
import type { Finding } from '../../src/base/finding.ts';
import { readTextGrid } from '../../src/formats/textgrid/read.ts';
import { createSite, type Site } from '../../testing/site.ts';
import { readZip } from '../../testing/zip.ts';
import { shown } from '../support/finding.ts';
import { codeBlocks, ROOT_DIR, readFile, section } from './markdown.ts';
import { copyProgram } from './worked-example.ts';

const SAMPLE = path.join(ROOT_DIR, 'samples/english-read/night-train');
const text = section(readFile('CONTRIBUTING.md'), '## A new input format');
const reader = readFile('docs/examples/lines.ts');
const [extensions = '', list = ''] = codeBlocks(text, 'diff');

const copy = copyProgram(['bin', 'src', 'migrations', 'package.json', 'package-lock.json', 'tsconfig.json']);
const test = suite<{ site: Site }>('a new input format');

test.before(async (context) => {
  writeFileSync(path.join(copy.dir, 'src/formats/lines.ts'), reader);
  copy.change('src/base/input-kinds.ts', extensions);
  copy.change('src/formats/transcript-formats.ts', list);
  context.site = await createSite();
});
test.after(async ({ site }) => {
  copy.remove();
  await site[Symbol.asyncDispose]();
});

/** A folder with a sample recording and a transcript of lines. */
function makePair({ dir }: Site, name: string, lines: readonly string[]): string {
  const folder = path.join(dir, name);
  mkdirSync(folder);
  copyFileSync(`${SAMPLE}.wav`, path.join(folder, 'train.wav'));
  writeFileSync(path.join(folder, 'train.LINES'), lines.join('\r\n'));
  return folder;
}

const MAIN = path.join(copy.dir, 'src/cli/main.ts');

function autophon({ env }: Site, ...args: string[]): Record<string, unknown> {
  return JSON.parse(copy.run(process.execPath, [MAIN, ...args, '--json'], env));
}

/**
 * Submits files that must be refused.
 * @returns the findings, one line each
 */
function refusal({ env }: Site, folder: string): string {
  const args = [MAIN, 'submit', folder, '--lang', 'engUS_SPHINX_v010', '--json'];
  const { status, stdout, stderr } = copy.tryRun(process.execPath, args, env);
  assert.equal(status, 2, `${stdout}${stderr}`);
  const { faults } = JSON.parse(stdout).error as { faults: Finding[] };
  return faults.map((fault) => `${fault.code} ${shown(fault)}`).join('\n');
}

test('the format of the example is one file and a line in each of two lists', () => {
  assert.ok(reader.includes('TranscriptFormat'));
  const added = `${extensions}${list}`.split('\n').filter((line) => /^[+-](?!import)/.test(line));
  assert.deepEqual(
    added.map((line) => line[0]),
    ['+', '+'],
  );
});

test('it passes the type check and the rules of the folders', () => copy.check());

test('a transcript of it is submitted, aligned, packed and listed', async ({ site }) => {
  const grid = readTextGrid(readFile('samples/english-read/night-train.TextGrid'), 'night-train');
  const [tier] = grid.tiers;
  assert.ok(tier?.kind === 'interval');
  const lines = tier.intervals.map(({ startSec, text: said }) => `${startSec}\t${said}`);
  const { taskId } = autophon(site, 'submit', makePair(site, 'good', lines), '--lang', 'engUS_SPHINX_v010');
  autophon(site, 'process', String(taskId));
  const row = await site.row(String(taskId));
  assert.equal(row.task_status, 'completed');

  const zip = await readZip(site.zipPath(row));
  const result = readTextGrid(zip.get('ARPAbet/train.TextGrid') ?? '', 'train');
  assert.deepEqual(
    result.tiers.map(({ name }) => name),
    ['speaker - phone', 'speaker - word', 'speaker - trans'],
  );
  const said = (name: string) =>
    result.tiers.flatMap((one) => (one.kind === 'interval' && one.name === name ? one.intervals : []));
  assert.deepEqual(
    said('speaker - trans').map(({ text: label }) => label),
    tier.intervals.map(({ text: label }) => label),
  );
  assert.ok(said('speaker - word').length > 10);
  const { rows } = await site.sql.query('SELECT kind, original_name FROM task_files ORDER BY kind');
  assert.deepEqual(rows.slice(-1), [{ kind: 'transcript', original_name: 'train.LINES' }]);
});

test('a fault in such a transcript is reported with its line', ({ site }) => {
  const told = (name: string, lines: readonly string[]) => refusal(site, makePair(site, name, lines));
  assert.match(
    told('no time', ['0.5\tso it was', 'no time']),
    /^E_TRANSCRIPT_MALFORMED train\.LINES line 2: expected a time in seconds/,
  );
  assert.match(
    told('backwards', ['', '1.5\tso it was', '0.5\tthe night']),
    /^E_TRANSCRIPT_TIME train\.LINES line 2 \(1\.50 s\): expected it to end after its start 1\.5 s/,
  );
});

test('warnings about such a transcript name its lines, too', ({ site }) => {
  const folder = makePair(site, 'warned', [
    '0.1\tso it was zorblax [noise]',
    '0.6\tthe',
    '0.62\tnight train',
  ]);
  const { warnings } = autophon(site, 'submit', folder, '--lang', 'engUS_SPHINX_v010') as {
    warnings: Finding[];
  };
  const said = (code: string) => warnings.find((one) => one.code === code);
  assert.match(
    shown(said('W_WORD_UNKNOWN') ?? said('W_WORD_GUESSED')),
    /^train\.LINES line 1 \(0\.10 s\): "zorblax"/,
  );
  assert.match(shown(said('W_MARKERS')), /^train\.LINES line 1 \(0\.10 s\): markers from here on/);
  assert.match(shown(said('W_INTERVAL_SHORT')), /^train\.LINES line 2 \(0\.60 s\): 0\.020 s long/);
  const place = { file: 'train.LINES', line: 2, tier: 'speaker', interval: 2, timeSec: 0.6 };
  assert.deepEqual(said('W_INTERVAL_SHORT')?.place, place);
});

test('a recording alone is told what its transcript may be called', ({ site }) => {
  const folder = path.join(site.dir, 'alone');
  mkdirSync(folder);
  copyFileSync(`${SAMPLE}.wav`, path.join(folder, 'train.wav'));
  assert.match(refusal(site, folder), /expected train\.TextGrid \(or \.lines, .*\) beside it/);
});

test.run();
