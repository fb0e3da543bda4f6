import assert from 'node:assert/strict';
import path from 'node:path';
import { suite } from 'uvu';
import type { AlignedTier, AlignmentFile, EngineContext } from '../../../src/engines/engine.ts';
import { createFase } from '../../../src/engines/htk/fase.ts';
import { type FaseMode, installFase } from '../../../testing/fase.ts';
import {
  createScene,
  fileOf,
  requestOf,
  type Said,
  type Scene,
  textsOf,
  writeWav,
} from '../../../testing/htk.ts';

const DICTIONARY = ['la l a', 'casa k a s a', 'río R i o', 'río r i o', 'sí s i', 'año a NY o'];
/** No frame of audio: HTK stops at it. */
const NO_FRAME: Said = [5, 5.02, 'sí'];
/** Two words and six phones in 150 ms: HTK finds no path. */
const TOO_SHORT: Said = [5, 5.15, 'la casa'];

interface Setup {
  scene: Scene;
  wav: string;
}

const test = suite<Setup>('what faseAlign loses');
test.before.each(async (setup) => {
  setup.scene = await createScene();
  setup.wav = path.join(setup.scene.dir, 'a.wav');
  await writeWav(setup.wav, 30);
});
test.after.each(({ scene }) => scene.remove());

interface Run {
  readonly mode?: FaseMode;
  readonly tools?: readonly string[];
  readonly dictionary?: readonly string[];
  readonly context?: Partial<EngineContext>;
}

async function align({ scene }: Setup, files: AlignmentFile[], run: Run = {}): Promise<AlignedTier[]> {
  const fase = createFase(await installFase(scene.dir, run.mode, run.tools));
  const context = await scene.context(run.context);
  return fase.align(requestOf('FASE', run.dictionary ?? DICTIONARY, files), context);
}

test('an interval that cannot be aligned is missing and the rest is there', async (setup) => {
  const tiers = await align(setup, [fileOf('a', setup.wav, [[1, 2, 'la'], TOO_SHORT, [6, 7, 'casa']])]);
  assert.deepEqual(textsOf(tiers), ['a-t1: la casa']);
});

test('an interval of digital silence is missing and the rest is there', async (setup) => {
  await writeWav(setup.wav, 30, { silentSec: [3, 4] });
  const tiers = await align(setup, [
    fileOf('a', setup.wav, [
      [1, 2, 'la'],
      [3, 4, 'sí'],
      [6, 7, 'casa'],
    ]),
  ]);
  assert.deepEqual(textsOf(tiers), ['a-t1: la casa']);
});

test('a tier whose only interval cannot be aligned does not lose the other tiers', async (setup) => {
  const started: number[] = [];
  const file = fileOf(
    'a',
    setup.wav,
    [
      [1, 2, 'la'],
      [3, 4, 'casa'],
    ],
    [TOO_SHORT],
    [[1, 2, 'sí']],
  );
  const tiers = await align(setup, [file], { context: { onStart: (pid) => started.push(pid) } });
  assert.deepEqual(textsOf(tiers), ['a-t1: la casa', 'a-t3: sí']);
  assert.equal(started.length, 5);
});

test('a file whose only interval cannot be aligned comes back empty: the engine is not at fault', async (setup) => {
  assert.deepEqual(await align(setup, [fileOf('a', setup.wav, [TOO_SHORT])]), []);
});

const POISON: [what: string, said: Said][] = [
  ['of 20 ms', NO_FRAME],
  ['with a phone that the model lacks', [5, 6, 'odd']],
];
for (const [what, poison] of POISON) {
  const dictionary = [...DICTIONARY, 'odd QQ'];
  test(`an interval ${what} does not lose the later ones`, async (setup) => {
    const file = fileOf(
      'a',
      setup.wav,
      [[1, 2, 'la'], poison, [6, 7, 'casa'], [8, 9, 'río']],
      [[1, 2, 'sí']],
    );
    const tiers = await align(setup, [file], { dictionary });
    assert.deepEqual(textsOf(tiers), ['a-t1: la casa río', 'a-t2: sí']);
  });
  test(`an interval ${what} at the start of a tier does not lose the whole file`, async (setup) => {
    const file = fileOf('a', setup.wav, [[1, 2, 'la']], [poison, [6, 7, 'casa'], [8, 9, 'río']]);
    const tiers = await align(setup, [file], { dictionary });
    assert.deepEqual(textsOf(tiers), ['a-t1: la', 'a-t2: casa río']);
  });
}

test('a row of bad intervals at the start does not lose the good ones behind it', async (setup) => {
  const odd = Array.from({ length: 22 }, (_, at): Said => [at, at + 0.9, 'odd']);
  const file = fileOf('a', setup.wav, [...odd, [24, 25, 'la'], [26, 27, 'casa'], [28, 29, 'río']]);
  const tiers = await align(setup, [file], { dictionary: [...DICTIONARY, 'odd QQ'] });
  assert.deepEqual(textsOf(tiers), ['a-t1: la casa río']);
});

test('intervals that it skipped are not tried again together with those that it did not reach', async (setup) => {
  const started: number[] = [];
  const file = fileOf('a', setup.wav, [[1, 2, 'la'], TOO_SHORT, [5.2, 5.35, 'la casa'], [6, 7, 'casa']]);
  const tiers = await align(setup, [file], { context: { onStart: (pid) => started.push(pid) } });
  assert.deepEqual([textsOf(tiers), started.length], [['a-t1: la casa'], 1]);
});

test('if the audio is shorter than declared, intervals past its end are missing and other tiers are aligned', async (setup) => {
  const file = fileOf(
    'a',
    setup.wav,
    [
      [1, 2, 'la'],
      [40, 41, 'sí'],
      [42, 43, 'casa'],
    ],
    [[1, 2, 'río']],
  );
  const tiers = await align(setup, [{ ...file, durationSec: 60 }]);
  assert.deepEqual(textsOf(tiers), ['a-t1: la', 'a-t2: río']);
});

test('an interval of zero length, which makes faseAlign fail, is refused before the start', async (setup) => {
  const started: number[] = [];
  const context = { onStart: (pid: number) => started.push(pid) };
  const file = fileOf('a', setup.wav, [
    [1, 1, 'sí'],
    [1, 2, 'la'],
  ]);
  await assert.rejects(
    align(setup, [file], { context }),
    /interval 1 \(1\.00 s\): expected it between 0 s and 30 s/,
  );
  assert.deepEqual(started, []);
});

test.run();
