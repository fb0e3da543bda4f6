import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { suite } from 'uvu';
import { TaskError } from '../../src/base/errors.ts';
import type {
  AlignedTier,
  AlignmentFile,
  AlignmentRequest,
  AlignmentTier,
  Engine,
  EngineContext,
  Utterance,
} from '../../src/engines/engine.ts';
import type { TextGrid } from '../../src/formats/textgrid/model.ts';
import { fillGaps, writeTextGrid } from '../../src/formats/textgrid/write.ts';
import { readWavHeader } from '../../src/formats/wav-header.ts';
import { writeMonoPcm16 } from '../../src/formats/wav-pcm.ts';
import { createPipelineBench } from '../../testing/pipeline.ts';
import { isAlive } from '../support/processes.ts';

/** An engine under test. */
export interface ConformanceEngines {
  /** An engine that works. */
  readonly working: () => Engine | Promise<Engine>;
  /** An engine whose program starts, but neither ends nor prints anything. */
  readonly hanging: () => Engine | Promise<Engine>;
  /** An engine whose program is not installed. */
  readonly missing: () => Engine | Promise<Engine>;
  /** Its program prints nothing while it works. So only a silence as long as the audio means that it hangs. */
  readonly isSilent?: boolean;
}

export interface ConformanceFixtures extends Pick<AlignmentRequest, 'language' | 'pronunciations'> {
  /** Two files with two tiers each, all with different words; every tier id is unique. */
  readonly files: readonly [AlignmentFile, AlignmentFile];
  /** Utterances that the engine cannot align, in the first file, between its other utterances or instead of them. */
  readonly hopeless: Utterance;
}

/** Rounding that an engine may do. */
const TOLERANCE_SEC = 0.0015;
const LIMIT_SEC = 600;

/**
 * Registers and runs the tests that every engine has to pass. An engine that passes is ready for use: no other part of
 * the program knows which engine runs.
 */
export function engineConformance(
  name: string,
  engines: ConformanceEngines,
  fixtures: ConformanceFixtures,
): void {
  const test = suite(name);
  const root = mkdtempSync(path.join(os.tmpdir(), 'autophon-conformance-'));
  let runCount = 0;
  const makeContext = (changes: Partial<EngineContext> = {}): EngineContext => {
    const runDir = path.join(root, `run${++runCount}`);
    mkdirSync(path.join(runDir, 'work'), { recursive: true });
    return {
      workDir: path.join(runDir, 'work'),
      logPath: path.join(runDir, 'log'),
      coreCount: 2,
      timeoutSec: LIMIT_SEC,
      silenceSec: LIMIT_SEC,
      signal: new AbortController().signal,
      report: () => undefined,
      ...changes,
    };
  };
  const { language, pronunciations, files } = fixtures;
  const request: AlignmentRequest = { language, pronunciations, files };

  test.after(() => rmSync(root, { recursive: true, force: true }));

  test('aligns two files of two tiers: all words, in order, inside their utterances, tiled by phones', async () => {
    const engine = await engines.working();
    const aligned = await engine.align(request, makeContext());
    for (const file of files) {
      for (const tier of file.tiers) assertAligned(file, tier, aligned);
    }
    assert.equal(aligned.length, 4);
  });

  test('phones are those of a pronunciation of their word', async () => {
    const engine = await engines.working();
    for (const { words } of await engine.align(request, makeContext())) {
      for (const { label, phones } of words) {
        const said = phones.map((phone) => phone.label).join(' ');
        const known = pronunciations.filter(({ word }) => word === label).map((one) => one.phones.join(' '));
        assert.ok(known.includes(said), `${label}: ${said}; known: ${known.join(', ')}`);
      }
    }
  });

  test('says which processes it starts and how far it is, and leaves no process', async () => {
    const engine = await engines.working();
    const pids: number[] = [];
    const progress: number[] = [];
    await engine.align(
      request,
      makeContext({ onStart: (pid) => pids.push(pid), report: (share) => progress.push(share) }),
    );
    assert.ok(pids.length > 0);
    assert.deepEqual(pids.filter(isAlive), []);
    assert.ok(progress.every((share) => share >= 0 && share <= 1));
    assert.deepEqual(
      progress,
      progress.toSorted((a, b) => a - b),
    );
  });

  test('writes nowhere but in its folder and its log', async () => {
    const engine = await engines.working();
    const context = makeContext();
    const audioDirs = [...new Set(files.map(({ audioPath }) => path.dirname(audioPath)))];
    const before = audioDirs.map(listFiles);
    await engine.align(request, context);
    assert.deepEqual(audioDirs.map(listFiles), before);
    assert.deepEqual(readdirSync(path.dirname(context.workDir)).sort(), ['log', 'work']);
  });

  test('an utterance that cannot be aligned is missing, the others come back', async () => {
    const engine = await engines.working();
    const [first, second] = files;
    const tier: AlignmentTier = { id: 'hopeless', utterances: [fixtures.hopeless] };
    const aligned = await engine.align(
      { ...request, files: [{ ...first, tiers: [...first.tiers, tier] }, second] },
      makeContext(),
    );
    assert.deepEqual(aligned.find(({ tierId }) => tierId === 'hopeless')?.words ?? [], []);
    for (const file of files) {
      for (const one of file.tiers) assertAligned(file, one, aligned);
    }
  });

  test('the same task gives the same bytes, on a worker with few cores and on one with many', async () => {
    const engine = await engines.working();
    await using bench = await createPipelineBench(engine);
    const dictionaryPath = path.join(bench.dir, 'task.dict');
    const lines = pronunciations.map(({ word, phones }) => `${word}\t${phones.join(' ')}\n`);
    writeFileSync(dictionaryPath, lines.join(''));
    for (const file of files) {
      await bench.add(`${file.id}.wav`, await atAnotherRate(file, bench.dir));
      await bench.add(`${file.id}.TextGrid`, writeTextGrid(toTranscript(file)));
    }
    const zips = [];
    for (const coreCount of [1, 3]) {
      const { zipPath } = await bench.run({
        findLanguage: async () => ({
          ...language,
          engine: engine.name,
          dictionaryPath,
          complexDictionaryPath: null,
        }),
        limits: { coreCount, timeoutSec: LIMIT_SEC, silenceSec: LIMIT_SEC },
      });
      zips.push(readFileSync(zipPath));
    }
    assert.ok(zips[0]?.equals(zips[1] ?? Buffer.alloc(0)));
  });

  test('two runs at once with the same names do not mix', async () => {
    const engine = await engines.working();
    const [first, second] = files;
    // The same ids for other audio and words.
    const renamed = rename(second, first);
    const [mine, other] = await Promise.all([
      engine.align({ ...request, files: [first] }, makeContext()),
      engine.align({ ...request, files: [renamed] }, makeContext()),
    ]);
    for (const tier of first.tiers) assertAligned(first, tier, mine);
    for (const tier of renamed.tiers) assertAligned(renamed, tier, other);
  });

  test('an abort in the middle of a run rejects with its reason and leaves no process', async () => {
    const engine = await engines.hanging();
    const reason = new Error('no longer wanted');
    const stop = new AbortController();
    const pids: number[] = [];
    const onStart = (pid: number): void => {
      pids.push(pid);
      stop.abort(reason);
    };
    const run = engine.align(request, makeContext({ signal: stop.signal, onStart }));
    await assert.rejects(run, (error) => error === reason);
    assert.ok(pids.length > 0);
    assert.deepEqual(pids.filter(isAlive), []);
  });

  test('an abort before the run starts nothing', async () => {
    const engine = await engines.working();
    const reason = new Error('too late');
    const pids: number[] = [];
    const context = makeContext({ signal: AbortSignal.abort(reason), onStart: (pid) => pids.push(pid) });
    await assert.rejects(engine.align(request, context), (error) => error === reason);
    assert.deepEqual(pids, []);
  });

  const timeLimit = ['its time limit', { timeoutSec: 0.4 }, 'E_ENGINE_TIMEOUT'] as const;
  const silence = ['a long silence', { silenceSec: 0.4 }, 'E_ENGINE_SILENT'] as const;
  for (const [what, limits, code] of engines.isSilent === true ? [timeLimit] : [timeLimit, silence]) {
    test(`it is ended with ${code} after ${what}`, async () => {
      const engine = await engines.hanging();
      const pids: number[] = [];
      const context = makeContext({ ...limits, onStart: (pid) => pids.push(pid) });
      await assert.rejects(
        engine.align(request, context),
        (error) => error instanceof TaskError && error.code === code,
      );
      assert.deepEqual(pids.filter(isAlive), []);
    });
  }

  test('is ready, and says its version', async () => {
    const engine = await engines.working();
    const { state, version, note } = await engine.check(new AbortController().signal);
    assert.equal(state, 'ready', note);
    assert.match(version ?? '', /\d/);
  });

  test('says what is missing and how to fix it', async () => {
    const engine = await engines.missing();
    const { state, version, note } = await engine.check(new AbortController().signal);
    assert.deepEqual([state, version], ['missing', null]);
    assert.match(note, /; \w+ |: \w+ |set [A-Z]/);
  });

  test('a check that is aborted does not throw', async () => {
    const engine = await engines.working();
    const { note } = await engine.check(AbortSignal.abort(new Error('stop')));
    assert.equal(typeof note, 'string');
  });

  test.run();
}

function assertAligned(file: AlignmentFile, tier: AlignmentTier, aligned: readonly AlignedTier[]): void {
  const found = aligned.filter(({ fileId, tierId }) => fileId === file.id && tierId === tier.id);
  assert.equal(found.length, 1, `tier ${tier.id} of file ${file.id}`);
  const words = found[0]?.words ?? [];
  assert.deepEqual(
    words.map(({ label }) => label),
    tier.utterances.flatMap((utterance) => utterance.words),
  );
  let lastEndSec = 0;
  for (const word of words) {
    assert.ok(word.startSec >= lastEndSec - TOLERANCE_SEC && word.endSec > word.startSec, word.label);
    lastEndSec = word.endSec;
    const isInside = (one: Utterance): boolean =>
      word.startSec >= one.startSec - TOLERANCE_SEC && word.endSec <= one.endSec + TOLERANCE_SEC;
    assert.ok(tier.utterances.some(isInside), `${word.label}: ${word.startSec} to ${word.endSec} s`);
    assert.equal(word.phones[0]?.startSec, word.startSec, word.label);
    assert.equal(word.phones.at(-1)?.endSec, word.endSec, word.label);
    for (const [at, phone] of word.phones.entries()) {
      assert.ok(phone.endSec > phone.startSec, `${word.label}: ${phone.label}`);
      if (at > 0) assert.equal(phone.startSec, word.phones[at - 1]?.endSec, word.label);
    }
  }
}

/** Few engines have a model for this rate, and their conversion may differ from run to run. */
const ANOTHER_RATE_HZ = 44_100;

async function atAnotherRate({ id, audioPath }: AlignmentFile, dir: string): Promise<Buffer> {
  const resampled = path.join(dir, `${id}.wav`);
  const info = await readWavHeader(audioPath, 'a.wav');
  await writeMonoPcm16({ path: audioPath, info }, resampled, {
    targetRateHz: ANOTHER_RATE_HZ,
    signal: new AbortController().signal,
  });
  return readFileSync(resampled);
}

function toTranscript({ durationSec, tiers }: AlignmentFile): TextGrid {
  const whole = { startSec: 0, endSec: durationSec };
  return {
    ...whole,
    tiers: tiers.map(({ id, utterances }) => {
      const intervals = utterances.map(({ startSec, endSec, words }) => ({
        startSec,
        endSec,
        text: words.join(' '),
      }));
      return { kind: 'interval', name: id, ...whole, intervals: fillGaps(intervals, 0, durationSec) };
    }),
  };
}

function rename(file: AlignmentFile, like: AlignmentFile): AlignmentFile {
  const tiers = file.tiers.map((tier, at) => ({ ...tier, id: like.tiers[at]?.id ?? tier.id }));
  return { ...file, id: like.id, tiers };
}

function listFiles(dir: string): string[] {
  return readdirSync(dir)
    .sort()
    .map((name) => {
      const { size, mtimeMs, isDirectory } = describe(path.join(dir, name));
      return isDirectory ? name : `${name} ${size} ${mtimeMs}`;
    });
}

function describe(file: string): { size: number; mtimeMs: number; isDirectory: boolean } {
  const found = statSync(file);
  return { size: found.size, mtimeMs: found.mtimeMs, isDirectory: found.isDirectory() };
}
