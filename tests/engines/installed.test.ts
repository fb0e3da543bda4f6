import assert from 'node:assert/strict';
import { test } from 'uvu';
import type { AlignmentRequest, Engine, EngineContext } from '../../src/engines/engine.ts';
import { installEngine } from '../../src/engines/installed.ts';
import type { EngineKind, Installation } from '../../src/engines/kind.ts';

const SIGNAL = new AbortController().signal;
const NOTHING = {} as AlignmentRequest & EngineContext;

/** An engine that is always ready, and reports how it was made. */
function kindOf(setting: EngineKind['setting'], more: Partial<Engine> = {}): EngineKind {
  return {
    name: 'X',
    setting,
    needsModel: false,
    create: ({ place, launcher }: Installation): Engine => ({
      name: 'X',
      audio: { minHz: 8000, maxHz: 48_000, resampleToHz: 16_000 },
      unknownPhone: null,
      builtInLanguages: [],
      check: async () => ({ state: 'ready', version: '1', note: [...launcher, place].join(' ') }),
      align: async () => [],
      ...more,
    }),
  };
}

const SET = { name: 'X_DIR', takes: 'folder', meaning: 'the folder of X' } as const;
const BARE = { launcher: [], env: { PATH: '/usr/bin:/bin' } };

test('an engine that no setting names is off, names that setting, and runs nothing', async () => {
  const engine = installEngine(kindOf(SET, { pronounce: async () => [] }), { ...BARE, place: null });
  assert.deepEqual(await engine.check(SIGNAL), {
    state: 'off',
    version: null,
    note: 'X_DIR is not set: set it to the folder of X',
  });
  const refused = { code: 'E_ENGINE_MISSING', message: /^X: X_DIR is not set/ };
  await assert.rejects(engine.align(NOTHING, NOTHING), refused);
  await assert.rejects(async () => engine.pronounce?.([], NOTHING.language, NOTHING), refused);
});

test('whether it can guess pronunciations does not depend on whether it is set up', () => {
  assert.equal('pronounce' in installEngine(kindOf(SET), { ...BARE, place: null }), false);
});

test('a launcher that is not there is named with the settings that put it there', async () => {
  const engine = installEngine(kindOf(SET), { ...BARE, launcher: ['no-such-conda', 'run'], place: '/x' });
  const { state, note } = await engine.check(SIGNAL);
  assert.equal(state, 'missing');
  assert.match(note, /^no-such-conda: not found, which X_LAUNCHER or CONDA_ENV puts before X; install it/);
});

test('with an existing launcher, the driver checks the program itself', async () => {
  const engine = installEngine(kindOf(SET), { ...BARE, launcher: ['env'], place: '/x' });
  assert.equal((await engine.check(SIGNAL)).note, 'env /x');
});

test('a built-in engine has no setting and is always on', async () => {
  const engine = installEngine(kindOf(null), { ...BARE, place: null });
  assert.equal((await engine.check(SIGNAL)).state, 'ready');
});

test.run();
