import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { suite } from 'uvu';
import { FAULT_NAMES, type FaultName } from '../../scripts/soak/faults.ts';
import { formatReport } from '../../scripts/soak/report.ts';
import { runSoak, type SoakOptions, type SoakReport } from '../../scripts/soak/run.ts';

const test = suite('soak');
const ROOT_DIR = path.resolve(import.meta.dirname, '../..');
const INSTANCE_MAIN = 'tests/support/instance-main.ts';
/** A silent connection is given up after half a minute: too long for here, see tests/db/connect.test.ts. */
const FAULTS = FAULT_NAMES.filter((name) => name !== 'connections silenced');
/** Of those that are planned, some may meet an instance that is just not there; these cannot. */
const SURE: readonly FaultName[] = ['kill -9', 'freeze', 'database stop (fast)', 'database stop (immediate)'];

/** What is said is shown only of a soak that did not do as it should. */
async function soak(
  options: Pick<SoakOptions, 'durationSec' | 'instanceCount' | 'seed' | 'faults' | 'pace'> &
    Partial<SoakOptions>,
): Promise<SoakReport & { said: string }> {
  const said: string[] = [];
  const report = await runSoak({
    isDurable: false,
    isHurried: true,
    evidenceDir: path.join(ROOT_DIR, '.data/soak/test'),
    keepsEvidence: 'never',
    say: (line) => said.push(line),
    signal: new AbortController().signal,
    ...options,
  });
  return { ...report, said: [...said, ...formatReport(report)].join('\n') };
}

test('whatever happens to instances, database, network and disks, nothing is lost, doubled or left behind', async () => {
  const { violations, figures, said } = await soak({
    durationSec: 11,
    instanceCount: 3,
    // Its plan has each kind of fault.
    seed: 86,
    faults: FAULTS,
    pace: 1,
    keepsEvidence: 'of failures',
  });
  assert.deepEqual(violations, [], said);
  assert.notEqual(figures.settledSec, null, said);
  assert.deepEqual(
    SURE.filter((name) => figures.deeds[name] === undefined),
    [],
    said,
  );
  assert.ok((figures.fates['completed'] ?? 0) >= 10, said);
});

test('a program that does not look at fences any more is found out', async () => {
  const brokenDir = mkdtempSync(path.join(os.tmpdir(), 'autophon-broken-'));
  try {
    breakFences(brokenDir);
    const { violations, said } = await soak({
      durationSec: 11,
      instanceCount: 3,
      // In its plan three cuts last longer than the leases.
      seed: 25,
      faults: ['network reset'],
      pace: 8,
      // So long that the late ones come while others are at it again.
      tempers: ['long'],
      main: path.join(brokenDir, INSTANCE_MAIN),
    });
    const published = violations.filter(
      ({ rule }) => rule === 'a result is published once, by the last fence',
    );
    assert.ok(published.length > 0, said);
  } finally {
    rmSync(brokenDir, { recursive: true, force: true });
  }
});

test.run();

/**
 * Copies the program without its two fences: the number in the row, and the attempt of the job. Either alone is
 * enough to keep a late worker out.
 */
function breakFences(dir: string): void {
  for (const part of ['src', 'migrations', 'package.json', 'tests/support', 'tests/fixtures/trivial.dict'])
    cpSync(path.join(ROOT_DIR, part), path.join(dir, part), { recursive: true });
  symlinkSync(path.join(ROOT_DIR, 'node_modules'), path.join(dir, 'node_modules'));
  remove(path.join(dir, 'src/db/attempts.ts'), ".where('fence', '=', fence)");
  remove(path.join(dir, 'src/worker/settle.ts'), '!isOurs || ');
}

function remove(file: string, text: string): void {
  const source = readFileSync(file, 'utf8');
  assert.ok(source.includes(text), `${file}: ${text}`);
  writeFileSync(file, source.replaceAll(text, ''));
}
