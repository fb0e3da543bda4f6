import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import path from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { test } from 'uvu';
import { toBlockList } from '../../src/base/networks.ts';
import { findAddresses, lookupOf } from '../../src/deliveries/addresses.ts';
import { sendWebhook, type WebhookPolicy } from '../../src/deliveries/webhook.ts';
import { type Receiver, type ReceiverAnswer, startReceiver } from '../../testing/receiver.ts';
import { withEnoughTime } from '../../testing/time-limits.ts';

const delivery = { id: '1', attempt: 1, messageId: 'm', kind: 'webhook', taskId: 't', body: '{}' } as const;

async function send(
  url: string,
  changes: Partial<WebhookPolicy> = {},
  signal = new AbortController().signal,
) {
  const policy = {
    origins: [new URL(url).origin],
    networks: toBlockList(['127.0.0.1']),
    keys: [randomBytes(32)],
    timeoutSec: 60,
    ...changes,
  };
  return await sendWebhook({ ...delivery, url }, policy, signal);
}

/** Sends a request to a receiver that answers like this. */
async function sendTo(answer: ReceiverAnswer, changes: Partial<WebhookPolicy> = {}) {
  await using receiver = await startReceiver(answer);
  return await send(`${receiver.origin}/x`, changes);
}

for (const [name, answer, outcome, said] of [
  ['answers with 200 and a page', (response) => response.end('<p>'.repeat(500)), 'delivered', 'HTTP 200 OK'],
  [
    'answers with 500',
    (response) => response.writeHead(500).end('no'),
    'failed',
    'HTTP 500 Internal Server Error',
  ],
  ['wants no more', (response) => response.writeHead(410).end(), 'unwanted', 'HTTP 410 Gone'],
  ['closes the connection without an answer', (response) => response.destroy(), 'failed', 'socket hang up'],
  [
    'closes the connection in the middle of its answer',
    (response) => {
      response.writeHead(200, { 'content-length': 100 });
      response.write('half', () => response.destroy());
    },
    'delivered',
    'HTTP 200 OK',
  ],
] as const satisfies readonly (readonly [string, ReceiverAnswer, string, string])[]) {
  test(`of a receiver that ${name}, the status is kept and nothing else`, async () => {
    assert.deepEqual(await sendTo(answer), { outcome, answer: said });
  });
}

test('a receiver whose answer has no end is not read to its end', async () => {
  const attempt = await sendTo((response) => {
    const more = () => {
      while (!response.destroyed && response.write('x'.repeat(10_000)));
    };
    response.on('drain', more);
    more();
  });
  assert.deepEqual(attempt, { outcome: 'delivered', answer: 'HTTP 200 OK' });
});

test('a receiver that does not answer, or answers byte by byte, has failed when the time is up', async () => {
  const limit = { timeoutSec: 0.3 };
  const none = { outcome: 'failed', answer: 'no answer within 0.3 s' };
  assert.deepEqual(await sendTo(() => undefined, limit), none);
  const slow = (response: Parameters<ReceiverAnswer>[0]) => response.socket?.write('HTTP/1.1 200 OK\r\nX: ');
  assert.deepEqual(await sendTo(slow, limit), none);
  // The status of the answer has arrived, and only that is needed.
  const trickle = (response: Parameters<ReceiverAnswer>[0]) => response.writeHead(500).write('x');
  const { answer } = await withEnoughTime(
    (timeoutSec) => sendTo(trickle, { timeoutSec }),
    (attempt) => !attempt.answer.startsWith('no answer'),
  );
  assert.match(answer, /^HTTP 500/);
});

test('a redirect is not followed', async () => {
  await using other = await startReceiver();
  const attempt = await sendTo((response) =>
    response.writeHead(307, { location: `${other.origin}/in` }).end(),
  );
  assert.deepEqual(attempt, {
    outcome: 'failed',
    answer: `HTTP 307 Temporary Redirect to ${other.origin}/in: redirects are not followed`,
  });
  assert.equal(other.requests.length, 0);
});

test('a request is broken off when the worker stops', async () => {
  const stopping = new AbortController();
  await using receiver = await startReceiver(() => stopping.abort(new Error('the end')));
  await assert.rejects(send(receiver.origin, {}, stopping.signal), /the end/);
});

test('nothing is sent to an origin that is not listed, or to an address that is not public', async () => {
  await using receiver = await startReceiver();
  const { port } = new URL(receiver.origin);
  const to = async (url: string, changes: Partial<WebhookPolicy>) => {
    const { outcome, answer } = await send(url, changes);
    assert.equal(outcome, 'failed', url);
    return answer;
  };
  assert.match(
    await to(receiver.origin, { origins: ['https://127.0.0.1'] }),
    /^webhooks to http:.* not allowed here/,
  );
  assert.match(await to(receiver.origin, { origins: [] }), /sends no webhooks/);
  assert.match(
    await to(receiver.origin.replace('//', '//ann:secret@'), {}),
    /without a user and a password$/,
  );
  for (const host of ['127.0.0.1', 'localhost', '2130706433', '0x7f.1', '[::ffff:127.0.0.1]', '[::1]'])
    assert.match(
      await to(`http://${host}:${port}/`, { networks: toBlockList([]) }),
      /which is not public; the operator can allow it with WEBHOOK_NETWORKS$/,
    );
  assert.equal(receiver.requests.length, 0);
});

test('addresses with a special meaning are not public, also if IPv6 contains one of IPv4', async () => {
  const none = toBlockList([]);
  const refused =
    '0.0.0.0 10.1.2.3 100.64.0.1 127.8.8.8 169.254.169.254 172.31.0.1 192.168.1.1 198.19.0.1 224.0.0.1 255.255.255.255 ' +
    '[::] [::1] [fc00::1] [fd12::1] [fe80::1] [ff02::1] [::ffff:10.0.0.1] [64:ff9b::a00:1] [2002:a00:1::1] [2001:db8::1] [2001::1]';
  for (const host of refused.split(' '))
    await assert.rejects(findAddresses(host, none), /is not public/, host);
  for (const host of ['93.184.215.14', '172.32.0.1', '[2606:2800:21f::1]']) await findAddresses(host, none);
  for (const host of ['10.1.2.3', '[::ffff:10.1.2.3]'])
    await findAddresses(host, toBlockList(['10.1.0.0/16']));
  await findAddresses('[fd12::1]', toBlockList(['fd12::/16']));
});

test('a connection is made to the addresses that were checked, whatever a name server says later', async () => {
  await using receiver: Receiver = await startReceiver();
  const { port } = new URL(receiver.origin);
  const lookup = lookupOf([{ address: '127.0.0.1', family: 4 }]);
  const sent = request(`http://receiver.invalid:${port}/`, { lookup, agent: false }).end();
  const [response] = await once(sent, 'response');
  response.resume();
  assert.equal(response.statusCode, 204);
  // As Node asks if it is told not to try several addresses.
  lookup('receiver.invalid', { all: false }, (...answer) => assert.deepEqual(answer, [null, '127.0.0.1', 4]));
});

test('a receiver with https must have a certificate of its name that is trusted', async () => {
  const read = (name: string) =>
    readFileSync(path.resolve(import.meta.dirname, '../fixtures/tls', name), 'utf8');
  await using receiver = await startReceiver(undefined, {
    cert: read('server.crt'),
    key: read('server.key'),
  });
  const networks = toBlockList(['127.0.0.1', '::1']);
  const trusted = getCACertificates('default');
  const attempt = await send(receiver.origin, { networks });
  assert.deepEqual([attempt.outcome, receiver.requests.length], ['failed', 0]);
  assert.match(attempt.answer, /certificate/);
  setDefaultCACertificates([...trusted, read('ca.crt')]);
  try {
    assert.equal((await send(receiver.origin, { networks })).answer, 'HTTP 204 No Content');
    const byNumber = await send(receiver.origin.replace('localhost', '127.0.0.1'), { networks });
    assert.match(byNumber.answer, /does not match certificate/);
  } finally {
    setDefaultCACertificates(trusted);
  }
  assert.equal(receiver.requests.length, 1);
});

test.run();
