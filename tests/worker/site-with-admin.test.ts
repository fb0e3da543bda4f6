import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { suite } from 'uvu';
import { writeTextGrid } from '../../src/formats/textgrid/write.ts';
import { installAdmin } from '../../testing/admin.ts';
import { installFase } from '../../testing/fase.ts';
import { installFave } from '../../testing/fave.ts';
import { type MfaStandIn, makeStandIn, removeDirs } from '../../testing/mfa.ts';
import { createSite, type Site } from '../../testing/site.ts';
import { makeWav, sine } from '../../testing/wav.ts';
import { readZip } from '../../testing/zip.ts';
import { endAllCli, runJson, startCli } from '../cli/run-cli.ts';

/** A site as an operator has it: an ADMIN folder, installations of all engines, workers as separate processes. */
interface Place {
  site: Site;
  env: Record<string, string>;
  /** The settings that name the installations. */
  engines: Record<string, string>;
  mfa1: MfaStandIn;
}

const test = suite<Place>('a site with an ADMIN folder');

test.before(async (place) => {
  const site = await createSite();
  const dir = path.join(site.dir, 'installed');
  await mkdir(dir);
  const fave = await installFave(dir);
  const fase = await installFase(dir);
  const adminDir = await installAdmin(path.join(site.dir, 'admin'));
  place.site = site;
  place.env = {
    ...site.env,
    ADMIN: adminDir,
    PATH: `${fave.binDir}:${fase.binDir}:${site.env['PATH']}`,
  };
  place.mfa1 = makeStandIn('mfa_align');
  place.engines = {
    MFA1: place.mfa1.command,
    MFA2: makeStandIn('mfa').command,
    FAVE_DIR: fave.faveDir,
    FASE: fase.command,
  };
});

test.after(async ({ site }) => {
  endAllCli();
  removeDirs();
  await site[Symbol.asyncDispose]();
});

const TASKS = [
  ['engUS_MFA1_v010', 'The quick Zab', ['W_WORD_GUESSED']],
  ['engUS_MFA2_v020', 'Hello, water!', []],
  ['engUS_FAVE_v010', "Hello, DON'T read", []],
  ['spaUS_FASE_v011', '¿La CASA? Pero el perro...', []],
] as const;

interface CheckRow {
  readonly area: string;
  readonly subject: string;
  readonly state: string;
  readonly found: string;
}

test('doctor tests each installation by aligning a word with it, in the folder where tasks work', async ({
  site,
  env,
  engines,
  mfa1,
}) => {
  const { document, stderr } = await runJson<{ checks: CheckRow[] }>(['doctor'], { ...env, ...engines });
  const found = document.checks.filter(({ area }) => area === 'engines');
  assert.deepEqual(
    found.map(({ subject, state }) => `${subject} ${state}`).sort(),
    ['FASE ok', 'FAVE ok', 'MFA1 ok', 'MFA2 ok', 'SPHINX ok'],
    stderr,
  );
  for (const { subject, found: text } of found) {
    if (subject !== 'SPHINX') assert.match(text, /; aligned test words of /, subject);
  }
  const [start] = await mfa1.starts();
  assert.ok(start?.cwd.startsWith(`${site.tempDir}/`), start?.cwd);
  assert.deepEqual(await readdir(site.tempDir), []);
});

test('tasks of engines that one worker lacks wait for a worker that has them, which completes them all', async ({
  site,
  env,
  engines,
}) => {
  const without = startCli(['worker'], env);
  await without.said('worker ready');
  const taskIds: string[] = [];
  for (const [lang, text] of TASKS) {
    const folder = await writeTalks(path.join(site.dir, `talks ${lang}`), text);
    const { exitCode, document, stderr } = await runJson<{ taskId: string }>(
      ['submit', folder, '--lang', lang, '--user', 'ann'],
      env,
    );
    assert.equal(exitCode, 0, stderr);
    taskIds.push(document.taskId);
  }
  const withAll = startCli(['worker'], { ...env, ...engines });
  await withAll.said('worker ready');
  const { rows } = await site.sql.query<{ id: string }>('SELECT id::text FROM instances WHERE pid = $1', [
    withAll.child.pid,
  ]);

  for (const [n, [lang, , codes]] of TASKS.entries()) {
    const row = await site.waitFor(taskIds[n] ?? '', 'completed', 'failed');
    assert.equal(row.error_message, null, lang);
    assert.equal(row['instance'], rows[0]?.id, lang);
    assert.deepEqual([row['no_of_files'], row['no_of_tiers']], [2, 4], lang);
    const warnings = row['warnings'] as { code: string }[];
    assert.deepEqual([...new Set(warnings.map(({ code }) => code))], codes, lang);
    const entries = [...(await readZip(site.zipPath(row))).keys()];
    assert.equal(
      entries.filter((name) => name.endsWith("/day 1/it's one.TextGrid")).length,
      2,
      entries.join(),
    );
    assert.ok(entries.includes('manifest.json') && entries.includes(`${lang}_cite.txt`), entries.join());
    const audio = path.join(site.uploadsDir, String(row['task_path']), "day 1/it's one.wav");
    await site.until('the audio to be deleted', () => !existsSync(audio));
  }
  const { id: rowId } = await site.row(String(taskIds[0]));
  const suggestions = path.join(site.uploadsDir, 'ann/dic/missing', `${taskIds[0]}.${rowId}.txt`);
  await site.until('the suggestions to be written', () => existsSync(suggestions));
  assert.match(await readFile(suggestions, 'utf8'), /^zab\tZ AE1 B$/m);
  for (const worker of [without, withAll]) {
    worker.child.kill('SIGTERM');
    assert.equal((await worker.ended).exitCode, 0);
  }
});

test.run();

/** Two recordings of 3 s in a folder and its sub-folder, with two tiers each. */
async function writeTalks(dir: string, text: string): Promise<string> {
  const audio = makeWav({ sampleRateHz: 16_000, samples: sine(200, 16_000, 3) });
  const interval = (startSec: number, endSec: number, label: string) => ({ startSec, endSec, text: label });
  const tier = (name: string, startSec: number) => ({
    kind: 'interval' as const,
    name,
    startSec: 0,
    endSec: 3,
    intervals: [
      interval(0, startSec, ''),
      interval(startSec, startSec + 1.5, text),
      interval(startSec + 1.5, 3, ''),
    ],
  });
  const grid = writeTextGrid({ startSec: 0, endSec: 3, tiers: [tier('ann', 0.5), tier('$(touch x)', 1)] });
  for (const stem of ["day 1/it's one", 'two']) {
    await mkdir(path.dirname(path.join(dir, stem)), { recursive: true });
    await writeFile(path.join(dir, `${stem}.wav`), audio);
    await writeFile(path.join(dir, `${stem}.TextGrid`), grid);
  }
  return dir;
}
