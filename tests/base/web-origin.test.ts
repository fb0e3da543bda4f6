import assert from 'node:assert/strict';
import { test } from 'uvu';
import {
  findOriginFault,
  findPublicUrlFault,
  findWebhookFault,
  splitOrigins,
} from '../../src/base/web-origin.ts';

test('hosts in a list mean https on the usual port, unless the list says otherwise', () => {
  const list = 'app.example.org, App.example.org:8443,http://10.1.2.3:5000,https://[2001:DB8::1]:443,';
  assert.equal(findOriginFault(list), null);
  assert.deepEqual(splitOrigins(list), [
    'https://app.example.org',
    'https://app.example.org:8443',
    'http://10.1.2.3:5000',
    'https://[2001:db8::1]',
  ]);
});

test('an entry that is not a host is named', () => {
  for (const wrong of [
    '*',
    '*.example.org',
    'a/b',
    'a:99999',
    'ftp://a',
    'user@a',
    'http://',
    'a b',
    'a?b',
    'é',
  ])
    assert.match(findOriginFault(`app.example.org,${wrong}`) ?? '', /, found "/, wrong);
});

test('a URL gets messages only if its scheme, host and port are in the list', () => {
  const origins = splitOrigins('app.example.org,http://10.1.2.3:5000');
  for (const good of [
    'https://app.example.org',
    'https://APP.example.org:443/x?y#z',
    'http://10.1.2.3:5000/',
  ])
    assert.equal(findWebhookFault(good, origins), null, good);
  for (const bad of [
    'http://app.example.org/',
    'https://app.example.org:444/',
    'https://app.example.org.evil.example/',
    'https://evil.example/app.example.org',
    'https://app.example.org@evil.example/',
    'https://evil.example\\@app.example.org/',
    'https://10.1.2.3:5000/',
    'http://10.1.2.3/',
    'file:///etc/passwd',
    '//app.example.org/',
    'https://app.example.org/ x',
  ])
    assert.notEqual(findWebhookFault(bad, origins), null, bad);
});

test('paths can be added to the address of the page', () => {
  for (const good of ['https://align.example.org', 'http://lab:8017/', 'https://lab/align'])
    assert.equal(findPublicUrlFault(good), null, good);
  for (const bad of [
    'align.example.org',
    'https://lab/?x',
    'https://lab/#x',
    'https://u:p@lab/',
    'ftp://lab/',
  ])
    assert.notEqual(findPublicUrlFault(bad), null, bad);
});

test.run();
