import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { suite } from 'uvu';
import { TaskError } from '../../../src/base/errors.ts';
import type { Engine } from '../../../src/engines/engine.ts';
import { fillGaps, writeTextGrid } from '../../../src/formats/textgrid/write.ts';
import type { Language, Pronunciation } from '../../../src/lexicon/language.ts';
import { loadLanguage } from '../../../src/lexicon/load-languages.ts';
import { publishSuggestions } from '../../../src/pipeline/package/suggestions.ts';
import { createAudioDecoder } from '../../../src/pipeline/prepare/decode-audio.ts';
import { findInputFiles } from '../../../src/pipeline/prepare/input-files.ts';
import { inspect } from '../../../src/pipeline/prepare/inspect.ts';
import { chooseResources } from '../../../src/pipeline/resources.ts';
import {
  createPipelineBench,
  type PipelineBench,
  POLICY,
  TASK_LIMITS,
  TASK_PATH,
} from '../../../testing/pipeline.ts';
import { createTrivial, TRIVIAL_LANGUAGE } from '../../../testing/trivial-engine.ts';
import { makeWav, sine } from '../../../testing/wav.ts';
import { flat, shown } from '../../support/finding.ts';

const test = suite<{ dir: string; benches: PipelineBench[] }>('guessed pronunciations');

test.before.each(async (context) => {
  context.dir = await mkdtemp(path.join(os.tmpdir(), 'autophon-guess-'));
  context.benches = [];
});
test.after.each(async ({ dir, benches }) => {
  for (const bench of benches) await bench[Symbol.asyncDispose]();
  await rm(dir, { recursive: true, force: true });
});

const STRICT = {
  policy: { ...POLICY, unknownWords: 'fail' },
} as const;
const AUDIO = makeWav({ sampleRateHz: 16_000, samples: sine(200, 16_000, 2) });

type Guess = (words: readonly string[]) => Promise<Pronunciation[]> | Pronunciation[];

interface Setup {
  readonly text?: string;
  readonly engine?: Partial<Engine>;
  readonly language?: Partial<Language>;
}

/** A bench whose engine guesses, and the words that it was asked for. */
async function setUp(
  context: { dir: string; benches: PipelineBench[] },
  guess: Guess | null,
  { text = 'one zorp', engine = {}, language = {} }: Setup = {},
) {
  const trivial = createTrivial(context.dir);
  const asked: string[][] = [];
  const guesser: Engine = {
    ...trivial,
    ...engine,
    builtInLanguages: trivial.builtInLanguages.map((one) => ({
      ...one,
      g2pModelPath: 'model.zip',
      ...language,
    })),
    ...(guess === null
      ? {}
      : {
          pronounce: async (words) => {
            asked.push([...words]);
            return guess(words);
          },
        }),
  };
  const bench = await createPipelineBench(guesser);
  context.benches.push(bench);
  await bench.add('talk.wav', AUDIO);
  const intervals = fillGaps([{ startSec: 0.5, endSec: 1.5, text }], 0, 2);
  const tier = { kind: 'interval', name: 'ann', startSec: 0, endSec: 2, intervals } as const;
  await bench.add('talk.TextGrid', writeTextGrid({ startSec: 0, endSec: 2, tiers: [tier] }));
  return { bench, engine: guesser, asked };
}

const zorp: Guess = (words) =>
  words.filter((word) => word === 'zorp').map((word) => ({ word, phones: ['T', 'OW', 'N'] }));

test('a guessed word is aligned by its guess, reported with its place and phones, and counted', async (context) => {
  const { bench, asked } = await setUp(context, zorp, { text: 'one two Zorp, zorp' });
  const { counts, warnings, suggestions } = await bench.run(STRICT);
  assert.deepEqual(asked, [['zorp']]);
  assert.equal(counts.missingWordCount, 2);
  assert.deepEqual(
    warnings
      .map(flat)
      .map(({ code, file, tier, interval, timeSec }) => [code, file, tier, interval, timeSec]),
    [['W_WORD_GUESSED', 'talk.TextGrid', 'ann', 2, 0.5]],
  );
  assert.match(shown(warnings[0]), /aligned as T OW N, .*ann\/dic\/.*zorp<TAB>T OW N/);
  assert.match(suggestions ?? '', /^zorp\tT OW N$/m);
});

test('in a task without unknown words nothing is guessed, and nothing is suggested', async (context) => {
  const { bench, asked } = await setUp(context, zorp, { text: 'one two' });
  assert.equal((await bench.run()).suggestions, null);
  assert.deepEqual(asked, []);
});

test("a word of the user's dictionary is not guessed", async (context) => {
  const { bench, asked } = await setUp(context, zorp);
  await bench.add(`${TRIVIAL_LANGUAGE}.dict`, 'zorp\tW UW\n');
  assert.deepEqual((await bench.run()).warnings, []);
  assert.deepEqual(asked, []);
});

test('a word without a guess follows the policy of unknown words', async (context) => {
  const { bench } = await setUp(context, zorp, { text: 'one two zorp xyzzy' });
  const { warnings, counts, suggestions } = await bench.run();
  assert.deepEqual(
    warnings.map(({ code }) => code),
    ['W_WORD_GUESSED', 'W_WORD_UNKNOWN'],
  );
  assert.equal(counts.missingWordCount, 2);
  assert.match(suggestions ?? '', /^;; xyzzy\t$/m);
  const [fault, ...more] = await bench.faults(STRICT);
  assert.deepEqual(more, []);
  assert.match(shown(fault), /"xyzzy"/);
});

test('an engine that cannot align unknown words aligns guessed ones', async (context) => {
  const { bench } = await setUp(context, zorp, { engine: { unknownPhone: null } });
  assert.equal((await bench.run()).warnings[0]?.code, 'W_WORD_GUESSED');
  const other = await setUp(context, () => [], { engine: { unknownPhone: null } });
  assert.equal((await other.bench.faults())[0]?.code, 'E_WORDS_UNKNOWN');
});

test('a failure of the program loses only the guesses, with a warning', async (context) => {
  const fail = () => Promise.reject(new TaskError('E_ENGINE_MISSING', 'mfa: not found'));
  const { bench } = await setUp(context, fail);
  const { warnings } = await bench.run();
  assert.deepEqual(
    warnings.map(({ code }) => code),
    ['W_GUESSING_FAILED', 'W_WORD_UNKNOWN'],
  );
  assert.match(shown(warnings[0]), /1 word could not be guessed: TRIVIAL: mfa: not found/);
});

test('a guess with a phone that the language does not have would fail its engine, and is not used', async (context) => {
  const guess: Guess = () => [
    { word: 'zorp', phones: ['T', 'ʘ'] },
    { word: 'xyzzy', phones: ['T', 'IY'] },
  ];
  const { bench } = await setUp(context, guess, { text: 'one two three zorp xyzzy' });
  const { warnings } = await bench.run();
  assert.deepEqual(
    warnings.map(flat).map(({ code, message }) => [code, /: "(\w+)"/.exec(message)?.[1]]),
    [
      ['W_WORD_GUESSED', 'xyzzy'],
      ['W_WORD_UNKNOWN', 'zorp'],
    ],
  );
  const { bench: useless } = await setUp(context, () => [{ word: 'zorp', phones: ['ʘ'] }]);
  assert.match(shown((await useless.run()).warnings[0]), /phones that .* does not have, such as "ʘ"/);
});

test('a transcript with mostly guessed words gets a warning about its language', async (context) => {
  const guess: Guess = (words) => words.map((word) => ({ word, phones: ['T', 'IY'] }));
  const { bench } = await setUp(context, guess, { text: 'ein zwei two drei' });
  const { warnings } = await bench.run();
  assert.match(shown(warnings[0]), /^3 of 4 words are not in the dictionary .* is that the language/);
  assert.equal(warnings.length, 4);
});

test('no engine is started for a task that has another fault', async (context) => {
  const { bench, asked } = await setUp(context, zorp);
  await bench.add('more.wav', AUDIO);
  assert.equal((await bench.faults())[0]?.code, 'E_TRANSCRIPT_MISSING');
  await bench.add('more.TextGrid', 'no TextGrid');
  assert.equal((await bench.faults())[0]?.code, 'E_TEXTGRID_MALFORMED');
  assert.deepEqual(asked, []);
});

test('if an engine cannot guess, another one is asked, and the next if that one fails', async (context) => {
  const { bench, engine } = await setUp(context, null, { engine: { unknownPhone: null } });
  const other = (name: string, pronounce: NonNullable<Engine['pronounce']>): [string, Engine] => [
    name,
    { ...createTrivial(context.dir), name, pronounce },
  ];
  const engines = new Map([
    [engine.name, engine],
    other('A', () => Promise.reject(new TaskError('E_ENGINE_MISSING', 'not set'))),
    other('B', async (words) => zorp(words)),
  ]);
  const { warnings } = await bench.run({ engines });
  assert.deepEqual(
    warnings.map(({ code }) => code),
    ['W_WORD_GUESSED'],
  );
});

test('if an engine needs a pronunciation, each unknown word is named with the reason why there is no guess', async (context) => {
  const broken: Guess = () => {
    throw new TaskError('E_ENGINE_MISSING', 'mfa: not found');
  };
  const { bench } = await setUp(context, broken, { engine: { unknownPhone: null } });
  const [why, word, ...more] = await bench.faults();
  assert.deepEqual([why?.code, word?.code, more], ['E_WORDS_UNKNOWN', 'E_WORDS_UNKNOWN', []]);
  assert.match(shown(why), /1 word could not be guessed: TRIVIAL: mfa: not found/);
  assert.match(
    shown(word),
    /"zorp" is not in .*; TRIVIAL cannot align a word without a pronunciation, and no guess could be made of it; add it to your dictionary, ann\/dic\/\S+ or a file for --user-dict, as a line: zorp<TAB>PHONES/,
  );
});

test('for a language without a model no engine is asked', async (context) => {
  const { bench, asked } = await setUp(context, zorp, { language: { g2pModelPath: null } });
  assert.equal((await bench.run()).warnings[0]?.code, 'W_WORD_UNKNOWN');
  assert.deepEqual(asked, []);
});

test('an abort ends the task while words are guessed, and no other engine is asked', async (context) => {
  const stop = new AbortController();
  const { bench, engine } = await setUp(context, null);
  const guesser = (name: string): [string, Engine] => [
    name,
    {
      ...createTrivial(context.dir),
      name,
      pronounce: async () => {
        assert.ok(!stop.signal.aborted, 'asked after the abort');
        stop.abort(new TaskError('E_STOPPED', 'the instance is stopping'));
        throw new TaskError('E_ENGINE_FAILED', 'was ended by SIGTERM');
      },
    },
  ];
  const engines = new Map([[engine.name, engine], guesser('A'), guesser('B')]);
  await assert.rejects(bench.run({ engines, signal: stop.signal }), /SIGTERM/);
});

test('an inspection without engines does not refuse words that may still be guessed', async (context) => {
  const setup = { text: 'zorp xyzzy', engine: { unknownPhone: null } };
  for (const [model, codes] of [
    ['model.zip', ['W_WORD_UNKNOWN', 'W_WORD_UNKNOWN']],
    [null, ['E_WORDS_UNKNOWN', 'E_WORDS_UNKNOWN', 'E_WORDS_UNKNOWN']],
  ] as const) {
    const made = await setUp(context, zorp, { ...setup, language: { g2pModelPath: model } });
    const { bench, engine, asked } = made;
    const task = {
      taskId: 'task',
      userUuid: 'ann',
      lang: TRIVIAL_LANGUAGE,
      engine: null,
      taskPath: TASK_PATH,
    };
    const findLanguage = (code: string) =>
      loadLanguage(code, { adminDir: null, builtIn: engine.builtInLanguages });
    const input = await findInputFiles(bench.uploadsDir, task, TASK_LIMITS);
    const { dir } = input;
    const { faults, warnings } = await inspect(input, {
      resources: await chooseResources(task, findLanguage, new Map([[engine.name, engine]])),
      policy: STRICT.policy,
      columns: [],
      taskLimits: TASK_LIMITS,
      dir,
      uploadsDir: bench.uploadsDir,
      dictionary: { path: null, name: 'ann/dic/x.dict' },
      decodeAudio: createAudioDecoder({ ffmpeg: '/nowhere/ffmpeg', inherited: {} }),
      place: {
        scratchDir: dir,
        logPath: path.join(context.dir, 'log'),
        timeoutSec: 1,
        signal: new AbortController().signal,
      },
    });
    assert.deepEqual(
      [...faults, ...warnings].map(({ code }) => code),
      codes,
    );
    assert.deepEqual(asked, []);
  }
});

test('suggestions are published as a whole beside the dictionaries of their user, and may be written again', async ({
  dir,
}) => {
  await publishSuggestions(dir, 'ann/dic/missing/task.txt', 'zorp\tT\n');
  await publishSuggestions(dir, 'ann/dic/missing/task.txt', 'zorp\tT OW\n');
  const missing = path.join(dir, 'ann/dic/missing');
  assert.deepEqual(await readdir(missing), ['task.txt']);
  assert.equal(await readFile(path.join(missing, 'task.txt'), 'utf8'), 'zorp\tT OW\n');
});

test('suggestions are not written through a link that leads out of the uploads', async ({ dir }) => {
  const outside = path.join(dir, 'outside');
  const uploads = path.join(dir, 'uploads');
  for (const made of [outside, path.join(uploads, 'ann')]) await mkdir(made, { recursive: true });
  await symlink(outside, path.join(uploads, 'ann/dic'));
  await assert.rejects(publishSuggestions(uploads, 'ann/dic/missing/task.txt', 'x'), {
    code: 'E_PATH_OUTSIDE',
  });
  assert.deepEqual(await readdir(outside), []);

  const secret = path.join(outside, 'secret');
  await writeFile(secret, 'kept');
  await mkdir(path.join(uploads, 'ben/dic/missing'), { recursive: true });
  await symlink(secret, path.join(uploads, 'ben/dic/missing/task.txt'));
  await publishSuggestions(uploads, 'ben/dic/missing/task.txt', 'x');
  assert.equal(await readFile(secret, 'utf8'), 'kept');
  assert.ok(!existsSync(path.join(uploads, 'ben/dic/missing/task.txt.part')));
});

test.run();
