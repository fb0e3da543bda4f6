import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { test } from 'uvu';

const PSQL = path.resolve(import.meta.dirname, '../../scripts/psql.ts');
const STAND_INS = path.resolve(import.meta.dirname, '../fixtures/bin');

/** What psql gets for an address. */
function startWith(url: string): { args: string[]; password: string | null } {
  const { stdout, stderr } = spawnSync(process.execPath, [PSQL, '--command=x'], {
    env: { PATH: `${STAND_INS}:${path.dirname(process.execPath)}:/usr/bin:/bin`, DATABASE_URL: url },
    encoding: 'utf8',
  });
  assert.equal(stderr, '');
  return JSON.parse(stdout);
}

test('psql gets the password in its environment, which no other user can read, and never as an argument', () => {
  for (const url of [
    'postgres://ann:p%40ss@host:5433/db?sslmode=verify-full',
    'postgres://ann@host:5433/db?password=p%40ss&sslmode=verify-full',
  ]) {
    const { args, password } = startWith(url);
    assert.equal(password, 'p@ss');
    assert.deepEqual(args, ['--no-psqlrc', '--command=x', 'postgres://ann@host:5433/db?sslmode=verify-full']);
  }
});

test('an address without a host, with its socket folder as a parameter, is passed to psql unchanged', () => {
  const { args, password } = startWith('postgres://an%20n:p%40ss@/my%20db?host=/run/x&port=5433');
  assert.equal(password, 'p@ss');
  assert.equal(args.at(-1), 'postgres://an%20n@/my%20db?host=/run/x&port=5433');
});

test.run();
