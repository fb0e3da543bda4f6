import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'uvu';
import { SETTINGS } from '../../src/settings.ts';
import { ROOT_DIR, readFile } from './markdown.ts';

const UNIT = 'deploy/autophon-worker@.service';
const unit = readIni(readFile(UNIT));
const supervisor = readIni(readFile('deploy/supervisor.conf'));
/** Between the end of the grace time and the end of the process, engines end and tasks are handed back. */
const HAND_BACK_SEC = 20;
const SYSTEMD_ANALYZE = 'systemd-analyze';
const hasSystemd = spawnSync(SYSTEMD_ANALYZE, ['--version']).status === 0;

test('a worker is given more time to stop than its grace time', () => {
  const neededSec = SETTINGS.SHUTDOWN_GRACE.parse(undefined) + HAND_BACK_SEC;
  assert.ok(Number(unit.get('TimeoutStopSec')) >= neededSec);
  assert.ok(Number(supervisor.get('stopwaitsecs')) >= neededSec);
});

test('the stop signal is sent to the worker only, not to its engines', () => {
  assert.equal(unit.get('KillMode'), 'mixed');
  assert.equal(supervisor.get('stopasgroup'), undefined);
});

test('both start the same program in the same folder', () => {
  const command = unit.get('ExecStart');
  assert.equal(command, `${unit.get('WorkingDirectory')}/bin/autophon worker`);
  assert.equal(supervisor.get('command'), command);
  assert.equal(supervisor.get('user'), unit.get('User'));
});

test('the worker may write into the folder that the steps name', () => {
  const folders = unit.get('ReadWritePaths')?.split(' ') ?? [];
  const [, dataDir = ''] = /^DATA_DIR=(.*)$/m.exec(readFile('docs/operations.md')) ?? [];
  assert.ok(folders.includes(dataDir), `${dataDir} is not in ${folders.join(' ')}`);
  assert.ok(folders.includes('/tmp'));
});

test('an engine can run in the namespaces that end with the worker', () => {
  assert.equal(unit.get('RestrictNamespaces'), 'user pid');
});

test('the target starts and stops each worker', () => {
  assert.equal(unit.get('PartOf'), 'autophon-workers.target');
  assert.equal(unit.get('WantedBy'), 'autophon-workers.target');
});

(hasSystemd ? test : test.skip)('the sandbox is rated at most 4.0 of 10 by systemd', () => {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'autophon-unit-'));
  try {
    const file = path.join(dir, path.basename(UNIT));
    writeFileSync(file, readFile(UNIT));
    const args = ['security', '--offline=true', '--threshold=40', '--no-pager', file];
    const { status, stdout, stderr } = spawnSync(SYSTEMD_ANALYZE, args, { encoding: 'utf8' });
    assert.equal(status, 0, `${stdout.slice(-200)}${stderr}`);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});

(hasSystemd ? test : test.skip)('systemd finds nothing wrong with the unit', () => {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'autophon-unit-'));
  try {
    const file = path.join(dir, path.basename(UNIT));
    // It looks for the program, which has another path here.
    writeFileSync(file, readFile(UNIT).replaceAll('/opt/autophon', ROOT_DIR));
    const { stderr } = spawnSync(SYSTEMD_ANALYZE, ['verify', '--man=no', file], { encoding: 'utf8' });
    const messages = stderr.split('\n').filter((line) => line.includes('autophon'));
    assert.deepEqual(messages, []);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});

test.run();

/** Values by name. No name is in two sections of these files. */
function readIni(text: string): ReadonlyMap<string, string> {
  return new Map([...text.matchAll(/^(\w+)=(.*)$/gm)].map(([, name = '', value = '']) => [name, value]));
}
