import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { TaskError } from '../../src/base/errors.ts';
import type { TextGrid } from '../../src/formats/textgrid/model.ts';
import { readTextGrid } from '../../src/formats/textgrid/read.ts';
import type { IntervalTier, Tier } from '../../src/formats/tiers.ts';
import type { Packaged } from '../../src/pipeline/package/package.ts';
import type { EngineName, Tiers } from '../../testing/engine-bench.ts';
import { makeDir } from '../../testing/mfa.ts';
import { POLICY, TASK_PATH } from '../../testing/pipeline.ts';
import { makeWav, sine } from '../../testing/wav.ts';
import { readZip } from '../../testing/zip.ts';
import { suiteWithEngines } from '../support/engine-suite.ts';
import { flat, shown } from '../support/finding.ts';

const test = suiteWithEngines('tasks of each engine');

/** A text for each engine, in its language, and the expected result. */
interface Speech {
  readonly name: EngineName;
  /** With capitals and punctuation. */
  readonly text: string;
  readonly words: readonly string[];
  /** In the full phone set. */
  readonly phones: readonly string[];
  readonly ipa: readonly string[];
  /** An entry of the user's dictionary for one of the words. */
  readonly dictionary: string;
  readonly other: string;
  /** Too many words for a tenth of a second. */
  readonly long: string;
}

const SPEECHES: readonly Speech[] = [
  {
    name: 'MFA1',
    text: 'Akur, SÓL — «penni»!',
    words: ['Akur', 'SÓL', 'penni'],
    phones: ['a:', 'k', 'Y', 'r', 's', 'ou:', 'l', 'p_h', 'E', 'n_0', 'I'],
    ipa: ['aː', 'k', 'ʏ', 'r', 's', 'ouː', 'l', 'pʰ', 'ɛ', 'n̥', 'ɪ'],
    dictionary: 'penni\tp_h E n_0 I',
    other: 'gala',
    long: 'hjarta hjarta hjarta hjarta',
  },
  {
    name: 'MFA2',
    text: '"The WATER, (John)..."',
    words: ['The', 'WATER', 'John'],
    phones: ['DH', 'AX0', 'W', 'AO1', 'DX', 'AXR0', 'JH', 'AA1', 'N'],
    ipa: ['ð', 'ə', 'w', 'ɔ', 'ɾ', 'ɚ', 'dʒ', 'ɑ', 'n'],
    dictionary: 'john\tJH AA1 N',
    other: 'dog',
    long: 'respectable respectable',
  },
  {
    name: 'FAVE',
    text: "Hello, DON'T read café",
    words: ['Hello', "DON'T", 'read', 'café'],
    phones: ['H', 'AX0', 'L', 'OW1', 'D', 'OW1', 'N', 'T', 'R', 'EH1', 'D', 'K', 'AH0', 'F', 'EY1'],
    // The list of this language has no entry for the first two: such labels stay.
    ipa: ['H', 'AX0', 'l', 'oʊ', 'd', 'oʊ', 'n', 't', 'ɹ', 'ɛ', 'd', 'k', 'ə', 'f', 'eɪ'],
    dictionary: 'hello\tH AX0 L OW1',
    other: 'then',
    long: 'respectable respectable',
  },
  {
    name: 'FASE',
    text: '¡El CARRO! ¿Qué pingüino?',
    words: ['El', 'CARRO', 'Qué', 'pingüino'],
    phones: ['e', 'l', 'k', 'a', 'R', 'o', 'k', 'e', 'p', 'i', 'n', 'g', 'u', 'i', 'n', 'o'],
    ipa: ['e', 'l', 'k', 'a', 'r', 'o', 'k', 'e', 'p', 'i', 'n', 'ɡ', 'u', 'i', 'n', 'o'],
    dictionary: 'el\te l',
    other: 'casa',
    long: 'hermano hermano hermano hermano',
  },
];

const LONG_NAME = `${'an interview that goes on '.repeat(9)}🙂`;
const ODD_NAME = `day 1/it's "x" $(touch pwned)\n\u200f🙂`;
const limits = (more: object) => ({ limits: { coreCount: 2, timeoutSec: 600, silenceSec: 600, ...more } });
const ALLOW = {
  policy: { ...POLICY, partialResults: 'allow' },
} as const;

for (const speech of SPEECHES) {
  const { name, text, other, long } = speech;

  test(`${name}: files and tiers of any name come back with words as written and all phones`, async ({
    make,
  }) => {
    const bench = await make(name);
    const speakers: Tiers[] = [
      ['A $(touch pwned) "q"', [0, 1.5, text], [1.5, 2.5, other]],
      ['\u200fB 🙂/x', [0.5, 2, ` ${text} `]],
      ['', [0, 1.4, other]],
      ['A $(touch pwned) "q"', [1, 2.9, text]],
    ];
    await bench.add(`${langOf(name)}.dict`, `${speech.dictionary}\n`);
    await bench.addTalk(ODD_NAME, speakers);
    await bench.addTalk(LONG_NAME, [['B', [0, 2, text]], ['empty'], ['talk', [1, 3, other]]]);
    const packaged = await bench.run(limits({}));
    assert.equal(packaged.counts.missingWordCount, 0);
    assert.deepEqual(codesOf(packaged), ['W_TIER_KEPT', 'W_TIER_NAMED']);

    const grids = await gridsOf(packaged, /^[A-Z]\w+[-\w]*\//, /^IPA/);
    assert.equal(grids.length, 2);
    const [first, second] = [...grids].sort((a, b) => b.tiers.length - a.tiers.length);
    assert.deepEqual(
      first?.tiers.map((tier) => tier.name),
      speakers.flatMap(([own], i) =>
        ['phone', 'word', 'trans'].map((kind) => `${own === '' ? `tier ${i + 1}` : own} - ${kind}`),
      ),
    );
    assert.deepEqual(labelsOf(first?.tiers[3]), speech.phones);
    assert.deepEqual(labelsOf(first?.tiers[4]), speech.words);
    assert.deepEqual(labelsOf(first?.tiers[5]), [` ${text} `]);
    assert.deepEqual(labelsOf(first?.tiers[10]), speech.words);
    assert.deepEqual(labelsOf(second?.tiers[1]), speech.words);
    assert.deepEqual(labelsOf(second?.tiers.at(-2)), [other]);

    const ipa = (await gridsOf(packaged, /^IPA\//)).sort((a, b) => b.tiers.length - a.tiers.length)[0];
    assert.deepEqual(labelsOf(ipa?.tiers[3]), speech.ipa);
    assert.deepEqual(labelsOf(ipa?.tiers[5]), [` ${text} `]);
    for (const dir of [bench.dir, process.cwd(), path.join(bench.uploadsDir, TASK_PATH)]) {
      assert.ok(!existsSync(path.join(dir, 'pwned')), dir);
    }
    const readme = (await readZip(packaged.zipPath)).get('README.txt') ?? '';
    for (const file of packaged.files.filter(({ kind }) => kind === 'transcript')) {
      assert.ok(readme.includes(path.basename(file.original_name).slice(0, 20)), file.original_name);
    }
  });

  test(`${name}: an interval that it loses is left empty, and named by file, tier and time`, async ({
    make,
  }) => {
    const bench = await make(name);
    await bench.addTalk('talk', [
      ['ann', [0, 1, text], [1.5, 1.65, long], [2, 3, other]],
      ['ben', [0, 2, other]],
    ]);
    const packaged = await bench.run(limits({}));
    assert.deepEqual(
      packaged.warnings
        .map(flat)
        .map(({ code, file, tier, interval, timeSec }) => [code, file, tier, interval, timeSec]),
      [['W_NOT_ALIGNED', 'talk.TextGrid', 'ann', 3, 1.5]],
    );
    const [grid] = await gridsOf(packaged, /talk\.TextGrid$/, /^IPA/);
    assert.deepEqual(labelsOf(grid?.tiers[1]), [...speech.words, other]);
    assert.deepEqual(labelsOf(grid?.tiers[2]), [text, long, other]);
  });

  test(`${name}: a recording that comes back empty fails the task, or is named where partial results are allowed`, async ({
    make,
  }) => {
    const bench = await make(name);
    await bench.addTalk('good', [['ann', [0, 2, text]]]);
    await bench.addTalk('sub/lost', [['ann', [1, 1.15, long]]]);
    const [fault, ...more] = await bench.faults(limits({}));
    assert.deepEqual(more, []);
    assert.deepEqual([fault?.code, fault?.place?.file], ['E_NOT_ALIGNED', 'sub/lost.wav']);
    const packaged = await bench.run({ ...limits({}), ...ALLOW });
    // The recording as a whole, and its interval.
    assert.deepEqual(codesOf(packaged), ['W_NOT_ALIGNED', 'W_NOT_ALIGNED']);
    assert.match(shown(packaged.warnings[0]), /^sub\/lost\.TextGrid: EMPTY: /);
    const [good] = await gridsOf(packaged, /good\.TextGrid$/, /^IPA/);
    assert.deepEqual(labelsOf(good?.tiers[1]), speech.words);
    assert.deepEqual(await bench.processes(), []);
  });

  test(`${name}: a kill is reported with the signal and the names of the user's files`, async ({ make }) => {
    const bench = await make(name, { kill: 'SIGSEGV', killedBy: 'SIGSEGV' });
    await bench.addTalk("day 1/it's", [['ann', [0, 2, text]]]);
    await bench.addTalk('b', [['ann', [0, 2, text]]]);
    const faults = await bench.faults(limits({}));
    assert.ok(
      faults.map(flat).every(({ code, message }) => code === 'E_ENGINE_FAILED' && /SIGSEGV/.test(message)),
    );
    assert.ok(
      faults.map(flat).every(({ message }) => !/\bf\d\b/.test(message)),
      JSON.stringify(faults),
    );
    if (name === 'FAVE' || name === 'FASE') {
      assert.deepEqual(
        faults.map(flat).map(({ file }) => file),
        ['b.wav', "day 1/it's.wav"],
      );
      assert.match(shown(faults[1]), /^day 1\/it's\.wav: /);
    }
  });

  test(`${name}: a hang is ended by its limits, with all its processes`, async ({ make }) => {
    const bench = await make(name, { hang: true });
    await bench.addTalk('talk', [['ann', [0, 2, text]]]);
    assert.equal((await bench.faults(limits({ timeoutSec: 1 })))[0]?.code, 'E_ENGINE_TIMEOUT');
    assert.equal((await bench.faults(limits({ silenceSec: 0.1 })))[0]?.code, 'E_ENGINE_SILENT');
    assert.deepEqual(await bench.processes(), []);
  });

  test(`${name}: an abort ends it and its children, which ignore SIGTERM, and leaves no audio behind`, async ({
    make,
  }) => {
    const socket = path.join(makeDir(), 'nobody');
    const bench = await make(name, { grandchildMarker: socket, hvite: socket, hang: true });
    await bench.addTalk('talk', [['ann', [0, 2, text]]]);
    const stop = new AbortController();
    const running = bench.run({
      ...limits({}),
      signal: stop.signal,
      log: { ...silentStart(() => stop.abort(new TaskError('E_STOPPED', 'stopping'))) },
    });
    await assert.rejects(running, { code: 'E_STOPPED' });
    assert.deepEqual(await bench.processes(), []);
    const left = await readdir(path.join(bench.dir, 'workspace1'));
    assert.ok(!left.includes('audio'), left.join());
  });

  test(`${name}: much output does not block it, and the log stays small`, async ({ make }) => {
    const bench = await make(name, { flood: true, floodBytes: 4_000_000 });
    await bench.addTalk('talk', [['ann', [0, 2, text]]]);
    assert.deepEqual(codesOf(await bench.run(limits({}))), []);
    assert.ok((await readFile(path.join(bench.dir, 'engine.log'))).length < 2.5 * 1024 ** 2);
  });

  test(`${name}: two tasks with files of the same names do not mix at the same time`, async ({ make }) => {
    const bench = await make(name);
    const tasks = [other, speech.words[0] ?? ''].map((word, n) => ({ word, taskPath: `ann/upl/task${n}` }));
    for (const { word, taskPath } of tasks) {
      await bench.addTalk(`../${path.basename(taskPath)}/talk`, [['ann', [0, 2, `${word} ${word}`]]]);
    }
    const results = await Promise.all(
      tasks.map(({ taskPath }) =>
        bench.run({
          ...limits({}),
          task: { taskId: 'task', userUuid: 'ann', lang: langOf(name), engine: null, taskPath },
        }),
      ),
    );
    for (const [n, { word }] of tasks.entries()) {
      const [grid] = await gridsOf(results[n] as Packaged, /talk\.TextGrid$/, /^IPA/);
      assert.deepEqual(labelsOf(grid?.tiers[1]), [word, word]);
    }
  });

  test(`${name}: input that would break it is refused before it starts, with all faults at once`, async ({
    make,
  }) => {
    const bench = await make(name);
    const audio = makeWav({ sampleRateHz: 16_000, samples: sine(200, 16_000, 3) });
    await bench.addTalk('a', [['ann', [0, 2, text]]]);
    await bench.add('a.wav', '');
    await bench.addTalk('b', [['ann', [0, 2, text]]]);
    await bench.add(
      'b.wav',
      makeWav({ sampleRateHz: 16_000, samples: sine(200, 16_000, 3), keepBytes: 5_000 }),
    );
    await bench.addTalk('c', [['ann', [2, 3, text]]]);
    await bench.add('c.wav', makeWav({ sampleRateHz: 16_000, samples: sine(200, 16_000, 1) }));
    await bench.addTalk('d', [['ann'], ['ben']]);
    await bench.add('e.wav', audio);
    await bench.add('e.TextGrid', rawGrid(`4\n0 1 ""\n1 1 "${other}"\n1 2 "${other}"\n2 3 ""`));
    await bench.addTalk('f', [['ann', [0, 2, text]]]);
    await bench.add('f.wav', 'no audio at all');
    assert.deepEqual(
      (await bench.faults(limits({})))
        .map(flat)
        .map(({ code, file }) => `${file} ${code}`)
        .sort(),
      [
        'a.wav E_AUDIO_EMPTY',
        'b.wav E_AUDIO_CUT_SHORT',
        'c.TextGrid E_AUDIO_TOO_SHORT',
        'd.TextGrid E_TRANSCRIPT_NO_WORDS',
        'e.TextGrid E_TRANSCRIPT_TIME',
        'f.wav E_AUDIO_FORMAT',
      ],
    );
    assert.ok(!existsSync(path.join(bench.dir, 'engine.log')));
  });

  test(`${name}: stereo at a low rate is converted, with a warning`, async ({ make }) => {
    const bench = await make(name);
    await bench.addTalk('talk', [['ann', [0, 2, text]]]);
    const samples = sine(200, 16_000, 3);
    await bench.add('talk.wav', makeWav({ sampleRateHz: 8_000, channelCount: 2, samples }));
    assert.deepEqual(codesOf(await bench.run(limits({}))).sort(), ['W_AUDIO_LOW_RATE', 'W_AUDIO_MIXED_DOWN']);
  });
}

test.run();

function langOf(name: EngineName): string {
  return {
    MFA1: 'iceIS_MFA1_v010',
    MFA2: 'engUS_MFA2_v020',
    FAVE: 'engUS_FAVE_v010',
    FASE: 'spaUS_FASE_v011',
  }[name];
}

function codesOf({ warnings }: Packaged): string[] {
  return warnings.map(({ code }) => code);
}

async function gridsOf({ zipPath }: Packaged, name: RegExp, except?: RegExp): Promise<TextGrid[]> {
  return [...(await readZip(zipPath))]
    .filter(([entry]) => name.test(entry) && entry.endsWith('.TextGrid') && except?.test(entry) !== true)
    .map(([entry, content]) => readTextGrid(content, entry));
}

function labelsOf(tier: Tier | undefined): string[] {
  const intervals = (tier as IntervalTier | undefined)?.intervals ?? [];
  return intervals.map(({ text }) => text).filter((text) => text !== '');
}

/** One tier that our writer would refuse. */
function rawGrid(intervals: string): string {
  return `"ooTextFile"\n"TextGrid"\n0 3\n<exists>\n1\n"IntervalTier"\n"ann"\n0 3\n${intervals}\n`;
}

/** A log that reports when an engine was started. */
function silentStart(onStart: () => void) {
  const log = {
    debug: () => undefined,
    info: (event: string) => {
      if (event === 'engine.started') onStart();
    },
    warn: () => undefined,
    error: () => undefined,
    with: () => log,
  };
  return log;
}
