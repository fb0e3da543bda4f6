import assert from 'node:assert/strict';
import { test } from 'uvu';
import { PAR_RESULT } from '../../../src/formats/par/result.ts';
import { documentOf, randomDocument, readBack, saidBy, writeResult } from '../../../testing/result.ts';
import { seededRandom } from '../../support/mutate.ts';

const WORDS = [
  {
    text: 'so',
    phones: [
      ['S', 's', 0.25, 0.5],
      ['OW', 'oʊ', 0.5, 0.75],
    ],
  },
  { text: "it's\tNew", phones: [['IH', 'ɪ', 1, 1.5]] },
] as const;

test('a file has header, words, their phones, the text, and phones in samples that cover the recording', () => {
  const files = writeResult(PAR_RESULT, [documentOf(2, [saidBy('ann', WORDS, 2)])]);
  assert.deepEqual([...files.keys()], ['ARPAbet/talk.par', 'IPA/talk.par']);
  const lines = (files.get('ARPAbet/talk.par') ?? '').split('\n');
  assert.deepEqual(lines, [
    'LHD: Partitur 1.3',
    'REP: unknown',
    'SNB: 2',
    'SAM: 16000',
    'SBF: 01',
    'SSB: 16',
    'NCH: 1',
    'SPN: ann',
    'LBD:',
    'ORT:\t0\tso',
    "ORT:\t1\tit's New",
    'KAN:\t0\tS OW',
    'KAN:\t1\tIH',
    "TRN:\t0\t31999\t0,1\tso it's New",
    'MAU:\t0\t3999\t-1\t<p:>',
    'MAU:\t4000\t3999\t0\tS',
    'MAU:\t8000\t3999\t0\tOW',
    'MAU:\t12000\t3999\t-1\t<p:>',
    'MAU:\t16000\t7999\t1\tIH',
    'MAU:\t24000\t7999\t-1\t<p:>',
    '',
  ]);
  assert.ok(files.get('IPA/talk.par')?.includes('\nMAU:\t8000\t3999\t0\toʊ\n'));
});

test('each of several speakers has a file, and none has that of another recording', () => {
  const [ann, ben] = [saidBy('ann', WORDS, 2), saidBy('../b*n', [], 2)];
  const documents = [
    documentOf(2, [ann, ben]),
    documentOf(2, [ann], { name: 'talk_ann' }),
    documentOf(2, [ann, ben], { name: 'day 1/talk', ipa: null }),
  ];
  assert.deepEqual(
    [...writeResult(PAR_RESULT, documents).keys()].filter((name) => name.startsWith('ARPAbet')),
    [
      'ARPAbet/talk_ann.par',
      'ARPAbet/talk_.._b_n.par',
      'ARPAbet/talk_ann_2.par',
      'ARPAbet/day 1/talk_ann.par',
      'ARPAbet/day 1/talk_.._b_n.par',
    ],
  );
});

test('a recording whose name is unknown is asked for', () => {
  const document = documentOf(2, [saidBy('ann', WORDS, 2)], { audio: null });
  assert.throws(() => writeResult(PAR_RESULT, [document]), { code: 'E_AUDIO_MISSING', message: /^talk: / });
});

test('any result passes its check and has every word and phone of each speaker', async () => {
  for (let seed = 0; seed < 150; seed++) {
    const document = randomDocument(seededRandom(seed), 'talk');
    const files = [...writeResult(PAR_RESULT, [document])];
    for (const [name, text] of files) await readBack(PAR_RESULT, name, text, [document.durationSec], 997);
    const lines = files.filter(([name]) => name.startsWith('IPA')).flatMap(([, text]) => text.split('\n'));
    const countOf = (role: string) =>
      (document.ipa ?? [])
        .filter((tier) => tier.role === role)
        .flatMap((tier) => (tier.kind === 'point' ? [] : tier.intervals))
        .filter(({ text }) => text !== '').length;
    const found = (line: RegExp) => lines.filter((one) => line.test(one)).length;
    assert.equal(found(/^ORT:/), countOf('word'), `words of seed ${seed}`);
    assert.equal(found(/^MAU:.*ˈ/), countOf('phone'), `phones of seed ${seed}`);
    assert.equal(found(/^TRN:/), countOf('trans'), `texts of seed ${seed}`);
  }
});

test('a file that is damaged or of another recording is not accepted, and its line is named', async () => {
  const name = 'ARPAbet/talk.par';
  const good = writeResult(PAR_RESULT, [documentOf(2, [saidBy('ann', WORDS, 2)])]).get(name) ?? '';
  await readBack(PAR_RESULT, name, good, [2]);
  for (const [from, to, line] of [
    ['LHD:', 'LHX:', 1],
    ['SAM: 16000', 'SAM: fast', 4],
    ['LBD:', 'LBX:', 9],
    ['ORT:\t1', 'ORT:\t2', 11],
    ['KAN:\t1', 'KAN:\t2', 13],
    ['KAN:\t1', 'KAN:\t0', 13],
    ['\t0,1\t', '\t0,2\t', 14],
    ['\t0,1\t', '\t1,0\t', 14],
    ['0\t3999\t-1', '0\t3998\t-1', 16],
    ['MAU:\t8000\t3999\t0', 'MAU:\t8000\t3999\t5', 17],
    ['MAU:\t8000\t3999\t0', 'MAU: 8000 3999 0', 17],
    ['MAU:\t24000\t7999', 'MAU:\t24000\t8000', 20],
    ['MAU:\t24000\t7999\t-1\t<p:>\n', '', 20],
    ['MAU:\t24000', 'KAN:\t24000', 20],
  ] as const) {
    assert.ok(good.includes(from), from);
    const place = { file: name, line };
    await assert.rejects(
      readBack(PAR_RESULT, name, good.replace(from, to), [2]),
      (error: { code?: string; faults?: readonly { place?: unknown }[] }) => {
        assert.equal(error.code, 'E_OUTPUT_INVALID');
        assert.deepEqual(error.faults?.[0]?.place, place, to);
        return true;
      },
    );
  }
  await assert.rejects(readBack(PAR_RESULT, name, good.trimEnd(), [2]), { code: 'E_OUTPUT_INVALID' });
  await assert.rejects(readBack(PAR_RESULT, name, good, [3]), { code: 'E_OUTPUT_INVALID' });
});

test.run();
