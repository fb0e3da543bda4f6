import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { test as all } from 'uvu';
import { chromiumPath } from '../../testing/chromium.ts';

const ROOT_DIR = path.resolve(import.meta.dirname, '../..');
const MAX_BYTES = 60_000;

const test = chromiumPath === null ? all.skip : all;
if (chromiumPath === null) console.log('skipped: no Chromium here; "make test-browser" installs one');

test('the picture of the README can be made again, and is small', async () => {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'autophon-picture-test-'));
  try {
    const made = path.join(dir, 'page.png');
    await promisify(execFile)(process.execPath, ['scripts/page-picture.ts', made], { cwd: ROOT_DIR });
    for (const file of [made, path.join(ROOT_DIR, 'docs/pictures/page.png')]) {
      const png = readFileSync(file);
      assert.deepEqual(png.subarray(1, 4).toString(), 'PNG', file);
      assert.ok(png.length < MAX_BYTES, `${file}: ${png.length} bytes`);
    }
  } finally {
    rmSync(dir, { recursive: true });
  }
});

all.run();
