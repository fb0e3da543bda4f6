import assert from 'node:assert/strict';
import { suite } from 'uvu';
import { TaskError } from '../../../src/base/errors.ts';
import type {
  AlignedTier,
  AlignmentRequest,
  Doubt,
  Engine,
  EngineContext,
  Speech,
} from '../../../src/engines/engine.ts';
import { readTextGrid } from '../../../src/formats/textgrid/read.ts';
import type { Packaged } from '../../../src/pipeline/package/package.ts';
import { createPipelineBench, POLICY } from '../../../testing/pipeline.ts';
import { createTrivial } from '../../../testing/trivial-engine.ts';
import { makeWav, sine } from '../../../testing/wav.ts';
import { readZip } from '../../../testing/zip.ts';
import { flat, shown } from '../../support/finding.ts';

/** One word per second, spoken in its second. Words in capitals are not spoken. */
type Text = readonly string[];

const trivial = createTrivial('/nowhere');
const [language] = trivial.builtInLanguages;
/** 40 different words: numbers in their spelling. */
const NUMBERS = Array.from({ length: 40 }, (_, at) => `w${at}`);

const test = suite<{ benches: AsyncDisposable[] }>('parts of utterances');
test.before.each((context) => {
  context.benches = [];
});
test.after.each(async ({ benches }) => {
  for (const bench of benches) await bench[Symbol.asyncDispose]();
});

test('an engine gets short parts in place of a long interval, and its words are put together again', async (context) => {
  const { requests, run } = await make(context, NUMBERS.toSpliced(20, 2, 'NO', 'NEVER'));
  const { packaged, words } = await run();
  assert.deepEqual(words, NUMBERS.toSpliced(20, 2));
  assert.deepEqual(
    packaged.warnings
      .map(flat)
      .map(({ code, interval, timeSec }) => [code, interval, Math.round(timeSec ?? 0)]),
    [['W_NOT_SAID', 1, 20]],
  );
  const parts = utterancesOf(requests[0]);
  assert.ok(parts.length > 1 && parts.every(({ startSec, endSec }) => endSec - startSec < 27));
  assert.ok(parts.slice(1).every(({ startSec }, index) => startSec >= (parts[index]?.endSec ?? 0)));
  assert.deepEqual(
    parts.flatMap((part) => part.words),
    NUMBERS.toSpliced(20, 2),
  );
});

test('words that were not found where there is speech are left to the engine, and are marked as doubtful', async (context) => {
  const text = NUMBERS.toSpliced(20, 2, 'NO', 'NEVER');
  const { requests, run } = await make(context, text, { isLoud: true });
  const { packaged, words } = await run();
  assert.deepEqual(
    words,
    text.map((word) => word.toLowerCase()),
  );
  assert.deepEqual(
    packaged.warnings.map(flat).map(({ code, timeSec }) => [code, Math.round(timeSec ?? 0)]),
    [['W_DOUBTFUL', 20]],
  );
  const parts = utterancesOf(requests[0]);
  assert.ok(parts.slice(1).every(({ startSec }, index) => startSec >= (parts[index]?.endSec ?? 0)));
  const heard = await make(context, text, { isLoud: true, unwritten: [{ startSec: 20, endSec: 22 }] });
  const { warnings } = (await heard.run()).packaged;
  assert.deepEqual(new Set(warnings.map(({ code }) => code)), new Set(['W_NOT_SAID', 'W_NOT_WRITTEN']));
});

test('the first and last words of an interval are left to the engine, too', async (context) => {
  for (const at of [0, 38]) {
    const text = NUMBERS.toSpliced(at, 2, 'NO', 'NEVER');
    const { run } = await make(context, text, { isLoud: true });
    const { packaged, words } = await run();
    assert.deepEqual(
      words,
      text.map((word) => word.toLowerCase()),
    );
    const [warning, ...rest] = packaged.warnings;
    assert.deepEqual(rest, []);
    assert.match(shown(warning), /a first search for these words, with another model, did not find them/);
  }
});

test('speech that the text does not have is in no part, and gives a warning', async (context) => {
  const text = NUMBERS.toSpliced(20, 2);
  const { requests, run } = await make(context, text, { unwritten: [{ startSec: 20, endSec: 22 }] });
  const { packaged, words } = await run();
  assert.deepEqual(words, text);
  assert.deepEqual(
    packaged.warnings.map(flat).map(({ code, timeSec }) => [code, timeSec]),
    [['W_NOT_WRITTEN', 20]],
  );
  assert.ok(utterancesOf(requests[0]).every(({ startSec, endSec }) => endSec <= 21 || startSec >= 21));
});

test('doubts of the cutter are reported only where text and audio differ', async (context) => {
  const doubts = [{ startSec: 10, endSec: 12, reason: 'a bad fit' }];
  const clean = await make(context, NUMBERS, { doubts });
  assert.deepEqual((await clean.run()).packaged.warnings, []);
  const other = await make(context, NUMBERS.with(35, 'NO'), { doubts });
  const { warnings } = (await other.run()).packaged;
  assert.deepEqual(
    warnings.map(({ code }) => code),
    ['W_DOUBTFUL', 'W_NOT_SAID'],
  );
  assert.match(shown(warnings[0]), /interval 1 \(0\.00 to .* its words fit the audio badly/);
});

test('a lost part loses its own words only, which are named with their times', async (context) => {
  const { run } = await make(context, NUMBERS, { loses: (words) => words.includes('w3') });
  const { packaged, words } = await run();
  const lost = NUMBERS.length - words.length;
  assert.ok(lost > 0 && lost < 30, `${lost} words`);
  assert.deepEqual(words, NUMBERS.slice(lost));
  const [warning, ...more] = packaged.warnings;
  assert.deepEqual(
    [warning?.code, warning?.place?.interval, warning?.place?.timeSec, more],
    ['W_NOT_ALIGNED', 1, 0, []],
  );
  assert.match(shown(warning), new RegExp(`did not return ${lost} words of the text, left out: "w0 w1 `));
});

test('a part that only the second run finds is doubtful, with its own times, and the others are not tried again', async (context) => {
  const { requests, run } = await make(context, NUMBERS, { losesOnce: (words) => words.includes('w3') });
  const { packaged, words } = await run();
  assert.deepEqual(words, NUMBERS);
  assert.deepEqual(
    packaged.warnings.map(({ code }) => code),
    ['W_DOUBTFUL'],
  );
  assert.match(
    shown(packaged.warnings[0]),
    /interval 1 \(0\.00 to \d+\.\d\d s\): aligned only in the second/,
  );
  const [again, ...more] = utterancesOf(requests[1]);
  assert.deepEqual([again?.words[0], more], ['w0', []]);
});

test('where fewer than half of the words were found, the engine tries parts with all words first, then what was found in those that it lost', async (context) => {
  const text = NUMBERS.map((word, at) => (at < 30 ? word.toUpperCase() : word));
  const wide = await make(context, text);
  assert.equal((await wide.run()).words.length, 40);
  const narrow = await make(context, text, { loses: (words) => words.length > 30 });
  const { words, packaged } = await narrow.run();
  assert.deepEqual(words, NUMBERS.slice(30));
  assert.deepEqual(
    narrow.requests.map((request) => utterancesOf(request).flatMap((one) => one.words).length),
    [40, 2],
  );
  assert.deepEqual(new Set(packaged.warnings.map(({ code }) => code)), new Set(['W_DOUBTFUL', 'W_NOT_SAID']));
});

test('a long interval of which nothing was found is tried once, not twice', async (context) => {
  const text = NUMBERS.map((word) => word.toUpperCase());
  const { requests, bench } = await make(context, text, { loses: () => true });
  const [fault] = await bench.faults();
  assert.deepEqual([fault?.code, requests.length], ['E_NOT_ALIGNED', 1]);
});

test('by the model of another language an interval is cut into parts with all words, and nothing is reported about them', async (context) => {
  const text = NUMBERS.toSpliced(20, 2, 'NO', 'NEVER');
  const { requests, run, cutterRequests } = await make(context, text, {
    cutterCode: 'fraFR_CUTTER_v010',
    pauseSec: 0.3,
    unwritten: [{ startSec: 20, endSec: 22 }],
    loses: (words) => words.includes('no'),
  });
  const { packaged, words } = await run();
  const parts = utterancesOf(requests[0]);
  assert.ok(parts.length > 1);
  assert.deepEqual(
    parts.flatMap((part) => part.words),
    text.map((word) => word.toLowerCase()),
  );
  const lost = parts.find((part) => part.words.includes('no'))?.words ?? [];
  assert.deepEqual(
    words,
    parts.flatMap((part) => (part.words.includes('no') ? [] : part.words)),
  );
  assert.deepEqual(
    packaged.warnings.map(({ code }) => code),
    ['W_NOT_ALIGNED'],
  );
  assert.deepEqual(
    cutterRequests.map(({ isForeign, pronunciations }) => [isForeign, pronunciations[0]?.phones]),
    [[true, ['ai']]],
  );
  // Lost parts are tried a second time without changes.
  assert.deepEqual(
    utterancesOf(requests[1]).map((part) => part.words),
    [lost],
  );
});

test('a language whose phones are not known is not cut by the model of another', async (context) => {
  const { requests, cutCount, run } = await make(context, NUMBERS, {
    cutterCode: 'fraFR_CUTTER_v010',
    cutterIpa: new Map(),
  });
  assert.deepEqual((await run()).words, NUMBERS);
  assert.deepEqual([utterancesOf(requests[0]).length, cutCount()], [1, 0]);
});

test('a cutter that fails, and a site that wants none, leave an interval as it is', async (context) => {
  const failing = await make(context, NUMBERS, {
    cut: async () => {
      throw new TaskError('E_ENGINE_TIMEOUT', 'took too long');
    },
  });
  assert.deepEqual([(await failing.run()).words, failing.cutCount()], [NUMBERS, 1]);
  assert.deepEqual(utterancesOf(failing.requests[0]).length, 1);
  const none = await make(context, NUMBERS);
  await none.bench.run({ policy: { ...POLICY, cuts: 'never' } });
  assert.deepEqual([utterancesOf(none.requests[0]).length, none.cutCount()], [1, 0]);
});

test('a task that is aborted while it is cut ends at once', async (context) => {
  const controller = new AbortController();
  const { bench, requests } = await make(context, NUMBERS, {
    cut: async (_, { signal }) => {
      controller.abort(new Error('cancelled'));
      signal.throwIfAborted();
      return [];
    },
  });
  await assert.rejects(bench.run({ signal: controller.signal }), /cancelled/);
  assert.equal(requests.length, 0);
});

test('the cutter has part of the time that the task has', async (context) => {
  let timeoutSec = 0;
  const { run } = await make(context, NUMBERS, {
    cut: async (_, given) => {
      timeoutSec = given.timeoutSec;
      return [];
    },
  });
  await run();
  assert.ok(timeoutSec > 100 && timeoutSec <= 300, `${timeoutSec} s`);
});

test('progress never falls while a task is cut and aligned', async (context) => {
  const { bench, run } = await make(context, NUMBERS);
  await run();
  const progress = bench.reports.map((report) => report.progress);
  assert.deepEqual(
    progress,
    progress.toSorted((a, b) => a - b),
  );
});

test.run();

interface Behaviour {
  readonly unwritten?: readonly Speech[];
  readonly doubts?: readonly Doubt[];
  /** Whether there is speech in the seconds of the words that are not spoken. */
  readonly isLoud?: boolean;
  /** Words that the engine never returns, and words that it does not return in the first run. */
  readonly loses?: (words: readonly string[]) => boolean;
  readonly losesOnce?: (words: readonly string[]) => boolean;
  readonly cut?: Engine['align'];
  readonly cutterCode?: string;
  /** Phones in the cutter's dictionary. */
  readonly cutterIpa?: ReadonlyMap<string, string>;
  /** Seconds between two words. */
  readonly pauseSec?: number;
}

async function make({ benches }: { benches: AsyncDisposable[] }, text: Text, behaviour: Behaviour = {}) {
  const requests: AlignmentRequest[] = [];
  const never = () => false;
  const { loses = never, losesOnce = never, unwritten = [], doubts = [], isLoud = false } = behaviour;
  const engine: Engine = {
    ...trivial,
    align: async (request) => {
      requests.push(request);
      const isLost = requests.length === 1 ? losesOnce : never;
      return alignAll(request, (words) => (loses(words) || isLost(words) ? [] : words.map((_, at) => at)));
    },
  };
  let cutCount = 0;
  const cutterRequests: AlignmentRequest[] = [];
  const { cutterCode = 'engGB_CUTTER_v010', cutterIpa = new Map([['ai', 'ʌ']]), pauseSec = 0.1 } = behaviour;
  const phones = { phones: new Set(cutterIpa.keys()), ipa: cutterIpa };
  const cutter: Engine = {
    ...trivial,
    name: 'CUTTER',
    leavesOut: true,
    builtInLanguages: language === undefined ? [] : [{ ...language, ...phones, code: cutterCode }],
    align: async (request, context: EngineContext) => {
      cutCount += 1;
      cutterRequests.push(request);
      context.report(0.5);
      if (behaviour.cut !== undefined) return behaviour.cut(request, context);
      const isSaid = text.map((word) => word === word.toLowerCase());
      const tiers = alignAll(request, (words) => [...words.keys()].filter((at) => isSaid[at] === true), {
        isPlaced: true,
        pauseSec,
      });
      return tiers.map((tier) => ({ ...tier, unwritten, doubts }));
    },
  };
  const bench = await createPipelineBench(engine, {
    engines: new Map([engine, cutter].map((one) => [one.name, one])),
    policy: POLICY,
  });
  benches.push(bench);
  const lines = [...NUMBERS, 'no', 'never'].map((word) => `${word}\tAH\n`);
  await bench.add('../../dic/engUS_TRIVIAL_v010.dict', lines.join(''));
  const isSilent = (at: number) => !isLoud && /[A-Z]/.test(text[Math.floor(at / 16_000)] ?? '');
  const samples = sine(200, 16_000, 40).map((sample, at) => (isSilent(at) ? 0 : sample));
  await bench.add('talk.wav', makeWav({ samples }));
  await bench.add('talk.TextGrid', transcriptOf(text.join(' ')));
  const run = async () => {
    const packaged = await bench.run();
    return { packaged, words: await wordsOf(packaged) };
  };
  return { bench, requests, run, cutterRequests, cutCount: () => cutCount };
}

/** Returns some of the words of each utterance, each one second long, with their places if it knows them. */
function alignAll(
  { files }: AlignmentRequest,
  choose: (words: readonly string[]) => readonly number[],
  { isPlaced = false, pauseSec = 0.1 } = {},
): AlignedTier[] {
  return files.flatMap(({ id: fileId, tiers }) =>
    tiers.map(({ id: tierId, utterances }) => ({
      fileId,
      tierId,
      words: utterances.flatMap(({ startSec, endSec, words }) => {
        const stepSec = (endSec - startSec) / words.length;
        return choose(words).map((at) => {
          const span = {
            startSec: startSec + at * stepSec,
            endSec: startSec + (at + 1 - pauseSec) * stepSec,
          };
          const word = { label: words[at] ?? '', ...span, phones: [{ label: 'AH', ...span }] };
          return isPlaced ? { ...word, at } : word;
        });
      }),
    })),
  );
}

function utterancesOf(request: AlignmentRequest | undefined) {
  return request?.files.flatMap(({ tiers }) => tiers.flatMap(({ utterances }) => utterances)) ?? [];
}

async function wordsOf({ zipPath }: Packaged): Promise<string[]> {
  const entries = await readZip(zipPath);
  const grid = readTextGrid(entries.get('ARPAbet/talk.TextGrid') ?? '', 'result');
  const tier = grid.tiers.find(({ name }) => name === 'ann - word');
  const labels = tier?.kind === 'interval' ? tier.intervals.map(({ text }) => text) : [];
  return labels.filter((label) => label !== '').map((label) => label.toLowerCase());
}

/** One interval of 40 s. */
function transcriptOf(text: string): string {
  const head = ['File type = "ooTextFile"', 'Object class = "TextGrid"', '', 0, 40, '<exists>', 1];
  return [...head, '"IntervalTier"', '"ann"', 0, 40, 1, 0, 40, `"${text}"`, ''].join('\n');
}
