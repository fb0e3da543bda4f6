import assert from 'node:assert/strict';
import { test } from 'uvu';
import { readTextGrid } from '../../src/formats/textgrid/read.ts';
import { createEngineBench } from '../../testing/engine-bench.ts';
import { removeDirs } from '../../testing/mfa.ts';
import { createPipelineBench } from '../../testing/pipeline.ts';
import { transcript } from '../../testing/site.ts';
import { createTrivial, TRIVIAL_LANGUAGE } from '../../testing/trivial-engine.ts';
import { makeWav, sine } from '../../testing/wav.ts';
import { readZip } from '../../testing/zip.ts';
import { flat, shown } from '../support/finding.ts';

const AUDIO = makeWav({ sampleRateHz: 16_000, samples: sine(200, 16_000, 1) });
const LABEL = 'One [laughter] two (laughs) {BR} <unk> three xxx &=laughs &nbsp;&amp;';

async function align(label: string, unknownPhone: string | null, dictionary = '') {
  await using bench = await createPipelineBench({ ...createTrivial('/nowhere'), unknownPhone });
  await bench.add('talk.wav', AUDIO);
  await bench.add(`../../dic/${TRIVIAL_LANGUAGE}.dict`, dictionary);
  await bench.add('talk.TextGrid', transcript(label));
  const { zipPath, warnings, counts, suggestions } = await bench.run();
  const grid = readTextGrid((await readZip(zipPath)).get('ARPAbet/talk.TextGrid') ?? '', 'talk');
  const labels = grid.tiers.map((tier) =>
    tier.kind === 'interval' ? tier.intervals.map(({ text }) => text).filter((text) => text !== '') : [],
  );
  return { labels, warnings, counts, suggestions };
}

test("markers stay in the user's text, are not aligned as words, and are named in one warning", async () => {
  const { labels, warnings, counts } = await align(LABEL, 'spn');
  assert.deepEqual(labels, [
    'W AH N T UW spn TH R IY spn'.split(' '),
    ['One', 'two', '<unk>', 'three', 'xxx'],
    [LABEL],
  ]);
  assert.deepEqual(
    warnings.map(flat).map(({ code, interval }) => `${code} ${interval}`),
    // The sign & is left out too.
    ['W_MARKERS 2', 'W_SHORT_FORM 2'],
  );
  assert.match(
    shown(warnings[0]),
    /^talk\.TextGrid tier "speaker" interval 2 \(0\.25 s\): markers from here on: \[laughter\], \(laughs\), \{BR\}, &=laughs left out, as no speech; <unk>, xxx aligned as unknown sound\. The trans tier/,
  );
  assert.equal(counts.missingWordCount, 0);
});

test('a word that lacks a bracket is aligned, and its place is named in a warning of its own', async () => {
  const { labels, warnings } = await align('One [laughter] two [music three', 'spn', 'music\tAH\n');
  assert.deepEqual(labels[1], ['One', 'two', 'music', 'three']);
  assert.deepEqual(
    warnings.map(flat).map(({ code, interval, timeSec }) => `${code} ${interval} ${timeSec}`),
    ['W_MARKERS 2 0.25', 'W_MARKERS 2 0.25'],
  );
  assert.match(shown(warnings[0]), /markers from here on: \[laughter\] left out, as no speech\. The trans/);
  assert.match(
    shown(warnings[1]),
    /^talk\.TextGrid tier "speaker" interval 2 \(0\.25 s\): half a marker\? From here on \[music aligned as words\. Close the bracket/,
  );
});

test('an engine without a phone for unknown sound is given the words alone', async () => {
  const { labels } = await align(LABEL, null);
  assert.deepEqual(labels[1], ['One', 'two', 'three']);
});

test('a marker that a dictionary has is given to the engine as its dictionary says', async () => {
  const { labels, warnings } = await align('one {BR} two [laughter]', 'spn', '{BR}\tAH\n');
  assert.deepEqual(labels[0], ['W', 'AH', 'N', 'AH', 'T', 'UW']);
  assert.deepEqual(labels[1], ['one', '{BR}', 'two']);
  assert.match(shown(warnings[0]), /markers from here on: \[laughter\] left out/);
});

test('a marker is counted, and a file of thousands of kinds has one short warning', async () => {
  const many = Array.from({ length: 300 }, (_, n) => `[noise${n}] [cough]`).join(' ');
  const { warnings } = await align(`one ${many}`, 'spn');
  assert.equal(warnings.length, 1);
  assert.match(shown(warnings[0]), /\[cough\] \(300 times\).* and 291 others left out/);
  assert.ok(shown(warnings[0]).length < 600);
});

for (const [name, one, other, isSpoken] of [
  ['MFA1', 'akur', 'gala', true],
  ['MFA2', 'dog', 'water', true],
  ['FAVE', 'then', 'read', false],
  ['FASE', 'casa', 'carro', false],
] as const) {
  test(`${name}: a sentence with markers is aligned`, async () => {
    await using bench = await createEngineBench(name);
    const text = `${one} {laughs} ((unintelligible)) ${other} &=coughs <sil>`;
    await bench.addTalk('talk', [['ann', [0, 2, text], [2.25, 2.75, '((unintelligible))']]]);
    const { zipPath, warnings } = await bench.run();
    const entries = await readZip(zipPath);
    const grid = readTextGrid([...entries].find(([entry]) => entry.endsWith('.TextGrid'))?.[1] ?? '', 'talk');
    const [phones, words, trans] = grid.tiers.map((tier) =>
      tier.kind === 'interval'
        ? tier.intervals.map(({ text: label }) => label).filter((label) => label !== '')
        : [],
    );
    assert.deepEqual(words, isSpoken ? [one, '((unintelligible))', other] : [one, other]);
    assert.equal(phones?.includes('spn'), isSpoken);
    assert.deepEqual(trans, [text, '((unintelligible))']);
    assert.deepEqual(
      warnings.map(({ code }) => code),
      ['W_MARKERS'],
    );
  });
}

test.after(removeDirs);
test.run();
