import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Page } from 'playwright-core';
import { suite } from 'uvu';
import { must } from '../../src/base/must.ts';
import { chromiumPath, launchChromium } from '../../testing/chromium.ts';
import { nodeEnv } from '../../testing/node-env.ts';
import { createSite, type Site } from '../../testing/site.ts';
import { makeWav } from '../../testing/wav.ts';
import { copyProgram, type ProgramCopy } from '../docs/worked-example.ts';
import { given, takePicture } from './support.ts';

interface Context {
  site: Site;
  page: Page;
  program: ProgramCopy;
  server: Server;
  stop(): Promise<void>;
}

/** The server as a separate process, which is killed as when a machine fails. */
interface Server {
  readonly address: string;
  kill(): Promise<void>;
}

const all = suite<Context>('the page over a restart of its server');
const test = chromiumPath === null ? all.skip : all;
if (chromiumPath === null) console.log('skipped: no Chromium here; "make test-browser" installs one');
else {
  all.before(async (context) => {
    const site = await createSite();
    const program = copyProgram(['bin', 'src', 'migrations', 'package.json']);
    const server = await startServer(program, site, 0);
    const browser = await launchChromium();
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, reducedMotion: 'reduce' });
    await page.goto(server.address);
    const stop = async () => {
      await browser.close();
      await context.server.kill();
      await site[Symbol.asyncDispose]();
      program.remove();
    };
    Object.assign(context, { site, program, server, page, stop });
  });
  all.after(({ stop }) => stop());
}

const SENT_BYTES_PER_SEC = 4_000_000;
/** Large enough for some seconds of sending. */
const LONG_BYTES = 20_000_000;
/** A piece that is lost or sent twice moves the content that follows. */
const LONG = Buffer.concat([
  makeWav({ samples: [], declaredDataBytes: LONG_BYTES, declaredRiffBytes: LONG_BYTES + 36 }),
  Buffer.alloc(LONG_BYTES, randomBytes(1009)),
]);

test('after a restart the upload goes on, the list updates itself, and typed text and open dialogs stay', async (context) => {
  const { page, site, program, server } = context;
  const ranges: string[] = [];
  page.on('request', (request) => {
    const range = request.headers()['content-range'];
    if (range !== undefined) ranges.push(range);
  });
  const network = await page.context().newCDPSession(page);
  const limit = { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: SENT_BYTES_PER_SEC };
  await network.send('Network.emulateNetworkConditions', limit);
  await page.setInputFiles('#choose-files', [
    { name: 'long.wav', mimeType: 'audio/wav', buffer: LONG },
    given('long.TextGrid', 'broken/unknown-word/train.TextGrid'),
  ]);
  const language = page.getByRole('combobox', { name: 'Language' });
  await language.fill('english');
  await language.press('Enter');
  await page.locator('.options summary').click();
  await page.getByText('Sending 1 file').waitFor();
  await site.until('some of the recording to arrive', async () => (await receivedBytes(page)) > 0);
  const name = page.getByRole('textbox', { name: 'Name of the task' });
  await name.fill('Not finished');

  await server.kill();
  await page.getByText('No connection to the server. What is shown is from').waitFor();
  await insertTask(site, 'meanwhile');
  context.server = await startServer(program, site, Number(new URL(server.address).port));
  await page.getByText('No connection to the server').waitFor({ state: 'detached' });
  await page.locator('.task', { hasText: 'meanwhile' }).waitFor();
  await insertTask(site, 'afterwards');
  await page.locator('.task', { hasText: 'afterwards' }).waitFor();
  assert.equal(await name.inputValue(), 'Not finished');
  assert.equal(await page.locator('.options').getAttribute('open'), '');

  await network.send('Network.emulateNetworkConditions', { ...limit, uploadThroughput: -1 });
  await page.locator('.pair', { hasText: 'long' }).getByText('%').waitFor({ state: 'detached' });
  const { rows } = await site.sql.query("SELECT task_path FROM tasks WHERE task_status = 'uploading'");
  const arrived = readFileSync(path.join(site.uploadsDir, rows[0]?.task_path, 'long.wav'));
  assert.ok(arrived.equals(LONG), 'the file arrived as it was given');
  assert.match(must(ranges[0], 'a request for the rest'), /^bytes [1-9]\d*-/);
  assert.equal(await page.getByText('The server has been updated').count(), 0);
});

test('the page says when the server has another version, and the new page has the draft with all typed text', async (context) => {
  const { page, site, program, server } = context;
  await server.kill();
  const about = path.join(program.dir, 'package.json');
  writeFileSync(about, JSON.stringify({ ...JSON.parse(readFileSync(about, 'utf8')), version: '99.0.0' }));
  context.server = await startServer(program, site, Number(new URL(server.address).port));
  await page.getByText('The server has been updated').waitFor();
  await takePicture(page, 'updated-light-1280');
  await page.getByRole('textbox', { name: 'Name of the task' }).fill('Finished');
  await page.getByRole('button', { name: 'Load the new page' }).click();
  await page.getByText('The server has been updated').waitFor({ state: 'detached' });
  await page.locator('.pair', { hasText: 'long' }).waitFor();
  await page.locator('.options summary').click();
  const name = page.getByRole('textbox', { name: 'Name of the task' });
  assert.equal(await name.inputValue(), 'Finished');
  await name.fill('Finished again');
  await page.reload();
  await page.locator('.options summary').click();
  assert.equal(await name.inputValue(), 'Finished again');
});

async function startServer(program: ProgramCopy, site: Site, port: number): Promise<Server> {
  const main = path.join(program.dir, 'src/cli/main.ts');
  const child = spawn(process.execPath, [main, 'web', '--json', '--port', String(port)], {
    env: { ...nodeEnv(), ...site.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'exit');
  let said = '';
  child.stderr.on('data', (text) => {
    said += text;
  });
  let document = '';
  for await (const line of createInterface({ input: child.stdout })) {
    document += line;
    if (line.endsWith('}')) break;
  }
  if (document === '') throw new Error(`the server did not start: ${said}`);
  const { address } = JSON.parse(document) as { address: string };
  return {
    address,
    kill: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** By another program. */
async function insertTask(site: Site, taskId: string): Promise<void> {
  await site.sql.query(
    `INSERT INTO tasks (task_id, user_uuid, lang, task_path, task_status)
     VALUES ($1, 'local', 'engUS_SPHINX_v010', 'local/upl/' || $1, 'uploaded')`,
    [taskId],
  );
}

async function receivedBytes(page: Page): Promise<number> {
  return page.evaluate<number>(
    `Number(document.querySelector('.sending [role=progressbar]')?.getAttribute('aria-valuenow') ?? 0)`,
  );
}

all.run();
