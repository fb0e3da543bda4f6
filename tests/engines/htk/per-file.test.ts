import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { suite } from 'uvu';
import { type ErrorCode, TaskError } from '../../../src/base/errors.ts';
import type { AlignedTier, AlignmentFile } from '../../../src/engines/engine.ts';
import { alignPerFile } from '../../../src/engines/htk/per-file.ts';
import { createScene, fileOf, requestOf, type Scene } from '../../../testing/htk.ts';
import { shown } from '../../support/finding.ts';

const test = suite<{ scene: Scene }>('one engine start per file');
test.before.each(async (context) => {
  context.scene = await createScene();
});
test.after.each(({ scene }) => scene.remove());

const filesNamed = (names: string): AlignmentFile[] =>
  [...names].map((name) => fileOf(name, `/audio/${name}.wav`, [[0, 1, 'la']]));
const tierOf = (file: AlignmentFile): AlignedTier => ({
  fileId: file.id,
  tierId: `${file.id}-t1`,
  words: [],
});
const failWith = (code: ErrorCode): never => {
  throw new TaskError(code, `the engine says ${code}`);
};

test('as many files are aligned at a time as there are cores, and no more', async ({ scene }) => {
  const context = await scene.context({ coreCount: 3 });
  const { promise: allCame, resolve } = Promise.withResolvers<void>();
  let nowCount = 0;
  let mostCount = 0;
  const tiers = await alignPerFile(requestOf('X', [], filesNamed('abcdefg')), context, async (file) => {
    nowCount += 1;
    mostCount = Math.max(mostCount, nowCount);
    if (nowCount === 3) resolve();
    await allCame;
    nowCount -= 1;
    return [tierOf(file)];
  });
  assert.equal(mostCount, 3);
  assert.equal(
    tiers
      .map((tier) => tier.fileId)
      .sort()
      .join(''),
    'abcdefg',
  );
});

test('the longest file is begun first, so that it does not keep a core busy at the end', async ({
  scene,
}) => {
  const files = filesNamed('abc').map((file, i) => ({ ...file, durationSec: [5, 60, 20][i] ?? 0 }));
  const begun: string[] = [];
  await alignPerFile(requestOf('X', [], files), await scene.context({ coreCount: 1 }), async (file) => {
    begun.push(file.id);
    return [tierOf(file)];
  });
  assert.deepEqual(begun, ['b', 'c', 'a']);
});

test('each file has an empty folder of its own', async ({ scene }) => {
  const dirs = new Set<string>();
  await alignPerFile(requestOf('X', [], filesNamed('ab')), await scene.context(), async (file, { dir }) => {
    assert.deepEqual(await readdir(dir), []);
    assert.match(path.basename(dir), /^\w+$/);
    dirs.add(dir);
    return [tierOf(file)];
  });
  assert.equal(dirs.size, 2);
});

test('a file that fails is missing in the result, and the log says why', async ({ scene }) => {
  const context = await scene.context();
  const tiers = await alignPerFile(requestOf('X', [], filesNamed('abc')), context, async (file) =>
    file.id === 'b' ? failWith('E_ENGINE_FAILED') : [tierOf(file)],
  );
  assert.deepEqual(tiers.map((tier) => tier.fileId).sort(), ['a', 'c']);
  assert.match(await readFile(context.logPath, 'utf8'), /file "b": the engine says E_ENGINE_FAILED\n/);
});

test('when all files fail the error carries the reason of each, in the order of the request', async ({
  scene,
}) => {
  const codes: Record<string, ErrorCode> = { a: 'E_ENGINE_TIMEOUT', b: 'E_ENGINE_FAILED' };
  const failed = alignPerFile(requestOf('X', [], filesNamed('ab')), await scene.context(), async (file) =>
    failWith(codes[file.id] ?? 'E_INTERNAL'),
  );
  await assert.rejects(failed, (error: TaskError) => {
    assert.equal(error.code, 'E_ENGINE_TIMEOUT');
    assert.deepEqual(error.faults.map(shown), [
      'a: the engine says E_ENGINE_TIMEOUT',
      'b: the engine says E_ENGINE_FAILED',
    ]);
    return true;
  });
});

test('a fault that every file would meet stops the others, and is thrown when they have ended', async ({
  scene,
}) => {
  const { promise: bothBegan, resolve } = Promise.withResolvers<void>();
  const ended: string[] = [];
  const begun: string[] = [];
  const failed = alignPerFile(
    requestOf('X', [], filesNamed('abc')),
    await scene.context(),
    async (file, context) => {
      begun.push(file.id);
      if (begun.length === 2) resolve();
      await bothBegan;
      if (file.id === 'a') failWith('E_DISK_FULL');
      await new Promise((_resolve, reject) => {
        context.signal.addEventListener('abort', () => {
          ended.push(file.id);
          reject(context.signal.reason);
        });
      });
      return [];
    },
  );
  await assert.rejects(failed, { code: 'E_DISK_FULL' });
  assert.deepEqual([begun.sort(), ended], [['a', 'b'], ['b']]);
});

test('an abort is passed on, and its reason is thrown when no file is being aligned any more', async ({
  scene,
}) => {
  const abort = new AbortController();
  const context = await scene.context({ signal: abort.signal, coreCount: 2 });
  const reason = new Error('the task was cancelled');
  let nowCount = 0;
  const failed = alignPerFile(requestOf('X', [], filesNamed('abcd')), context, async (_file, { signal }) => {
    nowCount += 1;
    if (nowCount === 2) abort.abort(reason);
    await new Promise((resolve) => {
      if (signal.aborted) resolve(undefined);
      else signal.addEventListener('abort', resolve);
    });
    await new Promise(setImmediate);
    nowCount -= 1;
    throw signal.reason;
  });
  await assert.rejects(failed, (error) => error === reason);
  assert.equal(nowCount, 0);
});

test('the time limit is one for all files', async ({ scene }) => {
  const left: number[] = [];
  const context = await scene.context({ timeoutSec: 100, coreCount: 1 });
  await alignPerFile(requestOf('X', [], filesNamed('ab')), context, async (file, { leftSec }) => {
    left.push(leftSec());
    await new Promise(setImmediate);
    return [tierOf(file)];
  });
  const [first = 0, second = 0] = left;
  assert.ok(first <= 100 && second < first, `left were ${left.join(' and ')} s`);
});

test('progress is the share of the audio that is done, failed files included', async ({ scene }) => {
  const files = filesNamed('abc').map((file, i) => ({ ...file, durationSec: [50, 30, 20][i] ?? 0 }));
  const reports: unknown[] = [];
  const context = await scene.context({ coreCount: 1, report: (...report) => reports.push(report) });
  await alignPerFile(requestOf('X', [], files), context, async (file) =>
    file.id === 'b' ? failWith('E_ENGINE_FAILED') : [tierOf(file)],
  );
  assert.deepEqual(reports, [
    [0.5, '1 of 3 files'],
    [0.8, '2 of 3 files'],
    [1, '3 of 3 files'],
  ]);
});

test.run();
