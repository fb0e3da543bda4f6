import assert from 'node:assert/strict';
import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { ErrorCode } from '../../../src/base/errors.ts';
import { readTextGrid } from '../../../src/formats/textgrid/read.ts';
import type { Packaged } from '../../../src/pipeline/package/package.ts';
import { createStandIn, type EngineName, type StandInModes } from '../../../testing/engine-bench.ts';
import { makeDir } from '../../../testing/mfa.ts';
import { readZip } from '../../../testing/zip.ts';
import { suiteWithEngines } from '../../support/engine-suite.ts';
import { flat, shown } from '../../support/finding.ts';

const test = suiteWithEngines('faults of engines and languages');

const WORD: Readonly<Record<EngineName, string>> = { MFA1: 'akur', MFA2: 'dog', FAVE: 'then', FASE: 'casa' };

const DEATHS: readonly (readonly [EngineName, string, StandInModes, ErrorCode, RegExp])[] = [
  [
    'MFA1',
    'Kaldi fails',
    { kaldiFails: true },
    'E_NOT_ALIGNED',
    /^talk\.wav: MFA1 could not align its only interval\. /,
  ],
  ['MFA2', 'Kaldi fails', { kaldiFails: true }, 'E_ENGINE_FAILED', /exit status 1 .*: Kaldi failed: /],
  ['MFA1', 'it dies before it writes', { crashAfterFiles: 0 }, 'E_ENGINE_FAILED', /status 1 .*"MemoryError"/],
  ['MFA2', 'it dies before it writes', { crashAfterFiles: 0 }, 'E_ENGINE_FAILED', /status 1 .*"MemoryError"/],
  [
    'FAVE',
    'it is not installed',
    { importError: true },
    'E_ENGINE_FAILED',
    /exit status 1 .*No module named/,
  ],
  [
    'FASE',
    'its model is a wrong one',
    { noOutput: true },
    'E_ENGINE_FAILED',
    /exit status 0 and left no result/,
  ],
];
for (const [name, what, modes, code, message] of DEATHS) {
  test(`${name}: that ${what} is reported with its exit status and last line`, async ({ make }) => {
    const bench = await make(name, modes);
    await bench.addTalk('talk', [['ann', [0, 2, WORD[name]]]]);
    const [fault, ...more] = await bench.faults();
    assert.deepEqual([fault?.code, more], [code, []]);
    assert.match(shown(fault), message);
    assert.match(await readFile(path.join(bench.dir, 'engine.log'), 'utf8'), /started, process \d+/);
  });
}

for (const name of ['MFA1', 'MFA2'] as const) {
  test(`${name}: files that it had not written when it died are aligned by a second start`, async ({
    make,
  }) => {
    const bench = await make(name, { crashAfterFiles: 1 });
    await bench.addTalk('a', [['ann', [0, 2, WORD[name]]]]);
    await bench.addTalk('b', [['ann', [0, 2, WORD[name]]]]);
    assert.deepEqual((await bench.run()).warnings, []);
    await bench.addTalk('c', [['ann', [0, 2, WORD[name]]]]);
    const [fault, ...more] = await bench.faults();
    assert.deepEqual([fault?.code, fault?.place?.file, more], ['E_NOT_ALIGNED', 'c.wav', []]);
  });

  test(`${name}: a model that is no zip, or has not the phones of the dictionary, is the language's fault`, async ({
    make,
  }) => {
    const bench = await make(name);
    const code = name === 'MFA1' ? 'iceIS_MFA1_v010' : 'engUS_MFA2_v020';
    await bench.addTalk('talk', [['ann', [0, 2, WORD[name]]]]);
    for (const [model, message] of [
      [
        'no zip',
        new RegExp(`expected an acoustic model, ${code}\\.zip in its folder: the file is not a zip`),
      ],
      ['PK\x03\x04 phones: q', /phones that the acoustic model does not have/],
    ] as const) {
      await writeFile(path.join(bench.adminDir, code, `${code}.zip`), model, 'latin1');
      const [fault] = await bench.faults();
      assert.equal(fault?.code, 'E_LANGUAGE_BROKEN');
      assert.match(shown(fault), message);
    }
  });
}

test('a word with a phone that the model lacks costs FAVE its interval only', async ({ make }) => {
  const bench = await make('FAVE');
  await bench.addTalk('talk', [['ann', [0, 1, 'then'], [1, 2, 'dog'], [2, 3, 'read']]]);
  const { warnings } = await bench.run();
  assert.deepEqual(
    warnings.map(flat).map(({ code, interval }) => [code, interval]),
    [['W_NOT_ALIGNED', 2]],
  );
});

test('phones that look like numbers or like each other come back from MFA 1 as they were', async ({
  make,
}) => {
  const bench = await make('MFA1', {}, { lang: 'fraFR_MFA1_v010' });
  const dictionary = 'un\t1\ndeux\t2 d 2\ncinq\t5 § N\n';
  await bench.add('fraFR_MFA1_v010.dict', dictionary);
  await bench.addTalk('talk', [['ann', [0, 3, 'Un deux CINQ']]]);
  const packaged = await bench.run();
  assert.deepEqual(packaged.warnings, []);
  assert.deepEqual(await labelsOf(packaged, 'phone'), ['1', '2', 'd', '2', '5', '§', 'N']);
});

for (const [name, code] of [
  ['MFA1', 'iceIS_MFA1_v010'],
  ['MFA2', 'engUS_MFA2_v020'],
  ['FAVE', 'engUS_FAVE_v010'],
  ['FASE', 'spaUS_FASE_v011'],
] as const) {
  test(`${name}: a language folder that is half missing or broken fails its tasks, with file and line`, async ({
    make,
  }) => {
    const bench = await make(name);
    await bench.addTalk('talk', [['ann', [0, 2, WORD[name]]]]);
    assert.deepEqual((await bench.run()).warnings, []);
    const map = path.join(bench.adminDir, code, `${code}_complex2simple.json`);
    const before = await readFile(map, 'utf8');
    await writeFile(map, before.replace('"complex"', '"compiex"'));
    const [fault] = await bench.faults();
    assert.equal(fault?.code, 'E_LANGUAGE_BROKEN');
    assert.deepEqual([fault?.place?.file, fault?.place?.line], [`${code}/${code}_complex2simple.json`, 2]);
    await writeFile(map, before);
    assert.deepEqual((await bench.run()).warnings, []);
    for (const lost of ['.dict', '_simple.dict'])
      await rm(path.join(bench.adminDir, code, code + lost), { force: true });
    assert.match(shown((await bench.faults())[0]), new RegExp(`${code}/${code}\\.dict: missing`));
    if (!name.startsWith('MFA')) return;
    await rm(path.join(bench.adminDir, code, `${code}.zip`));
    assert.deepEqual(
      (await bench.faults()).map(flat).map(({ file }) => file),
      [`${code}/${code}.dict`, `${code}/${code}.zip`].sort(),
    );
  });

  test(`${name}: a word that is added to the dictionary on disk is known to the next task`, async ({
    make,
  }) => {
    const bench = await make(name);
    const dictionary = path.join(bench.adminDir, code, `${code}.dict`);
    const line = (await readFile(dictionary, 'utf8'))
      .split('\n')
      .find((one) => one.startsWith(`${WORD[name]}\t`));
    await bench.addTalk('talk', [['ann', [0, 2, `${WORD[name]} ${WORD[name]} newword`]]]);
    const before = await bench.run().then(
      ({ warnings }) => warnings.map((warning) => warning.code as string),
      (error) => [error.code as string],
    );
    assert.ok(
      before.includes('W_WORD_GUESSED') || before.some((one) => one.endsWith('UNKNOWN')),
      before.join(),
    );
    await writeFile(
      dictionary,
      `${await readFile(dictionary, 'utf8')}\n${line?.replace(WORD[name], 'newword')}\n`,
    );
    const simple = path.join(bench.adminDir, code, `${code}_simple.dict`);
    await rm(simple, { force: true });
    assert.deepEqual((await bench.run()).warnings, []);
  });
}

test('unknown words: MFA guesses them by its own G2P program, and aligns them so', async ({ make }) => {
  for (const [name, lang] of [
    ['MFA1', 'engUS_MFA1_v010'],
    ['MFA2', 'engUS_MFA2_v020'],
  ] as const) {
    const bench = await make(name, {}, { lang });
    await bench.addTalk('talk', [['ann', [0, 2, 'the dog Zab']]]);
    const packaged = await bench.run();
    const [warning, ...more] = packaged.warnings;
    assert.deepEqual([warning?.code, more], ['W_WORD_GUESSED', []]);
    assert.match(shown(warning), /"zab" .* aligned as Z AE1 B, which is a guess/);
    assert.deepEqual((await labelsOf(packaged, 'phone')).slice(-3), ['Z', 'AE1', 'B']);
    assert.equal((await labelsOf(packaged, 'word')).at(-1), 'Zab');
    assert.match(packaged.suggestions ?? '', /^zab\tZ AE1 B$/m);
  }
});

test('unknown words: where nothing guesses them MFA marks them, FAVE refuses them before it starts', async ({
  make,
}) => {
  const icelandic = await make('MFA1');
  await icelandic.addTalk('talk', [['ann', [0, 2, 'akur sól Zab']]]);
  const packaged = await icelandic.run();
  assert.equal(packaged.warnings[0]?.code, 'W_WORD_UNKNOWN');
  assert.equal((await labelsOf(packaged, 'phone')).at(-1), 'spn');
  const bench = await make('FAVE');
  await bench.addTalk('talk', [['ann', [0, 1, 'then then'], [1, 2, 'zab']]]);
  const [fault, ...more] = await bench.faults();
  assert.deepEqual(
    [
      fault?.code,
      fault?.place?.file,
      fault?.place?.tier,
      fault?.place?.interval,
      fault?.place?.timeSec,
      more,
    ],
    ['E_WORDS_UNKNOWN', 'talk.TextGrid', 'ann', 2, 1, []],
  );
});

test('unknown words: FASE guesses them by its own rules, also as published, and refuses words with other letters', async ({
  make,
}) => {
  for (const plain of [false, true]) {
    const bench = await make('FASE', { plain });
    await bench.addTalk('talk', [['ann', [0, 2, 'la casa Zapo']]]);
    const packaged = await bench.run();
    const [warning, ...more] = packaged.warnings;
    assert.deepEqual([warning?.code, more], ['W_WORD_GUESSED', []]);
    assert.match(shown(warning), /"zapo" .* aligned as s a p o, which is a guess/);
    assert.deepEqual((await labelsOf(packaged, 'phone')).slice(-4), ['s', 'a', 'p', 'o']);
    await bench.addTalk('talk', [['ann', [0, 2, 'la casa bjørn']]]);
    assert.ok((await bench.faults()).every(({ code }) => code === 'E_WORDS_UNKNOWN'));
  }
});

test('unknown words: FASE lets MFA guess them if the language has a G2P model', async ({ make }) => {
  const others = [await createStandIn('MFA1', makeDir())];
  const bench = await make('FASE', {}, { others });
  await bench.addTalk('talk', [['ann', [0, 2, 'la casa Zapo']]]);
  const packaged = await bench.run();
  assert.deepEqual(
    packaged.warnings.map(({ code }) => code),
    ['W_WORD_GUESSED'],
  );
  assert.deepEqual((await labelsOf(packaged, 'phone')).slice(-4), ['s', 'a', 'p', 'o']);
});

test.run();

/** The first tier of a kind in the result. */
async function labelsOf({ zipPath }: Packaged, kind: string): Promise<string[]> {
  const [entry] = [...(await readZip(zipPath))].filter(([name]) => /^[^I].*\/talk\.TextGrid$/.test(name));
  assert.ok(entry);
  const tier = readTextGrid(entry[1], entry[0]).tiers.find(({ name }) => name.endsWith(` - ${kind}`));
  assert.equal(tier?.kind, 'interval');
  return tier.kind === 'interval' ? tier.intervals.map(({ text }) => text).filter((text) => text !== '') : [];
}
