import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Engine } from '../../../src/engines/engine.ts';
import { createSphinx } from '../../../src/engines/sphinx/sphinx.ts';
import { readTextGrid } from '../../../src/formats/textgrid/read.ts';
import { fillGaps, writeTextGrid } from '../../../src/formats/textgrid/write.ts';
import { readMonoPcm16AsFloat } from '../../../src/formats/wav-pcm.ts';
import type { Packaged } from '../../../src/pipeline/package/package.ts';
import type { EngineBench, EngineName } from '../../../testing/engine-bench.ts';
import { makeWav } from '../../../testing/wav.ts';
import { readZip } from '../../../testing/zip.ts';
import { type EngineSuite, suiteWithEngines } from '../../support/engine-suite.ts';
import { shown } from '../../support/finding.ts';
import { PRONUNCIATIONS, SENTENCES, SPEECH_DIR } from '../../support/speech.ts';

const DURATION_SEC = 4.3251;
/** As long as a long interval if they follow each other. */
const TIMES = 10;
const SAID = SENTENCES.two.flatMap(({ words }) => words);
const UNSAID = 'nobody saw the train leave nobody saw the cat sleeps on the warm engine'.split(' ');
const FEW_UNSAID = UNSAID.slice(0, 5);
/**
 * Stand-ins do not read the audio. They lose an interval that is too short for all phones of its words, and this one
 * has many words.
 */
const LONG_WORD = 'leave';
const LONG_PHONES = Array<string>(150).fill('L');
const VOWELS = /^(?:AA|AE|AH|AO|AW|AY|EH|ER|EY|IH|IY|OW|OY|UH|UW)$/;
const LANGUAGES = [
  ['MFA1', 'engUS_MFA1_v010'],
  ['MFA2', 'engUS_MFA2_v020'],
  ['FAVE', 'engUS_FAVE_v010'],
] as const;
const SPHINX = createSphinx();

const test = suiteWithEngines('intervals that are cut for other engines');

for (const [name, lang] of LANGUAGES) {
  test(`${name}: a sentence that is not said loses no other word of a long interval`, async ({ make }) => {
    const bench = await makeCut(make, name, lang);
    const half = Array<string[]>(TIMES / 2)
      .fill(SAID)
      .flat();
    await addTalk(bench, TIMES, [...half, ...UNSAID, ...half]);
    const packaged = await bench.run();
    const [warning, ...more] = packaged.warnings;
    assert.deepEqual(more, []);
    assert.deepEqual(
      [warning?.code, warning?.place?.tier, warning?.place?.interval],
      ['W_NOT_SAID', 'ann', 1],
    );
    assert.ok(
      Math.abs((warning?.place?.timeSec ?? 0) - (DURATION_SEC * TIMES) / 2) < 3,
      `${warning?.place?.timeSec} s`,
    );
    assert.match(shown(warning), /not said\? 14 words .*"nobody saw the/);
    const { tiers, manifest } = await read(packaged);
    assert.deepEqual(tiers.get('ann - word'), [...half, ...half]);
    assert.equal(tiers.get('ann - trans')?.length, 1);
    assert.deepEqual(manifest.cut, { engine: 'SPHINX', version: '1', intervals: 1 });
    assert.deepEqual(manifest.files[0].verdict, 'partial');
  });

  test(`${name}: a short interval that was lost because of words that are not said comes back without them`, async ({
    make,
  }) => {
    const bench = await makeCut(make, name, lang, { isCrowded: true });
    await addTalk(bench, 1, [...SAID.slice(0, 7), ...FEW_UNSAID, ...SAID.slice(7)]);
    const packaged = await bench.run();
    const { tiers } = await read(packaged);
    assert.deepEqual(tiers.get('ann - word'), SAID);
    assert.deepEqual(
      packaged.warnings.map(({ code }) => code),
      ['W_DOUBTFUL', 'W_DOUBTFUL', 'W_NOT_SAID'],
    );
  });
}

async function makeCut(
  make: EngineSuite['make'],
  name: EngineName,
  lang: string,
  { cutter = SPHINX as Engine, isCrowded = false } = {},
): Promise<EngineBench> {
  const bench = await make(name, {}, { lang, others: [cutter] });
  const dir = path.join(bench.uploadsDir, 'ann/dic');
  await mkdir(dir, { recursive: true });
  const known = PRONUNCIATIONS.filter(({ word }) => word !== LONG_WORD);
  const all = [...known, { word: LONG_WORD, phones: isCrowded ? LONG_PHONES : ['L', 'IY', 'V'] }];
  const lines = all.map(({ word, phones }) => `${word}\t${phones.map(toStressed).join(' ')}\n`);
  await writeFile(path.join(dir, `${lang}.dict`), lines.join(''));
  return bench;
}

/** As in the dictionaries of these languages; the model of FAVE's stand-in has no AO. */
function toStressed(phone: string): string {
  return VOWELS.test(phone) ? `${phone.replace('AO', 'AA')}1` : phone;
}

/** The same two sentences, repeated, as one interval. */
async function addTalk(bench: EngineBench, times: number, words: readonly string[]): Promise<void> {
  const speech = await readMonoPcm16AsFloat(path.join(SPEECH_DIR, 'two.wav'), 0, DURATION_SEC);
  const samples = Array.from({ length: times }, () => [...speech]).flat();
  const endSec = samples.length / 16_000;
  const intervals = fillGaps([{ startSec: 0, endSec, text: words.join(' ') }], 0, endSec);
  const tier = { kind: 'interval', name: 'ann', startSec: 0, endSec, intervals } as const;
  await bench.add('talk.wav', makeWav({ samples }));
  await bench.add('talk.TextGrid', writeTextGrid({ startSec: 0, endSec, tiers: [tier] }));
}

async function read({ zipPath }: Packaged) {
  const entries = await readZip(zipPath);
  const name = [...entries.keys()].find((entry) => /^(?!IPA).*\/talk\.TextGrid$/.test(entry)) ?? '';
  const tiers = new Map(
    readTextGrid(entries.get(name) ?? '', 'result').tiers.map((tier) => [
      tier.name,
      tier.kind === 'interval' ? tier.intervals.map(({ text }) => text).filter((text) => text !== '') : [],
    ]),
  );
  return { tiers, manifest: JSON.parse(entries.get('manifest.json') ?? '') };
}

test.run();
