import assert from 'node:assert/strict';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { suite } from 'uvu';
import { openApp } from '../../src/app/open.ts';
import { silentLog } from '../../src/base/log.ts';
import { readConfig } from '../../src/config.ts';
import { TaskEvents } from '../../src/http/events.ts';
import { createSite, type Site } from '../../testing/site.ts';
import { startWeb, type Web } from '../../testing/web.ts';

const test = suite<{ site: Site; web: Web }>('events over HTTP');

test.before(async (context) => {
  context.site = await createSite();
  context.web = await startWeb(context.site);
});
test.after(async ({ site, web }) => {
  await web.stop();
  await site[Symbol.asyncDispose]();
});

interface Event {
  readonly id: string;
  readonly name: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests compare it with what they expect
  readonly data: any;
}

/** An open stream of events. */
class Stream implements AsyncDisposable {
  readonly events: Event[] = [];
  readonly #abort = new AbortController();
  readonly done: Promise<void>;

  constructor({ address }: Web, lastId?: string) {
    this.done = this.#read(`${address}/api/v1/events`, lastId).catch(() => undefined);
  }

  async #read(url: string, lastId: string | undefined): Promise<void> {
    const headers = lastId === undefined ? {} : { 'Last-Event-ID': lastId };
    const { body } = await fetch(url, { headers, signal: this.#abort.signal });
    const decoder = new TextDecoder();
    let text = '';
    for await (const chunk of body ?? []) {
      text += decoder.decode(chunk, { stream: true });
      const blocks = text.split('\n\n');
      text = blocks.pop() ?? '';
      for (const block of blocks) {
        const fields = new Map(
          block.split('\n').map((line) => [line.split(': ', 1)[0], line.replace(/^\w+: /, '')]),
        );
        const name = fields.get('event');
        if (name !== undefined)
          this.events.push({
            id: fields.get('id') ?? '',
            name,
            data: JSON.parse(fields.get('data') ?? '{}'),
          });
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#abort.abort();
    await this.done;
  }
}

async function openStream(site: Site, web: Web, lastId?: string): Promise<Stream> {
  const stream = new Stream(web, lastId);
  await site.until('the stream to be ready', () => stream.events.some(({ name }) => name === 'ready'));
  return stream;
}
const insert = (site: Site, ids: readonly string[]) =>
  site.sql.query(
    `INSERT INTO tasks (task_id, user_uuid, lang, task_path)
     SELECT id, 'ann', 'engUS_TRIVIAL_v010', 'ann/upl/' || id FROM unnest($1::text[]) AS id`,
    [ids],
  );
const tasksOf = ({ events }: Stream) =>
  events.filter(({ name }) => name === 'task').map(({ data }) => `${data.id} ${data.status}`);

test('all listening clients are told that a task was added, changed or deleted', async ({ site, web }) => {
  await using one = await openStream(site, web);
  await using two = await openStream(site, web);
  const said = ['e1 uploading', 'e1 uploaded', 'e1 deleted'];
  for (const [index, change] of [
    () => insert(site, ['e1']),
    () => site.sql.query("UPDATE tasks SET task_status = 'uploaded' WHERE task_id = 'e1'"),
    () => site.sql.query("DELETE FROM tasks WHERE task_id = 'e1'"),
  ].entries()) {
    await change();
    for (const stream of [one, two]) {
      await site.until(`${said[index]} to be told`, () => tasksOf(stream).length > index);
      assert.deepEqual(tasksOf(stream), said.slice(0, index + 1));
    }
  }
});

test('a client that comes back is told what it missed, and only that', async ({ site, web }) => {
  await using stayed = await openStream(site, web);
  const first = await openStream(site, web);
  await insert(site, ['m1']);
  await site.until('m1', () => tasksOf(first).length === 1 && tasksOf(stayed).length === 1);
  const lastId = first.events.at(-1)?.id ?? '';
  await first[Symbol.asyncDispose]();
  await insert(site, ['m2', 'm3']);
  await site.until('m3', () => tasksOf(stayed).length === 3);
  await using second = await openStream(site, web, lastId);
  assert.deepEqual(
    second.events.map(({ name, data }) => `${name} ${data.id ?? ''}`.trim()),
    ['task m2', 'task m3', 'ready'],
  );
  for (const unknown of ['elsewhere-1', `${lastId.split('-')[0]}-999999`, 'x']) {
    await using other = await openStream(site, web, unknown);
    assert.deepEqual(
      other.events.map(({ name }) => name),
      ['many', 'ready'],
      unknown,
    );
  }
});

test('a client that comes back after no client listened is told what it missed, or to read the list again', async ({
  site,
  web,
}) => {
  const first = await openStream(site, web);
  const lastId = first.events.at(-1)?.id ?? '';
  await first[Symbol.asyncDispose]();
  await insert(site, ['n1']);
  let names: string[] = [];
  // The server notices a moment later that the first client has gone.
  await site.until('the first stream to be gone', async () => {
    await using second = await openStream(site, web, lastId);
    names = second.events.map(({ name }) => name);
    return names[0] !== 'ready';
  });
  assert.ok(names[0] === 'many' || names[0] === 'task', names.join(' '));
});

test('many changes at once are one event, not one for each task', async ({ site, web }) => {
  await using stream = await openStream(site, web);
  await insert(
    site,
    Array.from({ length: 300 }, (_, n) => `x${n}`),
  );
  await site.until('many', () => stream.events.some(({ name }) => name === 'many'));
  assert.deepEqual(
    // Changes of an earlier test may arrive late.
    stream.events.filter(({ name, data }) => name !== 'task' || data.id !== 'n1').map(({ name }) => name),
    ['ready', 'many'],
  );
});

test('a statement sends one notification, whatever it changes', async ({ site }) => {
  const client = await site.sql.connect();
  const payloads: string[] = [];
  client.on('notification', ({ payload = '' }) => payloads.push(payload.replaceAll(/\d+/g, 'N')));
  await client.query('LISTEN autophon_task_changed');
  await client.query(`INSERT INTO tasks (user_uuid) SELECT 'ann' FROM generate_series(1, 20)`);
  await client.query(`INSERT INTO tasks (user_uuid) SELECT 'ann' FROM generate_series(1, 21)`);
  await client.query(`UPDATE tasks SET priority = 1 WHERE user_uuid = 'nobody'`);
  await client.query(`UPDATE tasks SET priority = 1 WHERE user_uuid = 'ann'`);
  client.release(true);
  assert.deepEqual(payloads, [Array.from({ length: 20 }, () => 'N').join(','), 'many', 'many']);
});

test('a client that left before its stream was opened takes no place from others', async ({ site }) => {
  await using app = await openApp(readConfig(site.env, {}, site.dir), silentLog, 'test');
  const events = new TaskEvents({ url: app.url, db: app.db, log: silentLog });
  const listener = (isGone: boolean) => {
    const response = new ServerResponse(new IncomingMessage(new Socket()));
    if (isGone) response.destroy();
    return { response, user: null, lastId: null, mayStay: async () => true };
  };
  for (let n = 0; n < 1000; n++) events.open(listener(true));
  events.open(listener(false));
  await events.stop();
});

test('a stream ends when its client loses the right to see the tasks', async ({ site }) => {
  await using app = await openApp(readConfig(site.env, {}, site.dir), silentLog, 'test');
  const events = new TaskEvents({
    url: app.url,
    db: app.db,
    log: silentLog,
    heartbeatMs: 10,
    lookAgainMs: 20,
  });
  await events.start();
  const open = (mayStay: () => Promise<boolean>) => {
    const response = new ServerResponse(new IncomingMessage(new Socket()));
    events.open({ response, user: 'ann', lastId: null, mayStay });
    return response;
  };
  const stays = open(async () => true);
  const unknown = open(async () => Promise.reject(new Error('the database is away')));
  const goes = open(async () => false);
  await site.until('the stream to end', () => goes.writableEnded);
  assert.deepEqual([stays.writableEnded, unknown.writableEnded], [false, false]);
  await events.stop();
});

test.run();
