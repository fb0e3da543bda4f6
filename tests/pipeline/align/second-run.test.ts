import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { AlignedTier, AlignmentRequest, Engine } from '../../../src/engines/engine.ts';
import type { EngineBench } from '../../../testing/engine-bench.ts';
import { createPipelineBench, type PipelineBench, POLICY } from '../../../testing/pipeline.ts';
import { createTrivial } from '../../../testing/trivial-engine.ts';
import { makeWav, sine } from '../../../testing/wav.ts';
import { type EngineSuite, suiteWithEngines } from '../../support/engine-suite.ts';
import { flat, shown } from '../../support/finding.ts';

const test = suiteWithEngines('the second run');

const WIDE = { ...POLICY, search: 'wide' } as const;

/** The arguments of each start of an engine, in order. */
async function startsOf({ dir }: PipelineBench): Promise<string[][]> {
  const log = await readFile(path.join(dir, 'engine.log'), 'utf8');
  return [...log.matchAll(/^== \S+ started, process \d+: (.*)$/gm)].map(
    ([, argv]) => JSON.parse(argv ?? '[]') as string[],
  );
}

for (const [name, one, other, isWide] of [
  ['MFA1', 'akur', 'hjarta', (argv: string[]) => argv.includes('-n')],
  // With an option before the folders, MFA would take its values for folders.
  ['MFA2', 'dog', 'water', (argv: string[]) => argv.slice(-4).join(' ') === '--beam 100 --retry_beam 400'],
] as const) {
  const makeTalk = async (make: EngineSuite['make']): Promise<EngineBench> => {
    const bench = await make(name, { poorModel: true });
    await bench.addTalk('talk', [
      ['ann', [0, 1, one], [1, 1.2, other]],
      ['ben', [1, 1.2, other], [2, 3, one]],
    ]);
    return bench;
  };

  test(`${name}: progress does not fall when a second run begins`, async ({ make }) => {
    const bench = await makeTalk(make);
    await bench.run();
    const shares = bench.reports.map(({ progress }) => progress);
    assert.deepEqual(
      shares,
      shares.toSorted((a, b) => a - b),
    );
  });

  test(`${name}: intervals that the usual search loses come back from one start with a wide search, and are marked`, async ({
    make,
  }) => {
    const bench = await makeTalk(make);
    const { warnings } = await bench.run();
    assert.deepEqual(
      warnings.map(flat).map(({ code, tier, interval }) => [code, tier, interval]),
      [
        ['W_DOUBTFUL', 'ann', 2],
        ['W_DOUBTFUL', 'ben', 2],
      ],
    );
    assert.match(
      shown(warnings[0]),
      /interval 2 \(1\.00 s\): aligned only in the second run, which tries what the first has lost/,
    );
    assert.deepEqual((await startsOf(bench)).map(isWide), [false, true]);
  });

  test(`${name}: a task that asks for a wide search gets it from the start, and nothing is marked`, async ({
    make,
  }) => {
    const bench = await makeTalk(make);
    assert.deepEqual((await bench.run({ policy: WIDE })).warnings, []);
    assert.deepEqual((await startsOf(bench)).map(isWide), [true]);
  });
}

test('FAVE: three good intervals behind 22 that cannot be aligned are delivered', async ({ make }) => {
  const bench = await make('FAVE');
  const bad = Array.from({ length: 22 }, (_, at) => [at, at + 0.15, 'respectable'] as const);
  const good = [24, 26, 28].map((at) => [at, at + 1, 'read'] as const);
  await bench.addTalk('talk', [['ann', ...bad, ...good]], 30);
  const { warnings } = await bench.run();
  assert.deepEqual(
    warnings.map(flat).map(({ code, interval }) => `${code} ${interval}`),
    bad.map((_, at) => `W_NOT_ALIGNED ${2 * at + 1}`),
  );
});

test('FAVE: an interval that comes back without a word keeps the others, and the word is named with its place', async ({
  make,
}) => {
  // The token of "he".
  const bench = await make('FAVE', { forget: 'XAAB' });
  await bench.addTalk('talk', [['ann', [0, 1, 'then'], [1, 3, 'he was very easy then']]]);
  const { warnings } = await bench.run();
  const places = warnings.map(flat).map(({ code, tier, interval }) => [code, tier, interval]);
  assert.deepEqual(places.slice(-2), [
    ['W_DOUBTFUL', 'ann', 2],
    ['W_NOT_ALIGNED', 'ann', 2],
  ]);
  assert.match(shown(warnings.at(-1)), /FAVE did not return 1 word of the text, left out: "he"/);
});

test('if both runs lose words of an interval, the one with more words counts', async ({ benches }) => {
  for (const [first, second, expected, doubt] of [
    [3, 4, 4, /aligned only in the second run/],
    [3, 3, 3, /too few or too many words/],
    [4, 3, 4, null],
  ] as const) {
    const { engine, requests } = listener(({ files, search }) =>
      files.flatMap(({ id: fileId, tiers }) =>
        tiers.map(({ id: tierId, utterances }) => {
          const count = search === 'wide' ? second : first;
          const words = utterances.flatMap(({ words: own }) =>
            own
              .slice(0, count)
              .flatMap((word, at) => toWord({ startSec: at / 4, endSec: at / 4 + 0.2, words: [word] })),
          );
          return { fileId, tierId, words };
        }),
      ),
    );
    const bench = await createPipelineBench(engine);
    benches.push(bench);
    await bench.add('a.wav', makeWav({ samples: sine(200, 16_000, 1) }));
    await bench.add('a.TextGrid', transcriptOf(['one two three slow']));
    const { warnings } = await bench.run();
    assert.equal(requests.length, doubt === null ? 1 : 2);
    assert.ok(doubt === null ? warnings.length === 0 : doubt.test(shown(warnings[0])), shown(warnings[0]));
    const missing = warnings.filter(({ code }) => code === 'W_NOT_ALIGNED');
    assert.equal(missing.length, expected === 4 ? 0 : 1);
  }
});

/** Remembers the requests, and answers as a test says. */
function listener(answer: (request: AlignmentRequest) => AlignedTier[]): {
  engine: Engine;
  requests: AlignmentRequest[];
} {
  const requests: AlignmentRequest[] = [];
  const engine: Engine = {
    ...createTrivial('/nowhere'),
    align: async (request) => {
      requests.push(request);
      return answer(request);
    },
  };
  return { engine, requests };
}

const wordsOf = (request: AlignmentRequest | undefined): string[][] =>
  request?.files.flatMap(({ tiers }) =>
    tiers.map(({ utterances }) => utterances.flatMap(({ words }) => words)),
  ) ?? [];

test('in the second run each lost interval is a speaker of its own, untried ones first; only the tried ones are doubtful', async ({
  benches,
}) => {
  const { engine, requests } = listener((request) =>
    request.files.flatMap(({ id: fileId, tiers }) =>
      tiers.map(({ id: tierId, utterances }) =>
        request.search === 'wide'
          ? { fileId, tierId, words: utterances.flatMap(toWord) }
          : { fileId, tierId, words: utterances.slice(0, 1).flatMap(toWord), untried: utterances.slice(2) },
      ),
    ),
  );
  const bench = await createPipelineBench(engine);
  benches.push(bench);
  await bench.add('a.wav', makeWav({ samples: sine(200, 16_000, 4) }));
  await bench.add('a.TextGrid', transcriptOf(['one', 'two', 'three', 'slow']));
  const policy = { ...WIDE, search: 'usual', speakers: 'names' } as const;
  const { warnings } = await bench.run({ policy });
  assert.deepEqual(requests.map(wordsOf), [
    [['one', 'two', 'three', 'slow']],
    [['three'], ['slow'], ['two']],
  ]);
  assert.deepEqual(
    requests.map(({ files }) => files[0]?.tiers.map(({ speaker }) => speaker)),
    [['p1'], [undefined, undefined, undefined]],
  );
  const ids = requests[1]?.files[0]?.tiers.map(({ id }) => id) ?? [];
  assert.equal(new Set(ids).size, 3);
  assert.deepEqual(
    warnings.map(flat).map(({ code, interval }) => [code, interval]),
    [['W_DOUBTFUL', 2]],
  );
});

test('an interval that neither run has come to is reported as not tried, with what to do', async ({
  benches,
}) => {
  const { engine } = listener(({ files, search }) =>
    files.flatMap(({ id: fileId, tiers }) =>
      tiers.map(({ id: tierId, utterances }) => {
        const [said] = utterances.filter(({ words }) => words[0] === 'one');
        const isTried = search === 'wide' ? /two|three/ : /one|two/;
        const untried = utterances.filter(({ words }) => !isTried.test(words[0] ?? ''));
        return { fileId, tierId, words: said === undefined ? [] : toWord(said), untried };
      }),
    ),
  );
  for (const [words, empty] of [
    [['one', 'two', 'three', 'slow'], null],
    [['two', 'three', 'slow'], /none of its 3 intervals, and was not tried with 1 of them/],
  ] as const) {
    const bench = await createPipelineBench(engine);
    benches.push(bench);
    await bench.add('a.wav', makeWav({ samples: sine(200, 16_000, words.length) }));
    await bench.add('a.TextGrid', transcriptOf(words));
    if (empty !== null) {
      assert.match(shown((await bench.faults())[0]), empty);
      continue;
    }
    const { warnings } = await bench.run();
    assert.deepEqual(
      warnings.map(flat).map(({ code, interval }) => [code, interval]),
      [2, 3, 4].map((interval) => ['W_NOT_ALIGNED', interval]),
    );
    assert.match(shown(warnings[1]), /not aligned, left empty/);
    assert.match(shown(warnings[2]), /not tried, left empty\. TRIVIAL failed at too many other intervals/);
    assert.match(shown(warnings[2]), /Correct or remove those that are reported as not aligned/);
  }
});

function toWord({
  startSec,
  endSec,
  words: [label = ''],
}: {
  startSec: number;
  endSec: number;
  words: readonly string[];
}) {
  return [{ label, startSec, endSec, phones: [{ label: 'AH', startSec, endSec }] }];
}

/** One second for each word, in one tier. */
function transcriptOf(words: readonly string[]): string {
  const lines = words.flatMap((word, at) => [at, at + 1, `"${word}"`]);
  const head = ['File type = "ooTextFile"', 'Object class = "TextGrid"', '', 0, words.length, '<exists>', 1];
  return [...head, '"IntervalTier"', '"ann"', 0, words.length, words.length, ...lines, ''].join('\n');
}

test.run();
