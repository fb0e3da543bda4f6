import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { suite } from 'uvu';
import type { TextGrid } from '../../../src/formats/textgrid/model.ts';
import { readTextGrid } from '../../../src/formats/textgrid/read.ts';
import { installFase } from '../../../testing/fase.ts';
import { installFave } from '../../../testing/fave.ts';
import { createScene, type Scene, writeWav } from '../../../testing/htk.ts';

const RECORDINGS = path.resolve(import.meta.dirname, '../../fixtures/recordings');

const test = suite<{ scene: Scene }>('stand-ins for FAVE and faseAlign');
test.before.each(async (context) => {
  context.scene = await createScene();
});
test.after.each(({ scene }) => scene.remove());

interface Ended {
  readonly exitCode: number;
  readonly stderr: string;
}

function run(command: string, args: string[], cwd: string, PATH: string): Promise<Ended> {
  return new Promise((resolve) => {
    const child = execFile(command, args, { cwd, env: { PATH } }, (_error, _stdout, stderr) =>
      resolve({ exitCode: child.exitCode ?? -1, stderr }),
    );
  });
}

async function readRecording(
  engine: string,
  name: string,
): Promise<{ dir: string; argv: string[]; exit: number }> {
  const dir = path.join(RECORDINGS, engine, name);
  const lines = (file: string): Promise<string[]> =>
    readFile(path.join(dir, file), 'utf8').then((text) => text.trim().split('\n'));
  return { dir, argv: await lines('argv'), exit: Number((await lines('exit'))[0]) };
}

async function readIfThere(file: string): Promise<string | null> {
  return readFile(file, 'utf8').catch(() => null);
}

/** Tiers with their labels, without silence. */
function labelsOf(text: string | null): unknown {
  const grid: TextGrid | null = text === null ? null : readTextGrid(text, 'r');
  return grid?.tiers.map(({ name, ...tier }) => {
    const labels = tier.kind === 'interval' ? tier.intervals.map((interval) => interval.text) : [];
    return [name, labels.filter((label) => !['sp', 'sil', '{SIL}', ''].includes(label))];
  });
}

/** The program's own output, without the lines of Python and Praat. */
function errorsIn(stderr: string): string[] {
  const lines = stderr.split('\n').filter((line) => /Error|WARNING|ERROR|missing words/.test(line));
  const own = lines.filter((line) => !/^ |FAAVlog|^\(praat|Overlapping/.test(line));
  return [...new Set(own)].sort();
}

const FAVE_AUDIO: Record<string, (file: string) => Promise<void>> = {
  'garbage-wav': (file) => writeFile(file, 'no audio at all'),
  'header-only-wav': (file) => writeWav(file, 0),
};

for (const name of await readdir(path.join(RECORDINGS, 'fave'))) {
  test(`FAVE's ends as the real one was recorded: ${name}`, async ({ scene }) => {
    const { dir, argv, exit } = await readRecording('fave', name);
    const { faveDir, binDir } = await installFave(scene.dir);
    const cwd = path.join(scene.dir, 'cwd');
    await mkdir(path.join(cwd, 'w'), { recursive: true });
    await cp(path.join(dir, 'in'), cwd, { recursive: true });
    await cp(path.join(faveDir, 'align'), path.join(cwd, 'align'), { recursive: true });
    await (FAVE_AUDIO[name] ?? ((file) => writeWav(file, 24.73)))(path.join(cwd, 'w', 'a.wav'));

    const script = path.join(faveDir, 'FAAValign.py');
    const ended = await run(path.join(binDir, 'python3'), [script, ...argv.slice(1)], cwd, binDir);

    assert.equal(ended.exitCode, exit, ended.stderr);
    const recorded = await readIfThere(path.join(dir, 'out', 'o.TextGrid'));
    const made = await readIfThere(path.join(cwd, 'o.TextGrid'));
    assert.equal(made === null, recorded === null);
    // Overlapping chunks of a speaker are written as they were read, in no meaningful order.
    if (name !== 'same-speaker-overlap') {
      assert.deepEqual(labelsOf(made), labelsOf(recorded));
      assert.deepEqual(errorsIn(ended.stderr), errorsIn(await readFile(path.join(dir, 'stderr'), 'utf8')));
    }
  });
}

for (const name of await readdir(path.join(RECORDINGS, 'fase'))) {
  test(`faseAlign's ends as the real one was recorded: ${name}`, async ({ scene }) => {
    const { dir, argv, exit } = await readRecording('fase', name);
    const { command, binDir } = await installFase(scene.dir);
    const cwd = path.join(scene.dir, 'cwd');
    await mkdir(path.join(cwd, 'o'), { recursive: true });
    await cp(path.join(dir, 'in'), cwd, { recursive: true });
    const silentSec = name === 'digital-silence' ? ([3.4, 7.4] as const) : ([0, 0] as const);
    await writeWav(path.join(cwd, 'a.wav'), 7.64, { silentSec });

    const ended = await run(command, argv.slice(1), cwd, binDir);

    assert.equal(ended.exitCode, exit, ended.stderr);
    const recorded = await readIfThere(path.join(dir, 'out', 'r.TextGrid'));
    const made = await readIfThere(path.join(cwd, 'o', 'r.TextGrid'));
    assert.deepEqual(labelsOf(made), labelsOf(recorded));
    assert.deepEqual(
      await readIfThere(path.join(cwd, 'a.missing')),
      await readIfThere(path.join(dir, 'out', 'a.missing')),
    );
    assert.deepEqual(errorsIn(ended.stderr), errorsIn(await readFile(path.join(dir, 'stderr'), 'utf8')));
  });
}

test.run();
