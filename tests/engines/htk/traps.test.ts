import assert from 'node:assert/strict';
import { access, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { suite } from 'uvu';
import { createFase } from '../../../src/engines/htk/fase.ts';
import { createFave } from '../../../src/engines/htk/fave.ts';
import { type ProcessResult, runProcess } from '../../../src/engines/process/run-process.ts';
import { readTextGrid } from '../../../src/formats/textgrid/read.ts';
import { type FaseMode, installFase } from '../../../testing/fase.ts';
import { installFave } from '../../../testing/fave.ts';
import { createScene, fileOf, requestOf, type Scene, textsOf, writeWav } from '../../../testing/htk.ts';

/*
 * Losses of FAVE and faseAlign that occur only if they are started in ways in which the drivers never start them. Each
 * test lets the driver align, then starts the program again in the driver's folder, with one thing changed.
 */

interface Setup {
  scene: Scene;
  wav: string;
  /** Of the driver's first start. */
  startDir: string;
}

const test = suite<Setup>('traps of FAVE and faseAlign');
test.before.each(async (setup) => {
  setup.scene = await createScene();
  setup.wav = path.join(setup.scene.dir, 'a.wav');
  setup.startDir = path.join(setup.scene.dir, 'run1', 'f1', 'p1');
  await writeWav(setup.wav, 30);
});
test.after.each(({ scene }) => scene.remove());

test('FAVE aligns all and then fails when its output folder is missing: the driver lets it write beside its input', async (setup) => {
  const startAgain = await alignWithFave(setup);
  assert.ok((await readdir(setup.startDir)).includes('o.TextGrid'));
  assert.equal((await startAgain('again.TextGrid')).exitCode, 0);
  const { exitCode, lastLines } = await startAgain('gone/again.TextGrid');
  assert.equal(exitCode, 1);
  assert.match(lastLines.join('\n'), /Could not write TextGrid/);
});

test('FAVE takes words that another run left in its folder, with exit 0: each start gets an empty folder', async (setup) => {
  const startAgain = await alignWithFave(setup);
  const own = await labelsIn(path.join(setup.startDir, 'o.TextGrid'), 'S1 - word');
  const leftDir = path.join(setup.startDir, 'tmp', 'aS11');
  await mkdir(leftDir, { recursive: true });
  await writeFile(path.join(leftDir, 'aS11.mlf'), JSON.stringify([own[1], own[1]]));
  assert.equal((await startAgain('again.TextGrid')).exitCode, 0);
  const labels = await labelsIn(path.join(setup.startDir, 'again.TextGrid'), 'S1 - word');
  assert.deepEqual([own.length, labels], [2, [own[1], own[1]]]);
});

test('one of two runs of faseAlign in the same output folder fails: each start gets its own', async (setup) => {
  const { socketPath } = await setup.scene.openMeeting(2);
  const startAgain = await alignWithFase(setup, { meet: socketPath });
  const ended = await Promise.all([startAgain('o'), startAgain('o')]);
  assert.deepEqual(ended.map(({ exitCode }) => exitCode).sort(), [0, 1]);
});

test('faseAlign deletes the folder tmp in its output folder: only its own files are there', async (setup) => {
  const startAgain = await alignWithFase(setup);
  assert.deepEqual(await readdir(path.join(setup.startDir, 'o')), ['r.TextGrid']);
  const kept = path.join(setup.startDir, 'o', 'tmp', 'kept');
  await mkdir(path.dirname(kept));
  await writeFile(kept, '');
  assert.equal((await startAgain('o')).exitCode, 0);
  await assert.rejects(access(kept));
});

test('faseAlign fails if its output folder is missing or has a blank or quote in its name: it gets a plain one', async (setup) => {
  const startAgain = await alignWithFase(setup);
  for (const dir of ['o 1', "o'1"]) {
    await mkdir(path.join(setup.startDir, dir));
    assert.equal((await startAgain(dir)).exitCode, 1);
  }
  assert.equal((await startAgain('gone')).exitCode, 1);
});

test.run();

/** @returns starts FAVE once more, for another output */
async function alignWithFave({ scene, wav, startDir }: Setup) {
  const { python, ...settings } = await installFave(scene.dir);
  const request = requestOf('FAVE', ['he HH IY1', 'was W AA1 Z'], [fileOf('a', wav, [[1, 2, 'he was']])]);
  const tiers = await createFave({ ...settings, python }).align(request, await scene.context());
  assert.deepEqual(textsOf(tiers), ['a-t1: he was']);
  const script = path.join(settings.faveDir, 'FAAValign.py');
  return (output: string) =>
    start(scene, startDir, settings.binDir, [python, script, '-d', 'd.dict', 'a.wav', 'a.txt', output]);
}

/**
 * @param mode - of the later starts
 * @returns starts faseAlign once more, for another output folder
 */
async function alignWithFase({ scene, wav, startDir }: Setup, mode: FaseMode = {}) {
  const request = requestOf('FASE', ['la l a', 'casa k a s a'], [fileOf('a', wav, [[1, 2, 'la casa']])]);
  const fase = createFase(await installFase(scene.dir));
  assert.deepEqual(textsOf(await fase.align(request, await scene.context())), ['a-t1: la casa']);
  const { command, binDir } = await installFase(scene.dir, mode);
  const args = ['-d', 'd.dict', '-w', 'a.wav', '-t', 'a.TextGrid', '-n', 'r'];
  return (outDir: string) => start(scene, startDir, binDir, [command, ...args, '-o', outDir]);
}

function start(
  scene: Scene,
  cwd: string,
  binDir: string,
  argv: readonly [string, ...string[]],
): Promise<ProcessResult> {
  return runProcess({
    argv,
    cwd,
    env: { PATH: binDir },
    logPath: path.join(scene.dir, 'again.log'),
    timeoutSec: 600,
    silenceSec: 600,
    signal: new AbortController().signal,
  });
}

/** Without silence. */
async function labelsIn(file: string, tierName: string): Promise<string[]> {
  const tier = readTextGrid(await readFile(file, 'utf8'), file).tiers.find(({ name }) => name === tierName);
  const labels = tier?.kind === 'interval' ? tier.intervals.map(({ text }) => text) : [];
  return labels.filter((label) => label !== 'sp');
}
