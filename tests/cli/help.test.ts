import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { test } from 'uvu';
import { runCli, runJson, startCli } from './run-cli.ts';

const COMMANDS_DIR = path.resolve(import.meta.dirname, '../../src/cli/commands');
const COMMANDS = readdirSync(COMMANDS_DIR).map((file) => path.basename(file, '.ts'));

interface ErrorDocument {
  readonly error: { readonly code: string; readonly message: string; readonly faults: readonly object[] };
}

test('help lists every command', async () => {
  const { exitCode, stdout, stderr } = await runCli(['help']);
  assert.equal(exitCode, 0);
  assert.equal(stderr, '');
  for (const command of COMMANDS) assert.match(stdout, new RegExp(`^  ${command} `, 'm'));
});

test('without a command there is help, and the exit code of a mistake', async () => {
  const { exitCode, stdout } = await runCli([]);
  assert.equal(exitCode, 2);
  assert.match(stdout, /Usage: autophon COMMAND/);
});

test('every command explains itself, with its options and an example, and does nothing else', async () => {
  const { document } = await runJson<{ commands: { name: string; options: object }[] }>(['help']);
  assert.deepEqual(document.commands.map(({ name }) => name).toSorted(), COMMANDS.toSorted());
  // A database that does not exist: help must not need one.
  const env = { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' };
  await Promise.all(
    document.commands.map(async ({ name, options }) => {
      const { exitCode, stdout } = await runCli([name, '--help'], env);
      assert.equal(exitCode, 0, name);
      assert.match(stdout, new RegExp(`^Usage: autophon ${name}`));
      assert.match(stdout, /^Examples?:\n {2}/m, name);
      for (const option of Object.keys(options))
        assert.ok(stdout.includes(`--${option}`), `${name} --${option}`);
    }),
  );
});

test('"help COMMAND" is the same as "COMMAND --help"', async () => {
  const [first, second] = await Promise.all([runCli(['help', 'submit']), runCli(['submit', '--help'])]);
  assert.equal(first.stdout, second.stdout);
  assert.equal((await runCli(['help', 'help'])).stdout, (await runCli(['help'])).stdout);
});

test('a typing error in a command, an option or a code is answered with the nearest correct word', async () => {
  const cases: [args: string[], said: RegExp][] = [
    [['stauts'], /Did you mean "status"\?/],
    [['submit', 'x', '--lnag', 'y'], /no option --lnag; did you mean --lang\?/],
    [['--verison'], /did you mean --version\?/],
    [['retry', '--code', 'E_DISK_FUL'], /did you mean E_DISK_FULL\?/],
    [['db', 'strat'], /did you mean "start"\?/],
    [['help', 'show', 'extra'], /"extra": expected one command to explain, .*"bin\/autophon help show"/],
    [['frobnicate'], /no command "frobnicate"\. "bin\/autophon help" lists all/],
  ];
  await Promise.all(
    cases.map(async ([args, said]) => {
      const { exitCode, stdout, stderr } = await runCli(args);
      assert.match(stderr, said);
      assert.match(stderr, /^E_USAGE {2}/);
      assert.equal(stdout, '', args.join(' '));
      assert.equal(exitCode, 2, args.join(' '));
    }),
  );
});

test('with --json an error is one document on standard output, and nothing is on standard error', async () => {
  const { exitCode, document, stderr } = await runJson<ErrorDocument>(['show']);
  assert.equal(exitCode, 2);
  assert.equal(stderr, '');
  assert.equal(document.error.code, 'E_USAGE');
  assert.equal(document.error.faults.length, 1);
});

test('invalid settings are all named at once, as a mistake of the caller', async () => {
  const { exitCode, stderr } = await runCli(['status'], {
    ALIGNMENT_WORKERS: 'two',
    WORKER_LOG_LEVEL: 'LOUD',
  });
  assert.equal(exitCode, 2);
  assert.match(stderr, /^E_CONFIG {2}/);
  assert.match(stderr, /ALIGNMENT_WORKERS=two/);
  assert.match(stderr, /WORKER_LOG_LEVEL=LOUD/);
});

test('a database that does not answer is reported in one sentence; the stack is shown for debugging only, the password never', async () => {
  const env = { DATABASE_URL: 'postgres://someone:hidden@127.0.0.1:1/none' };
  const [plain, debug] = await Promise.all([
    runCli(['status'], env),
    runCli(['status'], { ...env, WORKER_LOG_LEVEL: 'DEBUG' }),
  ]);
  assert.equal(plain.exitCode, 1);
  assert.match(plain.stderr, /^E_DATABASE {2}no connection to postgres:\/\/someone@127\.0\.0\.1:1\/none/);
  assert.doesNotMatch(plain.stderr, /\n {4}at /);
  assert.match(debug.stderr, /\n {4}at /);
  for (const { stdout, stderr } of [plain, debug]) assert.doesNotMatch(stdout + stderr, /hidden/);
});

test('the program ends with the exit code of its command line, and prints what that has printed', async () => {
  const [version, mistake] = await Promise.all([
    startCli(['--version', '--json']).ended,
    startCli(['show']).ended,
  ]);
  assert.deepEqual([version.exitCode, version.stderr], [0, '']);
  assert.match(JSON.parse(version.stdout).version, /^\d+\.\d+\.\d+/);
  assert.deepEqual([mistake.exitCode, mistake.stdout], [2, '']);
  assert.match(mistake.stderr, /^E_USAGE {2}/);
});

test.run();
