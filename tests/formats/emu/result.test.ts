import assert from 'node:assert/strict';
import { test } from 'uvu';
import { EMU_RESULT } from '../../../src/formats/emu/result.ts';
import type { ResultTier } from '../../../src/formats/result.ts';
import { documentOf, randomDocument, readBack, saidBy, writeResult } from '../../../testing/result.ts';
import { seededRandom } from '../../support/mutate.ts';

const WORDS = [
  {
    text: 'say "so"',
    phones: [
      ['S', 's', 0.25, 0.5],
      ['EY', 'eɪ', 0.5, 1],
    ],
  },
] as const;
const CONFIG = 'autophon_emuDB/autophon_DBconfig.json';
const TALK = 'autophon_emuDB/0000_ses/talk_bndl/talk_annot.json';

function other(name: string, kind: 'point' | 'interval'): ResultTier {
  const span = { role: 'other' as const, speaker: name, name, startSec: 0, endSec: 2 };
  return kind === 'point'
    ? { kind, ...span, points: [{ timeSec: 2.01, text: 'ding' }] }
    : { kind, ...span, intervals: [{ startSec: 0, endSec: 2, text: 'noise' }] };
}
const kept = (...tiers: ResultTier[]) => ({ phones: tiers, ipa: tiers });

interface Item {
  readonly id: number;
  readonly labels: readonly { readonly name: string; readonly value: string }[];
}
interface Annotation {
  readonly levels: readonly {
    readonly name: string;
    readonly type: string;
    readonly items: readonly Item[];
  }[];
  readonly links: readonly { readonly fromID: number; readonly toID: number }[];
}
const annotationIn = (files: ReadonlyMap<string, string>, name = TALK): Annotation =>
  JSON.parse(files.get(name) ?? '');
interface Named {
  readonly name: string;
}
interface Config {
  readonly UUID: string;
  readonly levelDefinitions: readonly (Named & {
    readonly type: string;
    readonly attributeDefinitions: readonly Named[];
  })[];
  readonly linkDefinitions: readonly { readonly superlevelName: string; readonly sublevelName: string }[];
  readonly EMUwebAppConfig: {
    readonly perspectives: readonly { readonly levelCanvases: { order: readonly string[] } }[];
  };
}
const configIn = (files: ReadonlyMap<string, string>): Config => JSON.parse(files.get(CONFIG) ?? '');

test('a bundle has text, words and phones as segments that join, and links from each label to those below it', () => {
  const doubtful = new Map([['ann', [{ startSec: 0, endSec: 1 }]]]);
  const files = writeResult(EMU_RESULT, [documentOf(2, [saidBy('ann', WORDS, 2)], { doubtful })]);
  assert.deepEqual([...files.keys()], [TALK, CONFIG]);
  const item = (
    id: number,
    sampleStart: number,
    sampleDur: number,
    ...labels: [name: string, value: string][]
  ) => ({
    id,
    sampleStart,
    sampleDur,
    labels: labels.map(([name, value]) => ({ name, value })),
  });
  assert.deepEqual(JSON.parse(files.get(TALK) ?? ''), {
    name: 'talk',
    annotates: 'talk.wav',
    sampleRate: 16_000,
    levels: [
      {
        name: 'Text',
        type: 'SEGMENT',
        items: [item(1, 0, 31_999, ['Text', 'say "so"'], ['Speaker', 'ann'])],
      },
      {
        name: 'Word',
        type: 'SEGMENT',
        items: [
          item(2, 0, 3_999, ['Word', ''], ['Quality', '']),
          item(3, 4_000, 11_999, ['Word', 'say "so"'], ['Quality', 'doubtful']),
          item(4, 16_000, 15_999, ['Word', ''], ['Quality', '']),
        ],
      },
      {
        name: 'Phone',
        type: 'SEGMENT',
        items: [
          item(5, 0, 3_999, ['Phone', ''], ['IPA', '']),
          item(6, 4_000, 3_999, ['Phone', 'S'], ['IPA', 's']),
          item(7, 8_000, 7_999, ['Phone', 'EY'], ['IPA', 'eɪ']),
          item(8, 16_000, 15_999, ['Phone', ''], ['IPA', '']),
        ],
      },
    ],
    links: [
      { fromID: 1, toID: 3 },
      { fromID: 3, toID: 6 },
      { fromID: 3, toID: 7 },
    ],
  });
});

test('a phone that is in no word has no link', () => {
  const stray = saidBy('ann', [{ text: '', phones: [['SPN', 'spn', 0.25, 0.5]] }], 2);
  const { levels, links } = annotationIn(writeResult(EMU_RESULT, [documentOf(2, [stray])]));
  assert.deepEqual(
    levels[2]?.items.map(({ labels }) => labels[0]?.value),
    ['', 'SPN', ''],
  );
  assert.deepEqual(links, []);
});

test('each speaker of a recording has levels of the same names, and other tiers have one of their own', () => {
  const said = [saidBy('ann', WORDS, 2), saidBy('ben', [], 2)];
  const first = documentOf(2, [...said, kept(other('bells (church)', 'point'), other('Word', 'interval'))]);
  const second = documentOf(2, [saidBy('ben', WORDS, 2), kept(other('bells (church)', 'interval'))], {
    name: 'b',
  });
  const files = writeResult(EMU_RESULT, [first, second]);
  const levelsOf = (name: string) =>
    annotationIn(files, name).levels.map((level) => `${level.name} ${level.type}`);
  const ofOne = ['Text SEGMENT', 'Word SEGMENT', 'Phone SEGMENT'];
  const ofTwo = [...ofOne, 'Text_2 SEGMENT', 'Word_2 SEGMENT', 'Phone_2 SEGMENT'];
  const events = ['bells_church EVENT', 'Tier_Word SEGMENT'];
  assert.deepEqual(levelsOf(TALK), [...ofTwo, ...events]);
  assert.deepEqual(levelsOf(TALK.replaceAll('talk', 'b')), [...ofOne, 'bells_church_2 SEGMENT']);
  const config = configIn(files);
  assert.deepEqual(
    config.levelDefinitions.map(({ name, type }) => `${name} ${type}`),
    [...ofTwo, ...events, 'bells_church_2 SEGMENT'],
  );
  assert.deepEqual(
    config.linkDefinitions.map(({ superlevelName, sublevelName }) => `${superlevelName} ${sublevelName}`),
    ['Text Word', 'Word Phone', 'Text_2 Word_2', 'Word_2 Phone_2'],
  );
  assert.deepEqual(config.EMUwebAppConfig.perspectives[0]?.levelCanvases.order, ['Text', 'Word', 'Phone']);
  const [event] = annotationIn(files).levels.find(({ type }) => type === 'EVENT')?.items ?? [];
  assert.equal(JSON.stringify(event).includes('"samplePoint":31999'), true);
});

test('folders become sessions, and names that emuR cannot take are changed, each to another', () => {
  const names = ['talk', 'a/b/x', 'a_b/x', "it's", 'it_s', '0000/talk', '.y', 'day 1/Größe'];
  const documents = names.map((name) => documentOf(2, [saidBy('ann', WORDS, 2)], { name }));
  const files = [...writeResult(EMU_RESULT, documents).keys()].slice(0, -1);
  const bundles = files.map((file) =>
    /^autophon_emuDB\/(.*)_ses\/(.*)_bndl\/\2_annot\.json$/.exec(file)?.slice(1).join(' | '),
  );
  assert.deepEqual(bundles, [
    '0000 | talk',
    'a_b | x',
    'a_b_2 | x',
    '0000 | it_s',
    '0000 | it_s_2',
    '0000_2 | talk',
    '0000 | _y',
    'day 1 | Größe',
  ]);
});

test('equal results have the same UUID, and others another', () => {
  const [one, same, longer] = [2, 2, 3].map((sec) => {
    const files = writeResult(EMU_RESULT, [documentOf(sec, [saidBy('ann', WORDS, sec)])]);
    return configIn(files).UUID;
  });
  assert.equal(one, same);
  assert.notEqual(one, longer);
});

test('a recording whose name is unknown is asked for', () => {
  const document = documentOf(2, [saidBy('ann', WORDS, 2)], { audio: null });
  assert.throws(() => writeResult(EMU_RESULT, [document]), {
    code: 'E_AUDIO_MISSING',
    message: /^talk: .*emu counts in samples/,
  });
});

test('any result passes its check, keeps every label, and has only levels and links that are defined', async () => {
  for (let seed = 0; seed < 150; seed++) {
    const random = seededRandom(seed);
    const documents = ['talk', 'b', 'day/c'].map((name) => randomDocument(random, name));
    const files = [...writeResult(EMU_RESULT, documents)];
    const config = configIn(new Map(files));
    const types = new Map(config.levelDefinitions.map(({ name, type }) => [name, type]));
    assert.equal(files.length, documents.length + 1);
    for (const [index, [name, text]] of files.entries()) {
      await readBack(EMU_RESULT, name, text, [documents[index]?.durationSec ?? 0], 997);
      if (name === CONFIG) continue;
      const { levels, links } = annotationIn(new Map(files), name);
      const labels = levels.flatMap(({ items }) => items.map((one) => one.labels[0]?.value ?? ''));
      const expected = (documents[index]?.phones ?? []).flatMap((tier) =>
        (tier.kind === 'point' ? tier.points : tier.intervals).map((one) => one.text),
      );
      const isText = (label: string) => label !== '';
      assert.deepEqual(labels.filter(isText).sort(), expected.filter(isText).sort(), `seed ${seed}`);
      for (const level of levels) assert.equal(level.type, types.get(level.name));
      assert.ok(links.length <= labels.length);
    }
  }
});

test('a file that is damaged, breaks a rule of EMU or is of another recording is not accepted', async () => {
  const said = [saidBy('ann', WORDS, 2), kept(other('bells', 'point'))];
  const files = writeResult(EMU_RESULT, [documentOf(2, said)]);
  const good = files.get(TALK) ?? '';
  await readBack(EMU_RESULT, TALK, good, [2]);
  for (const [from, to] of [
    ['"sampleDur":3999', '"sampleDur":4000'],
    ['"sampleStart":4000', '"sampleStart":3999'],
    ['"sampleStart":4000', '"sampleStart":4000.5'],
    ['"samplePoint":31999', '"samplePoint":32000'],
    ['"sampleDur":15999', '"sampleDur":15998'],
    ['"id":6', '"id":5'],
    ['"toID":7', '"toID":6'],
    ['"toID":7', '"toID":99'],
    ['"fromID":1', '"fromID":2'],
    ['"fromID"', '"from"'],
    ['"value":"S"', '"value":5'],
    ['"name":"Phone","value":"S"', '"name":"IPA","value":"S"'],
    ['"type":"EVENT"', '"type":"ITEM"'],
    ['talk.wav', 'talk.mp3'],
    ['"name":"talk"', '"name":"b"'],
    ['"sampleRate":16000', '"sampleRate":"16000"'],
    ['"name":"Word","type"', '"name":"Text","type"'],
    [',\n{"fromID":3', '\n{"fromID":3'],
    ['"toID":7}', '"toID":7},'],
    ['],"links"', '],"link"'],
  ] as const) {
    assert.ok(good.includes(from), from);
    await assert.rejects(readBack(EMU_RESULT, TALK, good.replace(from, to), [2]), Error, to);
  }
  await assert.rejects(readBack(EMU_RESULT, TALK, good, [3]), { code: 'E_OUTPUT_INVALID' });
  const config = files.get(CONFIG) ?? '';
  await readBack(EMU_RESULT, CONFIG, config, [2]);
  for (const [from, to] of [
    ['"name": "Phone"', '"name": "Word"'],
    ['"sublevelName": "Phone"', '"sublevelName": "Fone"'],
    ['"type": "EVENT"', '"type": "POINT"'],
    ['"wav"', '"mp3"'],
    ['ONE_TO_MANY', 'MANY'],
    ['"STRING"', '"string"'],
    ['"UUID": "', '"UUID": "x'],
    ['"EMUwebAppConfig"', '"web"'],
  ] as const) {
    assert.ok(config.includes(from), from);
    await assert.rejects(
      readBack(EMU_RESULT, CONFIG, config.replace(from, to), [2]),
      { code: 'E_OUTPUT_INVALID' },
      to,
    );
  }
});

test.run();
