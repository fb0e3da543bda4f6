import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { suite } from 'uvu';
import { createFase } from '../../../src/engines/htk/fase.ts';
import { installFase } from '../../../testing/fase.ts';
import { createScene, type Scene } from '../../../testing/htk.ts';

const neverAborted = new AbortController().signal;

const test = suite<{ scene: Scene }>('the check of faseAlign');
test.before.each(async (context) => {
  context.scene = await createScene();
});
test.after.each(({ scene }) => scene.remove());

test('the check finds the version', async ({ scene }) => {
  const settings = await installFase(scene.dir);
  const health = await createFase(settings).check(neverAborted);
  assert.deepEqual(health, { state: 'ready', version: '1.1.14', note: settings.command });
});

test('the check names the variable that leads to a program that is not there', async ({ scene }) => {
  const settings = await installFase(scene.dir);
  const { state, note } = await createFase({ ...settings, command: '/nowhere/faseAlign' }).check(
    neverAborted,
  );
  assert.equal(state, 'missing');
  assert.match(note, /^\/nowhere\/faseAlign: not found; set FASE to/);
});

test('a faseAlign as published, whose dictionary can only be extended, is ready', async ({ scene }) => {
  const { state } = await createFase(await installFase(scene.dir, { plain: true })).check(neverAborted);
  assert.equal(state, 'ready');
});

test('the check recognises a faseAlign that takes no dictionary', async ({ scene }) => {
  const settings = await installFase(scene.dir);
  await writeFile(settings.command, '#!/bin/sh\necho "usage: faseAlign [-h] [-w WAV]"\n', { mode: 0o755 });
  const { state, note } = await createFase(settings).check(neverAborted);
  assert.equal(state, 'sick');
  assert.match(note, /takes no dictionary \(options -d or -m\)/);
});

test('the check names which of sox and HTK are not on PATH', async ({ scene }) => {
  const { state, note } = await createFase(await installFase(scene.dir, {}, ['sox'])).check(neverAborted);
  assert.equal(state, 'sick');
  assert.match(note, /^HCopy, HVite: not found on PATH.*: install HTK 3\.4\.1/);
});

test('the check uses the launcher, which has another PATH', async ({ scene }) => {
  const settings = await installFase(scene.dir);
  const fase = createFase({
    command: 'faseAlign',
    launcher: ['/usr/bin/env', `PATH=${settings.binDir}`],
    env: { PATH: '/nonexistent' },
  });
  assert.equal((await fase.check(neverAborted)).state, 'ready');
  await rm(settings.command);
  assert.equal((await fase.check(neverAborted)).state, 'missing');
});

test('a launcher that says nothing but exit 127 has not found the program', async ({ scene }) => {
  const settings = await installFase(scene.dir);
  const launcher = path.join(scene.dir, 'launcher');
  await writeFile(launcher, '#!/bin/sh\nexit 127\n', { mode: 0o755 });
  const { state } = await createFase({ ...settings, launcher: [launcher] }).check(neverAborted);
  assert.equal(state, 'missing');
});

test('an aborted check returns a result and does not throw', async ({ scene }) => {
  const { state } = await createFase(await installFase(scene.dir)).check(AbortSignal.abort(new Error('bye')));
  assert.equal(state, 'sick');
});

test.run();
