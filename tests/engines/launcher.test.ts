import assert from 'node:assert/strict';
import { test } from 'uvu';
import { TaskError } from '../../src/base/errors.ts';
import { engineLauncher, parseCondaEnv, splitArguments } from '../../src/engines/launcher.ts';

const CONDA_RUN = ['conda', 'run', '--no-capture-output', '-n'];

test('the older form of CONDA_ENV becomes an argv that runs in that environment and streams its output', () => {
  assert.deepEqual(parseCondaEnv('conda activate aligner &&'), [...CONDA_RUN, 'aligner']);
  assert.deepEqual(parseCondaEnv('conda activate aligner'), [...CONDA_RUN, 'aligner']);
  assert.deepEqual(parseCondaEnv('source activate aligner &&'), [...CONDA_RUN, 'aligner']);
  assert.deepEqual(parseCondaEnv('  conda  activate "my env" && '), [...CONDA_RUN, 'my env']);
  assert.deepEqual(parseCondaEnv('conda activate &&'), [...CONDA_RUN, 'base']);
});

test('CONDA_ENV keeps the path of conda that it names', () => {
  assert.deepEqual(parseCondaEnv('/opt/c/bin/conda activate x &&')[0], '/opt/c/bin/conda');
  assert.deepEqual(parseCondaEnv('source /opt/c/bin/activate x &&')[0], '/opt/c/bin/conda');
  const sourced = parseCondaEnv('. /opt/c/etc/profile.d/conda.sh && conda activate x &&');
  assert.deepEqual(sourced, ['/opt/c/bin/conda', 'run', '--no-capture-output', '-n', 'x']);
});

test('an environment given as a path is run by path', () => {
  assert.deepEqual(parseCondaEnv('conda activate /srv/envs/mfa &&').slice(-2), ['-p', '/srv/envs/mfa']);
});

test('micromamba and mamba are run without the option that only conda knows', () => {
  assert.deepEqual(parseCondaEnv('micromamba activate x &&'), ['micromamba', 'run', '-n', 'x']);
  assert.deepEqual(parseCondaEnv('mamba activate x &&'), ['mamba', 'run', '-n', 'x']);
});

test('an empty CONDA_ENV, and the word None that the older worker left there, put nothing before a command', () => {
  assert.deepEqual(parseCondaEnv(''), []);
  assert.deepEqual(parseCondaEnv('  && '), []);
  assert.deepEqual(parseCondaEnv('None'), []);
});

test('a CONDA_ENV that is any other shell line is refused with the fix', () => {
  for (const text of [
    'rm -rf /',
    'conda activate x; reboot',
    'export A=1 && conda activate x',
    'conda activate $(id)',
  ]) {
    assert.throws(() => parseCondaEnv(text), isConfigError(/^"/), text);
  }
  assert.throws(
    () => parseCondaEnv('echo hello &&'),
    isConfigError(/expected "conda activate NAME &&".*_LAUNCHER/),
  );
});

test('a launcher is split at blanks, with quotes and backslashes as in a shell', () => {
  assert.deepEqual(splitArguments('nice -n 10'), ['nice', '-n', '10']);
  assert.deepEqual(splitArguments(`docker run -v "/a b:/c" 'it''s' x\\ y ""`), [
    'docker',
    'run',
    '-v',
    '/a b:/c',
    'its',
    'x y',
    '',
  ]);
  assert.deepEqual(splitArguments(`"a \\"b\\" \\n" 'c\\d'`), ['a "b" \\n', 'c\\d']);
  assert.deepEqual(splitArguments(`'$HOME' "50%" a~b`), ['$HOME', '50%', 'a~b']);
  assert.deepEqual(splitArguments(' \t\n '), []);
});

test('syntax that only a shell understands is refused, with the character', () => {
  for (const [text, char] of [
    ['srun $OPTS', '$'],
    ['"$(id)"', '$'],
    ['a `b`', '`'],
    ['a | b', '|'],
    ['a; b', ';'],
    ['a > b', '>'],
    ['~/bin/conda run', '~'],
  ] as const) {
    assert.throws(() => splitArguments(text), isConfigError(new RegExp(`"\\${char}" needs a shell`)), text);
  }
});

test('a quote that is never closed is refused', () => {
  assert.throws(() => splitArguments('docker "run'), isConfigError(/quote " is not closed/));
});

test("an engine's own launcher replaces CONDA_ENV", () => {
  const condaEnv = 'conda activate x &&';
  assert.deepEqual(engineLauncher({ condaEnv, launcher: 'srun -c 4' }), ['srun', '-c', '4']);
  assert.deepEqual(engineLauncher({ condaEnv, launcher: ' ' }), [...CONDA_RUN, 'x']);
  assert.deepEqual(engineLauncher({ condaEnv }), [...CONDA_RUN, 'x']);
  assert.deepEqual(engineLauncher({}), []);
});

function isConfigError(message: RegExp): (error: unknown) => boolean {
  return (error) => error instanceof TaskError && error.code === 'E_CONFIG' && message.test(error.message);
}

test.run();
