import assert from 'node:assert/strict';
import os from 'node:os';
import path from 'node:path';
import { test } from 'uvu';
import { parseBytes } from '../../src/base/bytes.ts';
import { type Config, readConfig } from '../../src/config.ts';
import { SETTINGS } from '../../src/settings.ts';
import { plain, readFile, tableRows } from './markdown.ts';

const HOME_DIR = '/project';
const rows = tableRows(readFile('docs/configuration.md'), 'setting', 'default', 'takes', 'meaning').map(
  (cells) => ({ name: plain(cells[0]), default: plain(cells[1]), takes: plain(cells[2]), meaning: cells[3] }),
);

/** The default of a folder comes from other folders. It is taken from a configuration without any settings. */
const FOLDERS: Readonly<Record<string, (config: Config) => string>> = {
  DATA_DIR: (config) => config.dataDir,
  UPLOADS: (config) => config.uploadsDir,
  LOGS: (config) => config.logsDir,
  TEMP_DIR: (config) => config.tempDir,
};

test('each setting has one row, and each row a setting', () => {
  assert.deepEqual(rows.map(({ name }) => name).sort(), Object.keys(SETTINGS).sort());
  for (const { name, meaning } of rows) assert.ok(meaning, name);
});

test('the defaults are those of the code', () => {
  const config = readConfig({}, {}, HOME_DIR);
  const found = Object.entries(SETTINGS).map(([name, schema]) => {
    const folder = FOLDERS[name]?.(config);
    const byDefault = folder === undefined ? schema.parse(undefined) : shorten(folder);
    return [name, byDefault === undefined ? 'none' : String(byDefault)];
  });
  const documented = rows.map((row) => [
    row.name,
    row.takes === 'a size' ? String(parseBytes(row.default)) : row.default,
  ]);
  assert.deepEqual(Object.fromEntries(documented), Object.fromEntries(found));
});

test('the limits are those of the code', () => {
  for (const { name, takes } of rows) {
    const schema = SETTINGS[name as keyof typeof SETTINGS];
    const [, least, most] = /^(\S+) to (\S+)$/.exec(takes) ?? [];
    if (least === undefined || most === undefined) {
      assert.ok(schema.safeParse('x').success || !/^\d/.test(takes), `${name} takes ${takes}`);
      continue;
    }
    for (const good of [least, most]) assert.ok(schema.safeParse(good).success, `${name}=${good}`);
    for (const bad of [Number(least) - 0.01, Number(most) + 0.01]) {
      assert.equal(schema.safeParse(String(bad)).success, false, `${name}=${bad}`);
    }
  }
});

test('the words that a setting takes are those of the code', () => {
  for (const { name, takes } of rows.filter((row) => row.takes.includes(', '))) {
    const schema = SETTINGS[name as keyof typeof SETTINGS];
    for (const word of takes.split(', ')) assert.ok(schema.safeParse(word).success, `${name}=${word}`);
    assert.equal(schema.safeParse('x').success, false, name);
  }
});

test.run();

function shorten(folder: string): string {
  if (folder === path.join(os.tmpdir(), `autophon-${process.getuid?.()}`)) return '/tmp/autophon-<user id>';
  return path.relative(HOME_DIR, folder);
}
