import assert from 'node:assert/strict';
import { test } from 'uvu';
import { engineEnvironment } from '../../src/engines/environment.ts';

test('an engine learns where programs are and nothing of the worker', () => {
  const source = {
    PATH: '/opt/conda/bin:/usr/bin',
    DATABASE_URL: 'postgres://worker:secret@host/db',
    PGPASSWORD: 'secret',
    HOME: '/home/worker',
    NODE_OPTIONS: '--inspect',
    MFA1: '/opt/mfa1',
    LC_ALL: 'de_DE.ISO-8859-1',
    TMPDIR: '/shared/tmp',
  };
  assert.deepEqual(engineEnvironment({}, source), {
    PATH: '/opt/conda/bin:/usr/bin',
    LANG: 'C.UTF-8',
    LC_ALL: 'C.UTF-8',
    PYTHONHASHSEED: '0',
    SOX_OPTS: '-R',
  });
});

test('variables that the driver sets win', () => {
  const environment = engineEnvironment({ HOME: '/work/home', PATH: '/engine' }, { PATH: '/bin' });
  assert.equal(environment['HOME'], '/work/home');
  assert.equal(environment['PATH'], '/engine');
});

test('programs are found also when the worker was started without a PATH', () => {
  assert.equal(engineEnvironment()['PATH'], '/usr/local/bin:/usr/bin:/bin');
});

test.run();
