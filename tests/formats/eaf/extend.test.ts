import assert from 'node:assert/strict';
import { test } from 'uvu';
import { aligned, eafTier, makeEaf, referring } from '../../support/eaf.ts';
import { documentOf, spoken, writeEaf } from './documents.ts';
import { readEaf, tiersOf } from './read-eaf.ts';
import { assertSchema } from './schema.ts';

const PROPERTY = '<PROPERTY NAME="URN">urn:x</PROPERTY><PROPERTY NAME="lastUsedAnnotationId">57</PROPERTY>';
const REST = [
  '<LINGUISTIC_TYPE LINGUISTIC_TYPE_ID="default-lt" TIME_ALIGNABLE="true" NEW="1"/>',
  '<LINGUISTIC_TYPE LINGUISTIC_TYPE_ID="aligned words" TIME_ALIGNABLE="true"/>',
  '<LOCALE LANGUAGE_CODE="en"/>',
  '<CONSTRAINT DESCRIPTION="x" STEREOTYPE="Symbolic_Association"/>',
  '<CONTROLLED_VOCABULARY CV_ID="c"><CV_ENTRY_ML CVE_ID="a900"><CVE_VALUE LANG_REF="e">v</CVE_VALUE></CV_ENTRY_ML></CONTROLLED_VOCABULARY>',
].join('\r\n');

const extend = async (
  original: string | Uint8Array,
  tiers: ReturnType<typeof spoken>,
  audio = 'talk.wav',
) => {
  const bytes = typeof original === 'string' ? Buffer.from(original) : original;
  const [text = ''] = Object.values(
    await writeEaf(
      documentOf(tiers, {
        original: { name: 'talk.EAF', bytes, legacyEncoding: null },
        audio: { name: audio, sampleRateHz: 16_000, sampleCount: 160_000 },
      }),
    ),
  );
  return text;
};
/** Removes what was added: lines of slots, tiers and types. */
const withoutAdded = (text: string) =>
  text
    .replace(/\n {8}<TIME_SLOT [^>]*>/g, '')
    .replace(/\n {4}<TIER [\s\S]*?\n {4}<\/TIER>/g, '')
    .replace(/\n {4}<(?:LINGUISTIC_TYPE|CONSTRAINT) [^>]*>/g, '');

test("a user's EAF stays as it is to the letter, with tiers of words and phones below the speaker's", async () => {
  const original = makeEaf({
    media: PROPERTY,
    times: [1000, 1500, 3000, 4000],
    tiers: [
      '<!-- mine -->',
      eafTier(
        'anna',
        [aligned('a1', 1, 2, 'one &lt;two&gt;'), aligned('a57', 3, 4, 'three')],
        'PARTICIPANT="A&amp;B" ANNOTATOR="x"',
      ),
      eafTier('Übersetzung', [referring('a3', 'a1', 'eins')], 'PARENT_REF="anna"'),
    ],
    rest: REST,
  });
  const words = [
    [1, 1.25, 'one'],
    [1.25, 1.5, 'two'],
    [3.1, 3.5, 'three'],
  ] as const;
  const phones = [
    [1, 1.25, 'W'],
    [1.25, 1.5, 'T'],
    [3.1, 3.3, 'TH'],
    [3.3, 3.5, 'R'],
  ] as const;
  const text = await extend(
    original,
    spoken(
      'anna',
      [
        [1, 1.5, 'one <two>'],
        [3, 4, 'three'],
      ],
      words,
      phones,
    ),
  );
  assertSchema(text);
  assert.equal(withoutAdded(text), original.replace('>57</PROPERTY>', '>907</PROPERTY>'));
  assert.deepEqual(tiersOf(readEaf(text)), {
    anna: ['1 1.5 one <two>', '3 4 three'],
    '*anna - word': ['1 1.25 one', '1.25 1.5 two', '3.1 3.5 three'],
    '*anna - phone': ['1 1.25 W', '1.25 1.5 T', '3.1 3.3 TH', '3.3 3.5 R'],
    '*Übersetzung': ['1 1.5 eins'],
  });
  assert.match(
    text,
    /<TIER LINGUISTIC_TYPE_REF="aligned words \(2\)" PARENT_REF="anna" PARTICIPANT="A&amp;B" TIER_ID="anna - word">/,
  );
  assert.match(text, /ANNOTATION_ID="a901" TIME_SLOT_REF1="ts5" TIME_SLOT_REF2="ts6"/);
});

test('tiers of words that are there stay, and the new ones have other names', async () => {
  const original = makeEaf({
    times: [1000, 1500],
    tiers: [
      eafTier('anna', [aligned('a1', 1, 2, 'one')]),
      eafTier('anna - word', [aligned('a2', 1, 2, 'one')], 'PARENT_REF="anna"'),
    ],
  });
  const text = await extend(
    original,
    spoken('anna', [[1, 1.5, 'one']], [[1.1, 1.5, 'one']], [[1.1, 1.5, 'W']]),
  );
  assertSchema(text);
  assert.deepEqual(tiersOf(readEaf(text)), {
    anna: ['1 1.5 one'],
    '*anna - word (2)': ['1.1 1.5 one'],
    '*anna - phone': ['1.1 1.5 W'],
    '*anna - word': ['1 1.5 one'],
  });
});

test('below a tier without its own times, words depend on the tier that has them', async () => {
  const original = makeEaf({
    times: [1000, 1500],
    tiers: [
      eafTier('ref', [aligned('a1', 1, 2, '001')]),
      eafTier('tx', [referring('a2', 'a1', 'one')], 'PARENT_REF="ref"'),
    ],
  });
  const text = await extend(original, spoken('tx', [[1, 1.5, 'one']], [[1, 1.5, 'one']], [[1, 1.5, 'W']]));
  assertSchema(text);
  assert.match(text, /PARENT_REF="ref" TIER_ID="tx - word"/);
  assert.deepEqual(tiersOf(readEaf(text))['*tx - word'], ['1 1.5 one']);
});

test("times are those of ELAN's timeline", async () => {
  const original = makeEaf({
    media: '<MEDIA_DESCRIPTOR MEDIA_URL="talk.wav" MIME_TYPE="x" TIME_ORIGIN="250"/>',
    times: [1000, 1500],
    tiers: [eafTier('anna', [aligned('a1', 1, 2, 'one')])],
  });
  const text = await extend(
    original,
    spoken('anna', [[1.25, 1.75, 'one']], [[1.25, 1.5, 'one']], [[1.25, 1.5, 'W']]),
  );
  assert.match(text, /TIME_VALUE="1000"\/>\n {8}<TIME_SLOT TIME_SLOT_ID="ts4" TIME_VALUE="1250"/);
  assert.deepEqual(tiersOf(readEaf(text, { audioName: 'talk.wav' }))['*anna - word'], ['1.25 1.5 one']);
});

test('any encoding goes out as UTF-8, and says so', async () => {
  const original = makeEaf({ times: [1000, 1500], tiers: [eafTier('änn', [aligned('a1', 1, 2, 'blåbær')])] });
  const tiers = spoken('änn', [[1, 1.5, 'blåbær']], [[1, 1.5, 'blåbær']], [[1, 1.5, 'B']]);
  const plain = await extend(original, tiers);
  for (const bytes of [
    Buffer.from(original.replace('UTF-8', 'ISO-8859-1'), 'latin1'),
    Buffer.from(`\uFEFF${original.replace('UTF-8', 'UTF-16')}`, 'utf16le'),
    Buffer.from(`\uFEFF${original}`),
  ])
    assert.equal(await extend(bytes, tiers), plain);
  assert.ok(plain.startsWith('<?xml version="1.0" encoding="UTF-8"?>'));
});

test('a file that counts in frames is not extended: a frame is longer than a phone', async () => {
  const original = makeEaf({
    header: 'TIME_UNITS="PAL-frames"',
    times: [25, 50],
    tiers: [eafTier('anna', [aligned('a1', 1, 2, 'one')])],
  });
  const text = await extend(original, spoken('anna', [[1, 2, 'one']], [[1, 1.51, 'one']], [[1, 1.51, 'W']]));
  assertSchema(text);
  assert.deepEqual(tiersOf(readEaf(text)), {
    'anna - trans': ['1 2 one'],
    '*anna - word': ['1 1.51 one'],
    '*anna - phone': ['1 1.51 W'],
  });
});

test('a file of many pieces is cut at the right places', async () => {
  const annotations = Array.from({ length: 2000 }, (_, n) =>
    aligned(`a${n + 1}`, 2 * n + 1, 2 * n + 2, `wörd ${n}`),
  );
  const times = Array.from({ length: 4000 }, (_, n) => n * 2);
  const original = makeEaf({
    media: PROPERTY,
    times,
    tiers: [eafTier('anna', annotations), eafTier('x'.repeat(70_000), [])],
  });
  const labels = Array.from({ length: 2000 }, (_, n) => [n * 0.004, n * 0.004 + 0.002, `w${n}`] as const);
  const text = await extend(original, spoken('anna', labels, labels, labels));
  assertSchema(text);
  assert.equal(withoutAdded(text), original.replace('>57</PROPERTY>', '>6000</PROPERTY>'));
});

test.run();
