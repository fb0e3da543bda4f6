import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import path from 'node:path';
import { test } from 'uvu';

const SCRIPT = 'scripts/assert-removable.sh';
const OTHER_USER = 65_534;

test('a user who may not remove what was installed gets one line that says who may', () => {
  const dir = mkdtempSync(path.join(tmpdir(), 'autophon-clean-'));
  try {
    mkdirSync(path.join(dir, 'node_modules/a'), { recursive: true });
    mkdirSync(path.join(dir, 'scripts'));
    cpSync(path.resolve(import.meta.dirname, '../..', SCRIPT), path.join(dir, SCRIPT));
    assert.equal(spawnSync('sh', [SCRIPT], { cwd: dir }).status, 0);
    // Root may remove all: it takes the place of another user.
    const isRoot = process.getuid?.() === 0;
    if (isRoot) chmodSync(dir, 0o755);
    else chmodSync(dir, 0o555);
    const as = isRoot ? { uid: OTHER_USER } : {};
    const { status, stdout, stderr } = spawnSync('sh', [SCRIPT], { cwd: dir, encoding: 'utf8', ...as });
    const owner = userInfo({ encoding: 'utf8' }).username;
    assert.equal(
      stderr,
      `clean: node_modules belongs to ${owner}: run "make clean" as ${owner}. Nothing was removed\n`,
    );
    assert.deepEqual([status, stdout, existsSync(path.join(dir, 'node_modules'))], [1, '', true]);
  } finally {
    if (statSync(dir).uid === process.getuid?.()) chmodSync(dir, 0o755);
    rmSync(dir, { recursive: true });
  }
});

test.run();
