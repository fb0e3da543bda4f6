import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'uvu';
import { createAssets } from '../../src/http/assets.ts';

/** Limit in bytes for everything that the first view loads, compressed. */
const MAX_PAGE_BYTES = 150_000;

const assets = createAssets();
const server = createServer((request, response) => {
  const { pathname } = new URL(request.url ?? '/', 'http://page');
  if (!assets.respond(request, response, pathname)) response.writeHead(404).end();
});
let root = '';

test.before(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  root = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
test.after(() => {
  server.close();
});

test('each view is the same document, and other paths are not found', async () => {
  for (const view of ['/', '/operator', '/tasks/interview-7'])
    assert.match(await (await fetch(root + view)).text(), /<div id="page">/);
  for (const other of [
    '/tasks/',
    '/tasks/a/b',
    '/main.ts',
    '/tsconfig.json',
    '/../package.json',
    '/base/log.js',
  ])
    assert.equal((await fetch(root + other)).status, 404, other);
  assert.equal((await fetch(root, { method: 'POST' })).status, 404);
});

test('all files that the document names exist and are small', async () => {
  const html = await (await fetch(root)).text();
  const imports = Object.values(JSON.parse(/importmap">(.*?)<\/script>/.exec(html)?.[1] ?? '{}').imports);
  const links = [...html.matchAll(/(?:href|src)="([^"]+)"/g)].map(([, address = '']) => address);
  let bytes = html.length;
  for (const address of new Set([...links, ...(imports as string[])])) {
    const response = await fetch(root + address);
    assert.equal(response.status, 200, address);
    bytes += Number(response.headers.get('content-length'));
    const text = await response.text();
    for (const [, imported = ''] of text.matchAll(/\bfrom ['"](\.[^'"]+)['"]/g)) {
      assert.equal((await fetch(new URL(imported, root + address))).status, 200, `${address}: ${imported}`);
    }
  }
  assert.ok(bytes < MAX_PAGE_BYTES, `${bytes} bytes`);
});

test('the policy allows the import map by its hash, and nothing unsafe or foreign', async () => {
  const response = await fetch(root);
  const policy = response.headers.get('content-security-policy') ?? '';
  const map = /importmap">(.*?)<\/script>/.exec(await response.text())?.[1] ?? '';
  assert.ok(policy.includes(`'sha256-${createHash('sha256').update(map).digest('base64')}'`));
  assert.doesNotMatch(policy, /unsafe|https?:|\*/);
});

test('the first paint needs only the document: styles and a header are in it, allowed by hash', async () => {
  const response = await fetch(root);
  const html = await response.text();
  const [, style = ''] = /<style>(.*?)<\/style>/s.exec(html) ?? [];
  const policy = response.headers.get('content-security-policy') ?? '';
  assert.ok(
    policy.includes(`style-src 'self' 'sha256-${createHash('sha256').update(style).digest('base64')}'`),
  );
  assert.doesNotMatch(html, /rel="stylesheet"/);
  assert.match(html, /<div id="page">\s*<header/);
});

test('unchanged files are not sent again', async () => {
  const first = await fetch(`${root}/main.js`);
  await first.text();
  const etag = first.headers.get('etag') ?? '';
  const again = await fetch(`${root}/main.js`, { headers: { 'if-none-match': etag } });
  assert.equal(again.status, 304);
});

test.run();
