import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'uvu';
import type { MfaCorpus } from '../../../src/engines/mfa/corpus.ts';
import { readMfaOutput } from '../../../src/engines/mfa/output.ts';
import { makeDir, removeDirs, type Spoken, wordsByTier } from '../../../testing/mfa.ts';

const RECORDINGS = path.join(import.meta.dirname, '../..', 'fixtures', 'recordings');
const NARRATOR: Spoken = [
  [
    0,
    7.1,
    'and mister john dashwood had then leisure to consider how much there might be prudently in his power to do for them',
  ],
];
const ALICE: Spoken = [
  [0, 3.284, 'the birch canoe slid on the smooth planks'],
  [6.353, 9.373, 'it is easy to tell the depth of a well'],
];
const BOB: Spoken = [
  [3.284, 6.353, 'glue the sheet to the dark blue background'],
  [9.373, 12.364937, 'four hours of steady work faced us'],
];
const TWO_FILES = { austen: { narrator: NARRATOR }, talk: { alice: ALICE, bob: BOB } };

test.after(removeDirs);

for (const recording of [
  'mfa1/two-files-three-tiers',
  'mfa1/1.1-beta-two-files',
  'mfa2/two-files-three-tiers',
]) {
  test(`every tier of ${recording} comes back with its words, each covered by its phones`, async () => {
    const { tiers, faults } = await read(recording, TWO_FILES);
    assert.deepEqual(faults, []);
    assert.deepEqual(wordsByTier(tiers), {
      'austen/narrator': textOf(NARRATOR),
      'talk/alice': textOf(ALICE),
      'talk/bob': textOf(BOB),
    });
    for (const word of tiers.flatMap((tier) => tier.words)) {
      assert.equal(word.phones[0]?.startSec, word.startSec);
      assert.equal(word.phones.at(-1)?.endSec, word.endSec);
    }
  });
}

test('times and phones are those of the recording', async () => {
  const { tiers } = await read('mfa1/two-files-three-tiers', TWO_FILES);
  assert.deepEqual(tiers.find((tier) => tier.tierId === 'alice')?.words[0], {
    label: 'the',
    startSec: 0.2,
    endSec: 0.33,
    phones: [
      { label: 'DH', startSec: 0.2, endSec: 0.28 },
      { label: 'AH0', startSec: 0.28, endSec: 0.33 },
    ],
  });
});

test('a word unknown to MFA 1 is named by its place among the words of its utterance', async () => {
  const text = textOf(NARRATOR).replace('and', 'zzyzx');
  const { tiers } = await read('mfa1/unknown-word', { austen: { narrator: [[0, 7.1, text]] } });
  assert.deepEqual(wordsByTier(tiers), { 'austen/narrator': text });
  assert.deepEqual(tiers[0]?.words[0]?.phones, [{ label: 'spn', startSec: 0, endSec: 0.37 }]);
});

test('a word unknown to MFA 2 comes back as it is, with the phone of unknown words', async () => {
  const text = textOf(NARRATOR).replace('and', 'zzyzx');
  const { tiers } = await read('mfa2/unknown-word', { austen: { narrator: [[0, 7.1, text]] } });
  assert.deepEqual(wordsByTier(tiers), { 'austen/narrator': text });
  assert.deepEqual(tiers[0]?.words[0]?.phones, [{ label: 'spn', startSec: 0, endSec: 0.37 }]);
});

test('a nameless word is left out where others are missing and its place says nothing', async () => {
  const text = `${textOf(NARRATOR)} indeed`.replace('and', 'zzyzx');
  const { tiers } = await read('mfa1/unknown-word', { austen: { narrator: [[0, 7.1, text]] } });
  assert.equal(wordsByTier(tiers)['austen/narrator'], textOf(NARRATOR).replace('and ', ''));
});

for (const recording of [
  'mfa1/undecodable-interval',
  'mfa1/dead-model',
  'mfa1/1.1-beta-undecodable-interval',
]) {
  test(`${recording}, which ended with exit status 0, gives no tier`, async () => {
    assert.deepEqual((await read(recording, { austen: { narrator: NARRATOR } })).tiers, []);
  });
}

test('a tier without a speaker name belongs to the tier whose utterances have its words', async () => {
  const outDir = makeDir();
  await writeGrid(outDir, 'talk', 'words', [[1, 2, 'one']], 'phones', [[1, 2, 'W']]);
  const spoken = { talk: { alice: [[0, 3, 'two']] as Spoken, bob: [[0, 3, 'one']] as Spoken } };
  const { tiers } = await readMfaOutput(outDir, makeCorpus(spoken));
  assert.deepEqual(wordsByTier(tiers), { 'talk/bob': 'one' });
});

test('a tier without a speaker name that fits two speakers is dropped', async () => {
  const outDir = makeDir();
  await writeGrid(outDir, 'talk', 'words', [[1, 2, 'one']], 'phones', [[1, 2, 'W']]);
  const spoken = { talk: { alice: [[0, 3, 'one']] as Spoken, bob: [[0, 3, 'one']] as Spoken } };
  assert.deepEqual((await readMfaOutput(outDir, makeCorpus(spoken))).tiers, []);
});

test('words outside the utterances that were given, and words never given, are dropped', async () => {
  const outDir = makeDir();
  const words = [
    [0, 0.5, 'one'],
    [1, 2, 'one'],
    [2, 3, 'garbage'],
    [5, 6, 'one'],
  ] as const;
  await writeGrid(outDir, 'talk', 'alice - words', words, 'alice - phones', [[1, 2, 'W']]);
  const { tiers } = await readMfaOutput(outDir, makeCorpus({ talk: { alice: [[0.8, 4, 'one two']] } }));
  assert.deepEqual(wordsByTier(tiers), { 'talk/alice': 'one' });
});

test('an output file that is no TextGrid loses that file only, and is logged', async () => {
  const outDir = makeDir();
  await writeFile(
    path.join(outDir, 'talk.TextGrid'),
    'File type = "ooTextFile"\nObject class = "TextGrid"\n\nxmin =',
  );
  await writeGrid(outDir, 'more', 'words', [[1, 2, 'one']], 'phones', [[1, 2, 'W']]);
  const spoken = { talk: { alice: [[0, 3, 'one']] as Spoken }, more: { bob: [[0, 3, 'one']] as Spoken } };
  const { tiers, faults } = await readMfaOutput(outDir, makeCorpus(spoken));
  assert.deepEqual(wordsByTier(tiers), { 'more/bob': 'one' });
  assert.match(faults.join(), /^talk\.TextGrid: /);
});

type SpokenFiles = Readonly<Record<string, Readonly<Record<string, Spoken>>>>;

async function read(recording: string, files: SpokenFiles): ReturnType<typeof readMfaOutput> {
  const outDir = path.join(RECORDINGS, recording, 'out');
  return readMfaOutput(outDir, makeCorpus(files));
}

/** A corpus in which the neutral names are equal to the real names. */
function makeCorpus(files: SpokenFiles): MfaCorpus {
  const given = new Set<string>();
  const toUtterance = ([startSec, endSec, text]: Spoken[number]) => {
    const words = text.split(' ');
    for (const word of words) given.add(word);
    return { startSec, endSec, words };
  };
  return {
    dir: '/nowhere',
    dictionaryPath: '/nowhere',
    files: Object.entries(files).map(([stem, tiers]) => ({
      stem,
      fileId: stem,
      speakers: Object.entries(tiers).map(([name, spoken]) => ({
        name,
        tierId: name,
        utterances: spoken.map(toUtterance),
      })),
    })),
    speakerCount: 0,
    speechSec: 0,
    wordOf: (label) => (given.has(label) ? label : null),
  };
}

async function writeGrid(
  outDir: string,
  stem: string,
  ...tiers: [string, Spoken, string, Spoken]
): Promise<void> {
  const [wordsName, words, phonesName, phones] = tiers;
  const lines = ['File type = "ooTextFile"', 'Object class = "TextGrid"', '', 'xmin = 0', 'xmax = 10'];
  lines.push('tiers? <exists>', 'size = 2', 'item []:');
  for (const [name, intervals] of [
    [wordsName, words],
    [phonesName, phones],
  ] as const) {
    lines.push('item [1]:', 'class = "IntervalTier"', `name = "${name}"`, 'xmin = 0', 'xmax = 10');
    lines.push(`intervals: size = ${intervals.length}`);
    for (const [start, end, text] of intervals) {
      lines.push('intervals [1]:', `xmin = ${start}`, `xmax = ${end}`, `text = "${text}"`);
    }
  }
  await mkdir(outDir, { recursive: true });
  await writeFile(path.join(outDir, `${stem}.TextGrid`), `${lines.join('\n')}\n`);
}

function textOf(spoken: Spoken): string {
  return spoken.map(([, , text]) => text).join(' ');
}

test.run();
