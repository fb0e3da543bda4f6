import assert from 'node:assert/strict';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'uvu';
import { inTemporaryDir } from '../../src/base/make-folder.ts';
import { runDoneCommand } from '../../src/deliveries/command.ts';

const delivery = { id: '1', attempt: 1, messageId: 'm', kind: 'command', taskId: 't', url: '' } as const;

/**
 * Runs a script as the site's program.
 * @returns its result, and the folder into which it writes
 */
async function runScript<T>(
  script: string,
  use: (
    run: (body: string, timeoutSec?: number) => ReturnType<typeof runDoneCommand>,
    dir: string,
  ) => Promise<T>,
): Promise<T> {
  return await inTemporaryDir('autophon-test-', async (dir) => {
    const program = path.join(dir, "it's the program");
    await writeFile(program, `#!/bin/sh\n${script}\n`);
    await chmod(program, 0o755);
    const inherited = { PATH: process.env['PATH'], HOME: dir, DATABASE_URL: 'postgres://secret' };
    return await use(
      (body, timeoutSec = 60) =>
        runDoneCommand(
          { ...delivery, body },
          { program, inherited, timeoutSec },
          new AbortController().signal,
        ),
      dir,
    );
  });
}

test('the program gets the message on its standard input, and no passwords of the worker', async () => {
  await runScript('cat > "$HOME/input"; env > "$HOME/env"', async (run, dir) => {
    const body = `{"é": "${'x'.repeat(100_000)}"}`;
    assert.deepEqual(await run(body), { outcome: 'delivered', answer: 'exit 0' });
    assert.equal(await readFile(path.join(dir, 'input'), 'utf8'), `${body}\n`);
    const env = await readFile(path.join(dir, 'env'), 'utf8');
    assert.ok(env.includes(`HOME=${dir}`) && !env.includes('DATABASE_URL'), env);
  });
});

test('a program that does not read its input has succeeded, too', async () => {
  const done = { outcome: 'delivered', answer: 'exit 0' };
  assert.deepEqual(await runScript('exit 0', (run) => run('x'.repeat(1_000_000))), done);
});

for (const [name, script, answer] of [
  ['fails', 'echo "no mail server" >&2; exit 75', /^exit 75: no mail server$/],
  ['is killed', 'kill -9 $$', /^SIGKILL$/],
  [
    'hangs',
    'sleep 1000',
    /^it's the program: expected to end within 0.3 s, still running; it had written nothing$/,
  ],
] as const) {
  test(`a program that ${name} is run again later`, async () => {
    const attempt = await runScript(script, (run) => run('{}', name === 'hangs' ? 0.3 : 60));
    assert.equal(attempt.outcome, 'failed');
    assert.match(attempt.answer, answer);
  });
}

test('a missing program is named', async () => {
  const command = { program: '/no/such/program', inherited: {}, timeoutSec: 60 };
  assert.deepEqual(await runDoneCommand({ ...delivery, body: '{}' }, command, new AbortController().signal), {
    outcome: 'failed',
    answer: '/no/such/program: cannot be started: no such executable file',
  });
});

test.run();
