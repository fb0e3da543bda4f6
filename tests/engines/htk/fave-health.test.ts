import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { suite } from 'uvu';
import { createFave } from '../../../src/engines/htk/fave.ts';
import { installFave } from '../../../testing/fave.ts';
import { createScene, type Scene } from '../../../testing/htk.ts';

const neverAborted = new AbortController().signal;

const test = suite<{ scene: Scene }>('the check of FAVE');
test.before.each(async (context) => {
  context.scene = await createScene();
});
test.after.each(({ scene }) => scene.remove());

test('the check finds the version', async ({ scene }) => {
  const settings = await installFave(scene.dir);
  assert.deepEqual(await createFave(settings).check(neverAborted), {
    state: 'ready',
    version: '2.0.0 to 2.0.3',
    note: `${path.join(settings.faveDir, 'FAAValign.py')} on Python 3.9.18; it reports 2.0.0, and 2.0.3 reports the same`,
  });
});

test('the check names the variable and the file that is missing', async ({ scene }) => {
  const settings = await installFave(scene.dir);
  await rm(path.join(settings.faveDir, 'align'), { recursive: true });
  const { state, note } = await createFave(settings).check(neverAborted);
  assert.equal(state, 'missing');
  assert.match(note, /align\/model: not found; set FAVE_DIR/);
});

for (const [python, expected] of [
  ['3.11.7', 'sick'],
  ['3.7.17', 'sick'],
  ['2.7.18', 'sick'],
  ['3.8.20', 'ready'],
  ['3.10.14', 'ready'],
] as const) {
  test(`with Python ${python} FAVE is ${expected}`, async ({ scene }) => {
    const { state, note } = await createFave(await installFave(scene.dir, { python })).check(neverAborted);
    assert.equal(state, expected, note);
    if (state === 'sick')
      assert.match(note, /Python .*: FAVE runs on Python 3\.8 to 3\.10.* CONDA_ENV or FAVE_LAUNCHER/);
  });
}

test('the check recognises a Python without FAVE, and a missing Python', async ({ scene }) => {
  const settings = await installFave(scene.dir, { importError: true });
  const without = await createFave(settings).check(neverAborted);
  assert.equal(without.state, 'sick');
  assert.match(without.note, /FAAValign\.py does not start \(ModuleNotFoundError: No module named 'fave'\)/);
  const { state, note } = await createFave({ ...settings, python: 'python3.9' }).check(neverAborted);
  assert.equal(state, 'missing');
  assert.match(note, /^python3\.9: not found; FAVE runs on Python 3\.8 to 3\.10/);
});

test('the check names which of sox and HTK are not on PATH', async ({ scene }) => {
  const { state, note } = await createFave(await installFave(scene.dir, {}, ['HCopy'])).check(neverAborted);
  assert.equal(state, 'sick');
  assert.match(note, /^sox, HVite: not found on PATH.*: install the package sox/);
});

test('the check uses the launcher, which has another PATH', async ({ scene }) => {
  const settings = await installFave(scene.dir);
  const launcher = ['/usr/bin/env', `PATH=${settings.binDir}`];
  const env = { PATH: '/nonexistent' };
  assert.equal((await createFave({ ...settings, launcher, env }).check(neverAborted)).state, 'ready');
  await rm(path.join(settings.binDir, 'sox'));
  assert.match(
    (await createFave({ ...settings, launcher, env }).check(neverAborted)).note,
    /^sox: not found on PATH/,
  );
});

test('an aborted check returns a result and does not throw', async ({ scene }) => {
  const { state } = await createFave(await installFave(scene.dir)).check(AbortSignal.abort(new Error('bye')));
  assert.equal(state, 'sick');
});

test.run();
