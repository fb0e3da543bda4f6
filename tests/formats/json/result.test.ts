import assert from 'node:assert/strict';
import { test } from 'uvu';
import { JSON_RESULT } from '../../../src/formats/json/result.ts';
import type { ResultTier } from '../../../src/formats/result.ts';
import { documentOf, readBack, saidBy, writeResult } from '../../../testing/result.ts';

const WORDS = [
  {
    text: 'say "so"',
    phones: [
      ['S', 's', 0.25, 0.5],
      ['EY', 'eɪ', 0.5, 1],
    ],
  },
] as const;
const BELLS: ResultTier = {
  kind: 'point',
  role: 'other',
  speaker: 'bells',
  name: 'bells',
  startSec: 0,
  endSec: 2,
  points: [{ timeSec: 1.5, text: 'ding' }],
};

test('the file has the form of MFA, one for each alphabet, with a line for each tier', () => {
  const said = [saidBy('ann', WORDS, 2), { phones: [BELLS], ipa: [BELLS] }];
  const files = writeResult(JSON_RESULT, [documentOf(2, said)]);
  assert.deepEqual([...files.keys()], ['ARPAbet/talk.json', 'IPA/talk.json']);
  const text = files.get('ARPAbet/talk.json') ?? '';
  assert.equal(text.split('\n').length, 7);
  assert.deepEqual(JSON.parse(text), {
    start: 0,
    end: 2,
    tiers: {
      'ann - phone': {
        type: 'interval',
        entries: [
          [0, 0.25, ''],
          [0.25, 0.5, 'S'],
          [0.5, 1, 'EY'],
          [1, 2, ''],
        ],
      },
      'ann - word': {
        type: 'interval',
        entries: [
          [0, 0.25, ''],
          [0.25, 1, 'say "so"'],
          [1, 2, ''],
        ],
      },
      'ann - trans': { type: 'interval', entries: [[0, 2, 'say "so"']] },
      bells: { type: 'point', entries: [[1.5, 'ding']] },
    },
  });
  assert.equal(files.get('IPA/talk.json'), text.replace('"S"', '"s"').replace('"EY"', '"eɪ"'));
});

test('without IPA there is one file', () => {
  const [first] = [saidBy('ann', WORDS, 2)];
  const files = writeResult(JSON_RESULT, [documentOf(2, [], { phones: first?.phones ?? [], ipa: null })]);
  assert.deepEqual([...files.keys()], ['ARPAbet/talk.json']);
});

test('no tier is lost for its name, in whatever order its letters or digits are', async () => {
  const names = ['b', '10', '9', '__proto__', 'b', 'b (2)', 'b', '', 'constructor', '\ud800'];
  const tiers = names.map((name): ResultTier => ({ ...BELLS, name }));
  const text =
    writeResult(JSON_RESULT, [documentOf(2, [{ phones: tiers, ipa: tiers }])]).get('IPA/talk.json') ?? '';
  const found = [...text.matchAll(/^,?("(?:[^"\\]|\\.)*"):/gm)].map(([, name = '']) => JSON.parse(name));
  assert.deepEqual(found, [
    'b',
    '10',
    '9',
    '__proto__',
    'b (3)',
    'b (2)',
    'b (4)',
    '',
    'constructor',
    '\ud800',
  ]);
  assert.equal(Object.keys(JSON.parse(text).tiers).length, names.length);
  await readBack(JSON_RESULT, 'IPA/talk.json', text, [2]);
});

test('a file that is damaged, of another form or of another recording is not accepted', async () => {
  const name = 'IPA/talk.json';
  const good = writeResult(JSON_RESULT, [documentOf(2, [saidBy('ann', WORDS, 2)])]).get(name) ?? '';
  await readBack(JSON_RESULT, name, good, [2]);
  for (const bad of [
    good.slice(0, -5),
    good.replace('0.25', '0.3'),
    good.replace('"s"', '5'),
    '{}',
    '[]',
    'null',
    good.replace('"entries":[', '"entries":[[0,1],'),
  ])
    await assert.rejects(readBack(JSON_RESULT, name, bad, [2]), Error, bad);
  await assert.rejects(readBack(JSON_RESULT, name, good, [3]), { code: 'E_OUTPUT_INVALID' });
});

test.run();
