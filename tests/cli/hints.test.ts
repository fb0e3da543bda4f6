import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'uvu';
import { hintsAt } from '../../src/cli/hints.ts';
import { isOnPath } from '../../src/environment.ts';

const NAMES = ['show', 'status', 'help'];
const TEXT =
  'Run "autophon status", or "make migrate"; see it with: autophon show 7. The role autophon does not exist.';

test('a hint names a command that works in the folder where it is read', () => {
  const at = (currentDir: string, homeDir: string, isLinked = false) =>
    hintsAt({ homeDir, currentDir, isLinked }, NAMES)(TEXT);
  assert.equal(
    at('/srv/a', '/srv/a'),
    'Run "bin/autophon status", or "make migrate"; see it with: bin/autophon show 7. The role autophon does not exist.',
  );
  assert.equal(
    at('/', '/srv/a'),
    'Run "/srv/a/bin/autophon status", or "make -C /srv/a migrate"; see it with: /srv/a/bin/autophon show 7. The role autophon does not exist.',
  );
  assert.equal(at('/srv/a', '/srv/a', true), TEXT);
  assert.match(
    at('/', '/srv/$a b'),
    /^Run "'\/srv\/\$a b\/bin\/autophon' status", or "make -C '\/srv\/\$a b' migrate"/,
  );
});

test('an example of the help can be copied; its usage keeps the name of the program', () => {
  const hints = hintsAt({ homeDir: '/srv/a', currentDir: '/srv/a', isLinked: false }, NAMES);
  assert.equal(hints('  autophon status --watch'), '  bin/autophon status --watch');
  assert.equal(hints('  SEARCH=wide autophon status'), '  SEARCH=wide bin/autophon status');
  assert.equal(hints('Usage: autophon status [options]'), 'Usage: autophon status [options]');
});

test('a program is on PATH when a link there leads to this very one', () => {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'autophon-path-'));
  const program = path.resolve(import.meta.dirname, '../../bin/autophon');
  try {
    const environment = { PATH: `/nowhere:${dir}` };
    assert.equal(isOnPath(program, environment), false);
    symlinkSync(program, path.join(dir, 'autophon'));
    assert.equal(isOnPath(program, environment), true);
  } finally {
    rmSync(dir, { recursive: true });
  }
});

test.run();
