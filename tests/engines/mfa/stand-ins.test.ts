import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'uvu';
import { readTextGrid } from '../../../src/formats/textgrid/read.ts';
import { type MfaBehaviour, makeDir, makeSilence, makeStandIn, removeDirs } from '../../../testing/mfa.ts';
import { withEnoughTime } from '../../../testing/time-limits.ts';

const RECORDINGS = path.join(import.meta.dirname, '../..', 'fixtures', 'recordings');

test.after(removeDirs);

for (const kind of ['mfa1', 'mfa2'] as const) {
  for (const recording of readdirSync(path.join(RECORDINGS, kind))) {
    test(`the stand-in ends as the real program did: ${kind}/${recording}`, async () => {
      const real = path.join(RECORDINGS, kind, recording);
      const dir = makeDir();
      layOut(real, dir);
      const [program = '', ...argv] = readLines(path.join(real, 'argv'));
      const behaviour = recording.startsWith('1.1') ? { version: '1.1.0-beta' } : {};
      const run = await start(program === 'mfa' ? 'mfa' : 'mfa_align', behaviour, argv, dir);
      assert.equal(run.code, Number(readFileSync(path.join(real, 'exit'), 'utf8')));
      assert.deepEqual(labelsIn(path.join(dir, 'out')), labelsIn(path.join(real, 'out')));
      assert.equal(exceptionIn(run.stderr), exceptionIn(readFileSync(path.join(real, 'stderr'), 'utf8')));
    });
  }
}

test('MFA 1 runs the command of a $(...) in the name of its corpus', async () => {
  const dir = makeDir();
  layOut(path.join(RECORDINGS, 'mfa1', 'two-files-three-tiers'), dir);
  renameSync(path.join(dir, 'corpus'), path.join(dir, 'c$(touch marker)'));
  await start('mfa_align', {}, ['-q', '-t', 't', 'c$(touch marker)', 'd.dict', 'm.zip', 'out'], dir);
  assert.ok(existsSync(path.join(dir, 'marker')));
});

test('MFA 1 gives the words of an earlier corpus of the same name, with exit 0', async () => {
  const dir = makeDir();
  layOut(path.join(RECORDINGS, 'mfa1', 'two-files-three-tiers'), dir);
  const argv = ['-q', '-t', 't', 'corpus', 'd.dict', 'm.zip', 'out'];
  await start('mfa_align', {}, argv, dir);
  const file = path.join(dir, 'corpus', 'austen.TextGrid');
  writeFileSync(file, readFileSync(file, 'utf8').replace(/text = "and.*"/, 'text = "blue canoe"'));
  assert.equal((await start('mfa_align', {}, argv, dir)).code, 0);
  assert.match(labelsIn(path.join(dir, 'out'))['austen.TextGrid']?.join(' ') ?? '', /dashwood/);
});

test('two runs of MFA 1 with one corpus name: one ends with exit 1, one with exit 0 and no TextGrid', async () => {
  const dir = makeDir();
  layOut(path.join(RECORDINGS, 'mfa1', 'two-files-three-tiers'), dir);
  const argv = ['-q', '-t', 't', 'corpus', 'd.dict', 'm.zip', 'out'];
  const runs = await Promise.all([1, 2].map(() => start('mfa_align', { startSec: 3 }, argv, dir)));
  assert.deepEqual(runs.map(({ code }) => code).sort(), [0, 1]);
  assert.deepEqual(gridsIn(dir), []);
});

for (const [what, change, code] of [
  ['an empty tier name', (grid: string) => grid.replace('"bob"', '""'), 0],
  ['a duplicate tier name', (grid: string) => grid.replace('"bob"', '"alice"'), 1],
] as const) {
  test(`MFA 1 aligns nothing for ${what}, with exit ${code}`, async () => {
    const dir = makeDir();
    layOut(path.join(RECORDINGS, 'mfa1', 'two-files-three-tiers'), dir);
    const file = path.join(dir, 'corpus', 'talk.TextGrid');
    writeFileSync(file, change(readFileSync(file, 'utf8')));
    const argv = ['-q', '-t', 't', 'corpus', 'd.dict', 'm.zip', 'out'];
    assert.equal((await start('mfa_align', {}, argv, dir)).code, code);
    assert.deepEqual(gridsIn(dir), []);
  });
}

for (const [version, files] of [
  ['1.0.1', ['austen.TextGrid', 'talk.TextGrid']],
  ['1.1.0-beta', ['austen.TextGrid']],
] as const) {
  test(`an empty tier in MFA ${version} leaves ${files.join(' and ')}`, async () => {
    const dir = makeDir();
    layOut(path.join(RECORDINGS, 'mfa1', 'two-files-three-tiers'), dir);
    const file = path.join(dir, 'corpus', 'talk.TextGrid');
    writeFileSync(file, readFileSync(file, 'utf8').replace(/text = "(glue|four).*"/g, 'text = ""'));
    const quiet = version === '1.0.1' ? ['-q'] : [];
    await start('mfa_align', { version }, [...quiet, '-t', 't', 'corpus', 'd.dict', 'm.zip', 'out'], dir);
    assert.deepEqual(gridsIn(dir), files);
  });
}

test('an option that MFA 1 does not know is exit 2', async () => {
  for (const version of ['1.0.0', '1.1.0-beta']) {
    const run = await start('mfa_align', { version }, ['-q', 'corpus', 'd.dict', 'm.zip', 'out'], makeDir());
    assert.equal(run.code, 2);
  }
});

test('an option that MFA 2 does not know shifts the arguments after it', async () => {
  const dir = makeDir();
  layOut(path.join(RECORDINGS, 'mfa2', 'two-files-three-tiers'), dir);
  const run = await start('mfa', {}, ['align', '--no-mp', 'corpus', 'd.dict', 'm.zip', 'out'], dir);
  assert.deepEqual([run.code, run.stdout.includes("'--no-mp' does not exist")], [2, true]);
});

test('MFA 2 without --clean exports the files of the run before', async () => {
  const dir = makeDir();
  layOut(path.join(RECORDINGS, 'mfa2', 'two-files-three-tiers'), dir);
  await start('mfa', {}, ['align', 'corpus', 'd.dict', 'm.zip', 'out'], dir);
  rmSync(path.join(dir, 'corpus', 'talk.TextGrid'));
  rmSync(path.join(dir, 'out'), { recursive: true });
  assert.equal((await start('mfa', {}, ['align', 'corpus', 'd.dict', 'm.zip', 'out'], dir)).code, 0);
  assert.ok(existsSync(path.join(dir, 'out', 'talk.TextGrid')));
});

test('runs of MFA 2 with a shared root fail, and runs with separate roots do not', async () => {
  const dir = makeDir();
  layOut(path.join(RECORDINGS, 'mfa2', 'two-files-three-tiers'), dir);
  const runTwo = async (roots: readonly [string, string], startSec: number) => {
    const runs = roots.map((root, n) =>
      start('mfa', { startSec }, ['align', 'corpus', 'd.dict', 'm.zip', `o${n}`], dir, root),
    );
    return (await Promise.all(runs)).map(({ code }) => code).sort();
  };
  // So long that the second one starts before the first one ends.
  let longEnoughSec = 0;
  const shared = await withEnoughTime(
    (startSec) => {
      longEnoughSec = startSec;
      return runTwo(['root', 'root'], startSec);
    },
    (codes) => codes.includes(1),
  );
  assert.deepEqual(shared, [0, 1]);
  assert.deepEqual(await runTwo(['root1', 'root2'], longEnoughSec), [0, 0]);
});

/** The recorded input, with new audio for the files that were not kept. */
function layOut(real: string, dir: string): void {
  cpSync(path.join(real, 'in'), dir, { recursive: true });
  for (const file of readLines(path.join(real, 'files')).filter((name) => name.endsWith('.wav'))) {
    const isGarbage = file.endsWith('/bad.wav');
    const durationSec = path.basename(file) === 'austen.wav' ? 7.1 : 12.364937;
    writeFileSync(path.join(dir, file), isGarbage ? Buffer.alloc(999, 7) : makeSilence({ durationSec }));
  }
  writeFileSync(path.join(dir, 'm.zip'), real.endsWith('dead-model') ? 'PK dead' : 'PK');
  mkdirSync(path.join(dir, 'home'));
}

interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function start(
  program: 'mfa' | 'mfa_align',
  behaviour: MfaBehaviour,
  argv: readonly string[],
  cwd: string,
  root = 'root',
): Promise<Run> {
  const { command } = makeStandIn(program, behaviour);
  const env = {
    HOME: path.join(cwd, 'home'),
    MFA_ROOT_DIR: path.join(cwd, root),
    PATH: path.dirname(command),
  };
  const child = spawn(command, argv, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const exited = new Promise<number | null>((resolve) => child.on('exit', resolve));
  const [code, stdout, stderr] = await Promise.all([exited, text(child.stdout), text(child.stderr)]);
  return { code, stdout, stderr };
}

/** `<file>` -> its tier names and words, or its lines if it is a list. Silence and times are left out. */
function labelsIn(dir: string): Record<string, readonly string[]> {
  const files = existsSync(dir) ? (readdirSync(dir, { recursive: true }) as string[]).sort() : [];
  return Object.fromEntries(
    files.flatMap((file) => {
      if (file.endsWith('.txt')) return [[file, readLines(path.join(dir, file))]];
      if (!file.endsWith('.TextGrid')) return [];
      const { tiers } = readTextGrid(readFileSync(path.join(dir, file), 'utf8'), file);
      const labels = tiers.flatMap((tier) =>
        tier.kind === 'point' ? [] : [`[${tier.name}]`, ...tier.intervals.map((interval) => interval.text)],
      );
      return [[file, labels.filter((label) => !['', 'sil', 'sp'].includes(label))]];
    }),
  );
}

/** The Python exception that ended a run: `wave.Error`. */
function exceptionIn(stderr: string): string | undefined {
  return stderr
    .split('\n')
    .map((line) => /^([A-Za-z_]\w*(?:\.\w+)*(?:Error|Exception))(:|$)/.exec(line)?.[1])
    .findLast((found) => found !== undefined);
}

/** Names of the TextGrids in a run's output. */
function gridsIn(dir: string): string[] {
  return Object.keys(labelsIn(path.join(dir, 'out'))).filter((file) => file.endsWith('.TextGrid'));
}

function readLines(file: string): string[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '');
}

test.run();
