import assert from 'node:assert/strict';
import { test } from 'uvu';
import { documentOf, spoken, tierOf, writeEaf } from './documents.ts';
import { readEaf, tiersOf } from './read-eaf.ts';
import { assertSchema } from './schema.ts';

const WORDS = [
  [1, 1.2004, 'one'],
  [1.2004, 1.5, 'two'],
] as const;
const PHONES = [
  [1, 1.1, 'W'],
  [1.1, 1.2004, 'AH'],
  [1.2004, 1.5, 'T'],
] as const;

test('a new EAF has the text of each speaker, words below it, and phones below them', async () => {
  const tiers = [
    ...spoken(
      'anna',
      [
        [1, 1.5, 'One two!'],
        [1.5, 2, '...'],
      ],
      WORDS,
      PHONES,
    ),
    tierOf('other', 'notes', 'notes', [[3, 4, 'quiet']]),
  ];
  const files = await writeEaf(documentOf(tiers, { ipa: tiers.map((tier) => ({ ...tier })) }));
  assert.deepEqual(Object.keys(files), ['ARPAbet/day 1/talk.eaf', 'IPA/day 1/talk.eaf']);
  const text = files['ARPAbet/day 1/talk.eaf'] ?? '';
  assertSchema(text);
  assert.deepEqual(tiersOf(readEaf(text)), {
    'anna - trans': ['1 1.5 One two!', '1.5 2 ...'],
    '*anna - word': ['1 1.2 one', '1.2 1.5 two'],
    '*anna - phone': ['1 1.1 W', '1.1 1.2 AH', '1.2 1.5 T'],
    notes: ['3 4 quiet'],
  });
  assert.match(
    text,
    /<TIER LINGUISTIC_TYPE_REF="aligned words" PARENT_REF="anna - trans" PARTICIPANT="anna" TIER_ID="anna - word">/,
  );
  assert.match(text, /RELATIVE_MEDIA_URL=".\/talk%20%26%20co.wav"/);
  assert.match(text, /<PROPERTY NAME="lastUsedAnnotationId">8<\/PROPERTY>/);
});

test('labels and names of any characters come back, but for those that XML cannot hold', async () => {
  const label = '<a> & "b" \t\n ]]> 𝄞 \'';
  const tiers = spoken('a"<&>\n', [[1, 1.5, `${label}\r\0\uD800`]], [[1, 1.5, label]], [[1, 1.5, '&']]);
  const [text = ''] = Object.values(await writeEaf(documentOf(tiers)));
  assertSchema(text);
  const read = tiersOf(readEaf(text));
  assert.deepEqual(Object.keys(read), ['a"<&>\n - trans', '*a"<&>\n - word', '*a"<&>\n - phone']);
  assert.deepEqual(Object.values(read).flat(), [`1 1.5 ${label}\r\uFFFD\uFFFD`, `1 1.5 ${label}`, '1 1.5 &']);
});

test('two speakers with one name, points, and a speaker without words', async () => {
  const point = { kind: 'point', role: 'other', speaker: 'p', name: 'p', startSec: 0, endSec: 10 } as const;
  const tiers = [
    ...spoken('anna', [[1, 1.5, 'one']], [[1, 1.5, 'one']], [[1, 1.5, 'W']]),
    ...spoken('anna', [[1, 1.5, 'two']], [], []).map((tier) => ({ ...tier, speaker: 'anna (2)' })),
    {
      ...point,
      points: [
        { timeSec: 2, text: 'x' },
        { timeSec: 2, text: 'y' },
      ],
    },
  ];
  const [text = ''] = Object.values(await writeEaf(documentOf(tiers)));
  assertSchema(text);
  assert.deepEqual(tiersOf(readEaf(text)), {
    'anna - trans': ['1 1.5 one'],
    '*anna - word': ['1 1.5 one'],
    '*anna - phone': ['1 1.5 W'],
    'anna - trans (2)': ['1 1.5 two'],
    '*anna - word (2)': [],
    '*anna - phone (2)': [],
    p: ['2 2.001 x', '2.001 2.002 y'],
  });
});

test('words outside all annotations of the text depend on none of them', async () => {
  const tiers = spoken('anna', [[1, 1.2, 'one']], WORDS, PHONES);
  const [text = ''] = Object.values(await writeEaf(documentOf(tiers)));
  assertSchema(text);
  assert.match(text, /<TIER LINGUISTIC_TYPE_REF="aligned tiers" PARTICIPANT="anna" TIER_ID="anna - word">/);
  assert.match(text, /LINGUISTIC_TYPE_REF="aligned phones" PARENT_REF="anna - word"/);
});

test('equal documents give equal bytes', async () => {
  const tiers = spoken('anna', [[1, 1.5, 'one two']], WORDS, PHONES);
  assert.deepEqual(await writeEaf(documentOf(tiers)), await writeEaf(documentOf(tiers)));
});

test.run();
