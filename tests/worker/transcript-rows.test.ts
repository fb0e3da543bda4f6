import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { suite } from 'uvu';
import { EAF } from '../../src/formats/eaf/format.ts';
import { readTextGrid } from '../../src/formats/textgrid/read.ts';
import { type Instance, startInstance } from '../../testing/instance.ts';
import { makeWorkbook } from '../../testing/make-workbook.ts';
import { createSite, type Site, type TaskColumns } from '../../testing/site.ts';
import { TRIVIAL_LANGUAGE } from '../../testing/trivial-engine.ts';
import { makeWav } from '../../testing/wav.ts';
import { readZip } from '../../testing/zip.ts';
import { readAs, told } from '../formats/transcripts.ts';
import { aligned, eafTier, makeEaf, referring } from '../support/eaf.ts';

const test = suite('rows whose transcripts have other formats');
let site: Site;
let instance: Instance;

test.before(async () => {
  site = await createSite();
  instance = await startInstance(site);
});
test.after(async () => {
  await instance.stop();
  await site[Symbol.asyncDispose]();
});

const SILENCE = makeWav({ sampleRateHz: 16_000, samples: new Float64Array(32_000) });

/**
 * Adds a row and its files, as a web application does.
 * @returns the row when the task has ended
 */
async function runRow(
  files: Readonly<Record<string, string | Uint8Array>>,
  formats: string | null = null,
): Promise<TaskColumns> {
  const taskId = randomUUID();
  const taskPath = `ann/upl/${taskId}`;
  const dir = path.join(site.uploadsDir, taskPath);
  await mkdir(dir, { recursive: true });
  for (const [name, content] of Object.entries(files)) await writeFile(path.join(dir, name), content);
  await site.sql.query(
    `INSERT INTO tasks (task_id, user_uuid, lang, task_path, task_status, formats)
     VALUES ($1, 'ann', $2, $3, 'uploaded', $4)`,
    [taskId, TRIVIAL_LANGUAGE, taskPath, formats],
  );
  return await site.waitFor(taskId, 'completed', 'failed');
}

/** The labels of each tier of a TextGrid in the result. */
async function labelsOf(row: TaskColumns, name: string): Promise<Record<string, string>> {
  assert.equal(row.task_status, 'completed', row.error_message ?? '');
  const zip = await readZip(site.zipPath(row));
  const { tiers } = readTextGrid(zip.get(`ARPAbet/${name}.TextGrid`) ?? '', name);
  return Object.fromEntries(
    tiers.map((tier) => {
      const intervals = tier.kind === 'interval' ? tier.intervals : [];
      return [tier.name, intervals.flatMap(({ text }) => (text === '' ? [] : [text])).join(' ')];
    }),
  );
}

test('an EAF comes back whole, with words and phones below its speaker', async () => {
  const eaf = makeEaf({
    times: [0, 900, 1000, 2000],
    tiers: [
      eafTier('anna', [aligned('a1', 1, 2, 'one two'), aligned('a2', 3, 4, 'three')], 'PARTICIPANT="Anna"'),
      eafTier('gloss', [referring('a3', 'a1', 'eins zwei')], 'PARENT_REF="anna"'),
    ],
  });
  const row = await runRow({ 'talk.wav': SILENCE, 'talk.eaf': eaf }, 'eaf,csv');
  assert.equal(row.task_status, 'completed', row.error_message ?? '');
  const zip = await readZip(site.zipPath(row));
  const tiers = told(readAs(EAF, 'talk.eaf', zip.get('ARPAbet/talk.eaf') ?? '').transcript);
  assert.deepEqual(Object.keys(tiers), ['anna', 'anna - word', 'anna - phone', 'gloss']);
  assert.deepEqual(
    tiers['anna - word']?.map((label) => label.split(' ')[1]),
    ['one', 'two', 'three'],
  );
  assert.deepEqual(tiers['gloss'], ['0-0.9 eins zwei']);
  assert.match(`${zip.get('phones.csv')}`, /^"talk","anna","one",1,/m);
});

test('one table or workbook is the transcript of all recordings of the row', async () => {
  const rows = [
    ['file', 'speaker', 'begin', 'end', 'text'],
    ['b.wav', 'Ben', 0, 1.5, 'three'],
    ['a', 'Anna', 0.5, 2, 'one two'],
  ];
  const csv = rows.map((cells) => cells.join(';')).join('\r\n');
  for (const table of [{ 'all.csv': csv }, { 'all.xlsx': makeWorkbook({ sheets: [{ rows }] }) }]) {
    const row = await runRow({ 'a.wav': SILENCE, 'b.wav': SILENCE, ...table });
    const { 'Anna - word': anna } = await labelsOf(row, 'a');
    const { 'Ben - word': ben } = await labelsOf(row, 'b');
    assert.deepEqual([anna, ben], ['one two', 'three']);
  }
});

test('dependent tiers of CHAT are in the result unchanged', async () => {
  const cha =
    '@UTF8\n@Participants:\tCHI Ross Child\n*CHI:\tone (.) two . \u00150_1500\u0015\n%mor:\tnum|one\n';
  const labels = await labelsOf(await runRow({ 'talk.wav': SILENCE, 'talk.cha': cha }), 'talk');
  const { 'Ross - word': words, 'Ross - trans': trans, '%mor@Ross': mor } = labels;
  assert.deepEqual([words, trans, mor], ['one two', 'one (.) two .', 'num|one']);
});

test('a transcript with a fault fails its row, with the place of the fault', async () => {
  const eaf = makeEaf({ times: [0, 900], tiers: [eafTier('anna', [aligned('a1', 1, 9, 'one')])] });
  for (const [files, told] of [
    [
      { 'talk.eaf': eaf },
      /talk\.eaf line \d+ column \d+: expected the time slot "ts9" in TIME_ORDER, found none/,
    ],
    [{ 'all.csv': 'file,begin,end,text\ntalk,0,x,one\n' }, /all\.csv line 2 column 3: expected a time/],
  ] as const) {
    const row = await runRow({ 'talk.wav': SILENCE, ...files });
    assert.equal(row.error_code, 'E_TRANSCRIPT_MALFORMED');
    assert.match(row.error_message ?? '', told);
  }
});

test.run();
