import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { parseEnv, promisify } from 'node:util';
import pg from 'pg';
import { suite } from 'uvu';
import { inTemporaryDir } from '../../src/base/make-folder.ts';
import { toBlockList } from '../../src/base/networks.ts';
import { readConfig } from '../../src/config.ts';
import { runDoneCommand } from '../../src/deliveries/command.ts';
import { makeMessage } from '../../src/deliveries/message.ts';
import { readSecrets } from '../../src/deliveries/signature.ts';
import { sendWebhook } from '../../src/deliveries/webhook.ts';
import { createTestDatabase, type TestDatabase } from '../../testing/database.ts';
import { until, waitingFor } from '../../testing/time-limits.ts';
import { codeBlocks, inlineCode, readFile, tableRows } from './markdown.ts';
import { pythonWith } from './python.ts';

const test = suite('docs/recipes.md');
const run = promisify(execFile);
const page = readFile('docs/recipes.md');
let database: TestDatabase;
let sql: pg.Client;

test.before(async () => {
  database = await createTestDatabase();
  sql = new pg.Client(database.url);
  await sql.connect();
});
test.after(async () => {
  await sql.end();
  await database.drop();
});

const sectionOf = (heading: string) => page.split(/^## /m).find((part) => part.startsWith(heading)) ?? '';
const configOf = (dotEnv: string) => readConfig({}, parseEnv(dotEnv), '/project');

test('both ways to name a conda environment start MFA 2 in it', () => {
  const [byName = '', byLauncher = ''] = codeBlocks(page, 'ini');
  const inside = ['run', '--no-capture-output', '-n', 'aligner'];
  for (const [dotEnv, conda] of [
    [byName, 'conda'],
    [byLauncher, '/opt/conda/bin/conda'],
  ] as const) {
    const { engines } = configOf(dotEnv);
    assert.equal(engines.installations['MFA2'], 'mfa');
    assert.deepEqual(engines.launchers['MFA2'], [conda, ...inside]);
  }
});

test('the full path of conda is accepted where the recipe gives it', () => {
  const command = inlineCode(sectionOf('My aligner is in conda')).find((code) => code.includes(' activate '));
  const { engines } = configOf(`MFA2=mfa\nCONDA_ENV=${command}`);
  assert.equal(engines.launchers['MFA2']?.[0], '/opt/conda/bin/conda');
});

test('settings of the older worker are accepted under the names that the page gives', () => {
  const section = sectionOf('I come from the sniffer');
  const values: Record<string, string> = { ALIGNMENT_WORKERS: '2', WORKER_LOG_LEVEL: 'INFO' };
  const kept = inlineCode(section.split('Add `DATABASE_URL`')[0] ?? '').filter((code) => code !== '.env');
  assert.ok(kept.length >= 10);
  const dotEnv = kept.map(
    (name) => `${name}=${values[name] ?? (name === 'CONDA_ENV' ? 'conda activate a &&' : '/x')}`,
  );
  const { slotCount, adminDir, engines } = configOf(dotEnv.join('\n'));
  assert.equal(slotCount, 2);
  assert.equal(adminDir, '/x');
  assert.deepEqual(Object.keys(engines.installations).sort(), ['FASE', 'FAVE', 'MFA1', 'MFA2']);
  const renamed = tableRows(section, 'older worker', 'here').flatMap(([, here = '']) =>
    inlineCode(here).filter((code) => code.includes('=')),
  );
  const config = configOf(renamed.join('\n'));
  assert.deepEqual(
    [config.slotCount, config.minPollSec, config.maxPollSec, config.retryAttempts, config.taskTimeoutSec],
    [4, 0.5, 60, 5, 7200],
  );
});

const python = await pythonWith('psycopg2');
(python === null ? test.skip : test)('the program that waits is woken by the end of its task', async () => {
  const program = readFile('docs/examples/wait_for_end.py');
  // So long that only a notification can end the wait before this file is given up.
  const patient = program.replace(', 60)', ', 6000)');
  assert.notEqual(patient, program);
  await sql.query(`INSERT INTO tasks (task_id, user_uuid, lang, task_path, task_status)
    VALUES ('interview-7', 'ann', 'engUS_SPHINX_v010', 'ann/upl/interview-7', 'uploaded')`);
  const output = run(python ?? '', ['-c', patient], {
    env: { PATH: process.env['PATH'], DATABASE_URL: database.url },
  });
  await until('the program to read the row and wait', async () => {
    const { rows } = await sql.query(`SELECT FROM pg_stat_activity
      WHERE datname = current_database() AND state = 'idle' AND query LIKE 'SELECT task_status, error_code%'`);
    return rows.length > 0;
  });
  await sql.query("UPDATE tasks SET cancel_requested = true WHERE task_id = 'interview-7'");
  const { stdout } = await waitingFor('the program to end', output);
  assert.equal(stdout, "('cancelled', None, None)\n");
});

const anyPython = await run('python3', ['--version']).then(
  () => 'python3',
  () => null,
);
(anyPython === null ? test.skip : test)(
  'the receiver of webhooks takes what is signed with its key, once, and nothing else',
  async () => {
    const section = sectionOf('I want my web application to be told');
    const program = readFile('docs/examples/webhook_receiver.py');
    const { deliveries } = configOf(codeBlocks(section, 'ini')[0] ?? '');
    assert.deepEqual(deliveries.origins, ['https://app.example.org']);
    await inTemporaryDir('autophon-test-', async (dir) => {
      const [makeKey = ''] = codeBlocks(section, 'sh');
      await run('sh', ['-ec', makeKey], { cwd: dir });
      const secretPath = path.join(dir, 'webhook.key');
      const keys = await readSecrets(secretPath);
      const env = { PATH: process.env['PATH'], WEBHOOK_SECRET: secretPath, PORT: String(await freePort()) };
      const receiver = spawn('python3', ['-c', program], { env, stdio: ['ignore', 'pipe', 'inherit'] });
      const lines: string[] = [];
      createInterface({ input: receiver.stdout }).on('line', (line) => lines.push(line));
      try {
        const url = `http://127.0.0.1:${env.PORT}/aligned`;
        await until('the receiver to listen', () =>
          fetch(url).then(
            () => true,
            () => false,
          ),
        );
        const end = { taskId: 'interview-7', user: 'ann', name: null, endedAt: new Date() };
        const body = makeMessage({ ...end, status: 'failed', errorCode: 'E_LIMIT' }, null);
        const delivery = {
          id: '1',
          attempt: 1,
          messageId: 'm1',
          kind: 'webhook',
          taskId: '',
          url,
          body,
        } as const;
        const policy = {
          origins: [new URL(url).origin],
          networks: toBlockList(['127.0.0.1']),
          timeoutSec: 60,
        };
        const send = (signedWith: readonly Buffer[], changes = {}) =>
          sendWebhook(
            { ...delivery, ...changes },
            { ...policy, keys: signedWith },
            new AbortController().signal,
          );
        const wrong = [randomBytes(32)];
        assert.equal((await send(wrong)).answer, 'HTTP 401 Unauthorized');
        for (const signedWith of [keys, [...wrong, ...keys]])
          assert.deepEqual(await send(signedWith), { outcome: 'delivered', answer: 'HTTP 204 No Content' });
        await send(keys, { messageId: 'm2', body: body.replace('interview-7', 'interview-8') });
        await until('the second line', () => lines.length > 1);
        assert.deepEqual(lines, ['interview-7 failed E_LIMIT', 'interview-8 failed E_LIMIT']);
      } finally {
        receiver.kill();
      }
    });
  },
);

(anyPython === null ? test.skip : test)('the program for mails sends one to the user of a task', async () => {
  const section = sectionOf('I want a mail when a task ends');
  assert.equal(
    configOf(codeBlocks(section, 'ini')[0] ?? '').deliveries.doneCommand,
    '/etc/autophon/mail_when_done.py',
  );
  const heard: string[] = [];
  // The smallest mail server: it accepts everything.
  const server = createServer((socket) => {
    const say = (line: string) => socket.write(`${line}\r\n`);
    say('220 ready');
    createInterface({ input: socket }).on('line', (line) => {
      heard.push(line);
      if (line === 'data') say('354 go on');
      else if (line === 'QUIT') say('221 bye');
      else if (/^(ehlo|mail|rcpt|\.$)/.test(line)) say('250 ok');
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await inTemporaryDir('autophon-test-', async (dir) => {
    const program = path.join(dir, 'mail_when_done.py');
    const text = readFile('docs/examples/mail_when_done.py');
    await writeFile(program, text.replace("'localhost', 25", `'127.0.0.1', ${port}`), { mode: 0o755 });
    const end = { taskId: 'interview-7', user: 'ann', name: 'tea', endedAt: new Date() };
    const body = makeMessage({ ...end, status: 'failed', errorCode: 'E_LIMIT' }, 'https://align.example.org');
    const delivery = {
      id: '1',
      attempt: 1,
      messageId: 'm',
      kind: 'command',
      taskId: '',
      url: '',
      body,
    } as const;
    const command = { program, inherited: process.env, timeoutSec: 60 };
    const attempt = await runDoneCommand(delivery, command, new AbortController().signal);
    assert.deepEqual(attempt, { outcome: 'delivered', answer: 'exit 0' });
  });
  server.close();
  const mail = heard.join('\n');
  assert.match(mail, /\nTo: ann@lab\.example\.org\nSubject: tea: failed\n/);
  assert.match(
    mail,
    /interview-7 is failed\.\nThe reason is E_LIMIT\.\nhttps:\/\/align\.example\.org\/tasks\/interview-7\n/,
  );
});

test.run();

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
