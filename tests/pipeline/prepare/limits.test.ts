import assert from 'node:assert/strict';
import { suite } from 'uvu';
import type { TaskLimits } from '../../../src/base/task-limits.ts';
import { writeTextGrid } from '../../../src/formats/textgrid/write.ts';
import { createPipelineBench, type PipelineBench, TASK_LIMITS } from '../../../testing/pipeline.ts';
import { TRIVIAL_LANGUAGE } from '../../../testing/trivial-engine.ts';
import { makeWav } from '../../../testing/wav.ts';
import { shown } from '../../support/finding.ts';

const test = suite<{ bench: PipelineBench }>('limits of a task');

/** Two recordings of one second, with three intervals each. */
test.before.each(async (context) => {
  context.bench = await createPipelineBench();
  for (const name of ['a', 'b']) {
    await context.bench.add(
      `${name}.wav`,
      makeWav({ sampleRateHz: 16_000, samples: new Float64Array(16_000) }),
    );
    await context.bench.add(`${name}.TextGrid`, transcript('one two'));
  }
});
test.after.each(async ({ bench }) => bench[Symbol.asyncDispose]());

const CASES: readonly (readonly [Partial<TaskLimits>, RegExp])[] = [
  [{ fileCount: 3 }, /^more than 3 files in the task \(MAX_FILES\): expected fewer; split it$/],
  [{ inputBytes: 32_768 }, /^the files of the task have more than 32 KiB \(MAX_TASK_SIZE\)/],
  [{ audioSec: 1.5 }, /^b\.wav: brings the task to 2\.0 s of audio; expected at most 1\.5 s \(MAX_AUDIO\)/],
  [
    { intervalCount: 5 },
    /^b\.TextGrid: brings the task to 6 intervals; expected at most 5 \(MAX_INTERVALS\)/,
  ],
  [
    { labelChars: 6 },
    /^a\.TextGrid tier "speaker" interval 2 \(0\.25 s\): a label of 7 characters; expected at most 6/,
  ],
  [{ dictionaryLines: 2 }, /^\w+\.dict: expected at most 2 lines \(MAX_DICTIONARY_LINES\), found more/],
];

for (const [limits, message] of CASES) {
  test(`${Object.keys(limits)[0]}: a task over the limit fails before the engine starts, with the value, the limit and its setting`, async ({
    bench,
  }) => {
    await addDictionary(bench, limits);
    const [fault] = await bench.faults({ taskLimits: { ...TASK_LIMITS, ...limits } });
    assert.equal(fault?.code, 'E_LIMIT');
    assert.match(shown(fault), message);
    assert.equal(
      bench.reports.some(({ stage }) => stage === 'align'),
      false,
    );
  });
}

test('a result that grows too large fails the task, and nothing of it stays', async ({ bench }) => {
  const [fault] = await bench.faults({ taskLimits: { ...TASK_LIMITS, resultBytes: 100 } });
  assert.equal(fault?.code, 'E_LIMIT');
  assert.match(shown(fault), /^the result is larger than 100 bytes \(MAX_RESULT_SIZE\): split the task$/);
});

test('a task that meets its limits exactly is aligned', async ({ bench }) => {
  const exact = { fileCount: 4, audioSec: 2, intervalCount: 6, labelChars: 7, dictionaryLines: 3 };
  await bench.run({ taskLimits: { ...TASK_LIMITS, ...exact } });
});

test.run();

/** Three lines. One more file would be too many files. */
async function addDictionary(bench: PipelineBench, limits: Partial<TaskLimits>): Promise<void> {
  if (limits.dictionaryLines === undefined) return;
  await bench.add(`${TRIVIAL_LANGUAGE}.dict`, 'aa\tAH\nbb\tAH\ncc\tAH\n');
}

function transcript(text: string): string {
  const label = (startSec: number, endSec: number, words: string) => ({ startSec, endSec, text: words });
  const intervals = [label(0, 0.25, ''), label(0.25, 0.75, text), label(0.75, 1, '')];
  const tier = { kind: 'interval', name: 'speaker', startSec: 0, endSec: 1, intervals } as const;
  return writeTextGrid({ startSec: 0, endSec: 1, tiers: [tier] });
}
