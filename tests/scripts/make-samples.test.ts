import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'uvu';

const ROOT_DIR = path.resolve(import.meta.dirname, '../..');

test('scripts/make-samples.sh makes the samples again, byte for byte, or names the packages that it lacks', () => {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'autophon-make-samples-'));
  try {
    for (const name of ['scripts', 'src', 'testing', 'samples', 'package.json'])
      cpSync(path.join(ROOT_DIR, name), path.join(dir, name), { recursive: true });
    symlinkSync(path.join(ROOT_DIR, 'node_modules'), path.join(dir, 'node_modules'));
    const { status, stdout, stderr } = spawnSync('sh', [path.join(dir, 'scripts/make-samples.sh')], {
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], NODE: process.execPath },
    });
    if (/packages are missing/.test(stderr)) {
      assert.match(stderr, /install them with: apt-get install --no-install-recommends( [a-z0-9-]+)+\n$/);
      assert.equal(status, 1);
      return;
    }
    assert.equal(status, 0, stdout + stderr);
    const samples = readdirSync(path.join(ROOT_DIR, 'samples'), { recursive: true, encoding: 'utf8' });
    for (const name of samples.filter((one) => /\.(?:wav|TextGrid|eaf|srt|xlsx|txt)$/.test(one))) {
      const made = path.join(dir, 'samples', name);
      assert.ok(
        existsSync(made) && readFileSync(made).equals(readFileSync(path.join(ROOT_DIR, 'samples', name))),
        name,
      );
    }
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});

test.run();
