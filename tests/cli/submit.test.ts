import assert from 'node:assert/strict';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { suite } from 'uvu';
import type { Finding } from '../../src/base/finding.ts';
import { createSite, type Site } from '../../testing/site.ts';
import { shown } from '../support/finding.ts';
import { runCli, runJson } from './run-cli.ts';

const SAMPLES_DIR = path.resolve(import.meta.dirname, '../../samples');
const ENGLISH = 'engUS_SPHINX_v010';

const test = suite<{ site: Site }>('submit');

test.before(async (context) => {
  context.site = await createSite();
});

test.after(async ({ site }) => {
  await site[Symbol.asyncDispose]();
});

interface Refusal {
  readonly error: { readonly code: string; readonly faults: readonly Finding[] };
}

interface Accepted {
  readonly taskId: string;
  readonly status: string;
  readonly files: number;
  readonly words: number;
  readonly audioSec: number;
  readonly warnings: readonly object[];
}

/** A copy of a sample that a test may change. */
function copySample(site: Site, name: string): string {
  const dir = path.join(site.dir, `copy of ${path.basename(name)}`);
  rmSync(dir, { recursive: true, force: true });
  cpSync(path.join(SAMPLES_DIR, name), dir, { recursive: true });
  return dir;
}

async function assertNothingWritten(site: Site, before: number): Promise<void> {
  const { rows } = await site.sql.query('SELECT count(*)::int AS n FROM tasks');
  assert.equal(rows[0].n, before);
  assert.deepEqual(
    filesBelow(site.uploadsDir).filter((file) => file.includes('refused')),
    [],
  );
}

async function countTasks(site: Site): Promise<number> {
  return (await site.sql.query('SELECT count(*)::int AS n FROM tasks')).rows[0].n;
}

function filesBelow(dir: string): string[] {
  return readdirSync(dir, { recursive: true, encoding: 'utf8' }).sort();
}

function fingerprint(dir: string): string[] {
  return filesBelow(dir).map((file) => {
    const { mtimeMs, size, mode } = statSync(path.join(dir, file));
    return [file, mtimeMs, size, mode].join(' ');
  });
}

test('all faults of the files are reported at once, and nothing is written', async ({ site }) => {
  const before = await countTasks(site);
  const args = ['submit', path.join(SAMPLES_DIR, 'broken'), '--lang', ENGLISH, '--user', 'refused'];
  const { exitCode, document, stderr } = await runJson<Refusal>(args, { ...site.env, UNKNOWN_WORDS: 'fail' });
  assert.equal(exitCode, 2);
  assert.equal(stderr, '');
  const codes = new Set(document.error.faults.map(({ code }) => code));
  for (const code of [
    'E_AUDIO_MISSING',
    'E_AUDIO_EMPTY',
    'E_AUDIO_FORMAT',
    'E_AUDIO_CUT_SHORT',
    'E_TRANSCRIPT_MISSING',
    'E_TEXTGRID_MALFORMED',
    'E_TRANSCRIPT_NO_WORDS',
    'E_TRANSCRIPT_OVERLAP',
    'E_AUDIO_TOO_SHORT',
    'E_WORDS_UNKNOWN',
  ]) {
    assert.ok(codes.has(code), `${code} in ${[...codes].join(', ')}`);
  }
  await assertNothingWritten(site, before);
});

test('without --json each fault is a line with its code, then its place and text', async ({ site }) => {
  const { exitCode, stdout, stderr } = await runCli(
    ['submit', path.join(SAMPLES_DIR, 'broken/textgrid-missing'), '--lang', ENGLISH],
    site.env,
  );
  assert.equal(exitCode, 2);
  assert.equal(stdout, '');
  assert.match(
    stderr,
    /^E_TRANSCRIPT_MISSING {2}.*train\.wav: no transcript; expected train\.TextGrid \(or \..*\) beside it\n$/,
  );
});

test('mistakes that show in the command line alone are refused as mistakes of the caller', async ({
  site,
}) => {
  const before = await countTasks(site);
  const sample = path.join(SAMPLES_DIR, 'english-read');
  const cases: [args: string[], said: RegExp][] = [
    [[sample], /E_USAGE {2}which language\? .*engUS_SPHINX_v010/],
    [['--lang', ENGLISH], /expected files or folders, found nothing/],
    [[sample, '--lang', 'engUS_SPHNX_v010'], /E_LANGUAGE_UNKNOWN.*did you mean "engUS_SPHINX_v010"\?/],
    [[sample, '--lang', ENGLISH, '--engine', 'MFA9'], /E_ENGINE_UNKNOWN/],
    [[sample, '--lang', ENGLISH, '--user', '../refused'], /E_USAGE {2}user "\.\.\/refused"/],
    [
      [sample, '--lang', ENGLISH, '--user', '_ann'],
      /user "_ann": expected up to 100 letters.*beginning with/,
    ],
    [[sample, '--lang', ENGLISH, '--priority', 'high'], /--priority: expected a whole number, found "high"/],
    [[sample, '--lang', ENGLISH, '--priority', '5000'], /expected a whole number from -1000 to 1000/],
    [
      [sample, '--lang', ENGLISH, '--not-before', 'tonight'],
      /--not-before: expected a time .* found "tonight"/,
    ],
    [[sample, '--lang', ENGLISH, '--not-before', '2026-02-30'], /found "2026-02-30"/],
    [
      [sample, '--lang', ENGLISH, '--notify-url', 'https://app.example.org/aligned'],
      /E_USAGE {2}the URL to tell, "https:.*": this site sends no webhooks: its operator sets WEBHOOK_HOSTS for them/,
    ],
    [[path.join(site.dir, 'nowhere'), '--lang', ENGLISH], /nowhere: no such file or folder/],
    [[site.tempDir, '--lang', ENGLISH], /E_NO_FILES {2}nothing to align/],
    [[sample, '--lang', ENGLISH, '--user-dict', path.join(site.dir, 'no.dict')], /no\.dict/],
  ];
  await Promise.all(
    cases.map(async ([args, said]) => {
      const { exitCode, stderr } = await runCli(['submit', ...args], site.env);
      assert.match(stderr, said);
      assert.equal(exitCode, 2, stderr);
    }),
  );
  await assertNothingWritten(site, before);
});

test('more bytes than a task may have are refused before anything is written', async ({ site }) => {
  const before = await countTasks(site);
  const dir = path.join(SAMPLES_DIR, 'english-conversation');
  const env = { ...site.env, MAX_TASK_SIZE: '64K' };
  const refused = await runCli(['submit', dir, '--lang', ENGLISH, '--user', 'refused'], env);
  assert.equal(refused.exitCode, 2);
  assert.match(refused.stderr, /^E_LIMIT {2}.* more than 64 KiB \(MAX_TASK_SIZE\)/);
  await assertNothingWritten(site, before);
});

test('a folder is one task: its files are copied for the worker and its group, the originals are only read', async ({
  site,
}) => {
  const dir = copySample(site, 'english-read');
  const [first = '', ...others] = filesBelow(dir);
  chmodSync(path.join(dir, first), 0o600);
  for (const file of others) chmodSync(path.join(dir, file), 0o666);
  const before = fingerprint(dir);
  const args = ['submit', dir, '--lang', ENGLISH, '--user', 'ann', '--priority', '-7'];
  const { exitCode, document } = await runJson<Accepted>(args, site.env);
  assert.equal(exitCode, 0);
  assert.equal(document.status, 'uploaded');
  assert.equal(document.files, 2);
  assert.ok(document.words > 10);
  assert.ok(document.audioSec > 5);
  assert.deepEqual(fingerprint(dir), before);

  const row = await site.row(document.taskId);
  assert.equal(row.task_status, 'uploaded');
  assert.equal(row['user_uuid'], 'ann');
  assert.equal(row['priority'], -7);
  assert.equal(row['engine'], 'SPHINX');
  const copied = path.join(site.uploadsDir, String(row['task_path']));
  assert.deepEqual(filesBelow(copied), filesBelow(dir));
  for (const file of filesBelow(dir)) {
    assert.deepEqual(readFileSync(path.join(copied, file)), readFileSync(path.join(dir, file)), file);
    assert.equal(statSync(path.join(copied, file)).mode & 0o777, 0o640, file);
  }
});

test('a task may be queued for a time to come', async ({ site }) => {
  const args = ['submit', path.join(SAMPLES_DIR, 'english-read'), '--lang', ENGLISH, '--user', 'ann'];
  const given = [...args, '--not-before', '2999-03-01 22:00Z'];
  const [{ document }, { stdout }] = await Promise.all([
    runJson<Accepted>(given, site.env),
    runCli([...args, '--not-before', '2d'], site.env),
  ]);
  assert.match(stdout, /\n {2}not before \d{4}-\d\d-\d\d \d\d:\d\d [+-]\d{4}\n/);
  const row = await site.row(document.taskId);
  assert.deepEqual(row['not_before'], new Date('2999-03-01T22:00:00Z'));
  const { rows } = await site.sql.query(
    "SELECT round(extract(epoch FROM not_before - created_at) / 3600)::int AS hours FROM tasks WHERE not_before < '2999-01-01'",
  );
  assert.deepEqual(rows, [{ hours: 48 }]);
});

test('a task may name the URL that is told when it has ended, on a host that the site allows', async ({
  site,
}) => {
  const args = ['submit', path.join(SAMPLES_DIR, 'english-read'), '--lang', ENGLISH, '--notify-url'];
  const env = { ...site.env, WEBHOOK_HOSTS: 'app.example.org', WEBHOOK_SECRET: 'key' };
  const url = 'https://app.example.org/aligned';
  const [{ document }, other] = await Promise.all([
    runJson<Accepted & { notifyUrl: string }>([...args, url], env),
    runCli([...args, 'https://app.example.org:8443/'], env),
  ]);
  assert.deepEqual([document.notifyUrl, (await site.row(document.taskId))['notify_url']], [url, url]);
  assert.equal(other.exitCode, 2);
  assert.match(other.stderr, /to https:\/\/app\.example\.org:8443 are not allowed here/);
});

test('naming one file of a pair is enough, and its dictionary goes with it', async ({ site }) => {
  const dir = copySample(site, 'broken/unknown-word');
  const warned = await runJson<Accepted>(
    ['submit', path.join(dir, 'train.wav'), '--lang', ENGLISH],
    site.env,
  );
  assert.equal(warned.exitCode, 0);
  const [warning] = warned.document.warnings as Finding[];
  assert.equal(warning?.code, 'W_WORD_UNKNOWN');
  const [, word = ''] = /^"(\S+)" is not in the dictionary/.exec(warning?.text ?? '') ?? [];

  const dictionary = path.join(dir, 'mine.dict');
  writeFileSync(dictionary, `${word}\tT R EY N\n`);
  const { exitCode, document } = await runJson<Accepted>(
    ['submit', path.join(dir, 'train.TextGrid'), '--lang', ENGLISH, '--user-dict', dictionary],
    site.env,
  );
  assert.equal(exitCode, 0);
  assert.deepEqual(document.warnings, []);
  const row = await site.row(document.taskId);
  const copied = path.join(site.uploadsDir, String(row['task_path']));
  assert.deepEqual(filesBelow(copied), [`${ENGLISH}.dict`, 'train.TextGrid', 'train.wav']);
});

test('names with composed and decomposed accents are one pair; a name that is not UTF-8 is reported', async ({
  site,
}) => {
  const dir = path.join(site.dir, 'accents');
  mkdirSync(dir);
  const sample = path.join(SAMPLES_DIR, 'english-read/night-train');
  cpSync(`${sample}.wav`, path.join(dir, 'cafe\u0301.wav'));
  cpSync(`${sample}.TextGrid`, path.join(dir, 'caf\u00e9.TextGrid'));
  const accepted = await runJson<Accepted>(['submit', dir, '--lang', ENGLISH], site.env);
  assert.equal(accepted.exitCode, 0, accepted.stderr);
  assert.equal(accepted.document.files, 1);

  writeFileSync(Buffer.concat([Buffer.from(`${dir}/`), Buffer.from('na\xefve.wav', 'latin1')]), 'x');
  const refused = await runJson<Refusal>(['submit', dir, '--lang', ENGLISH], site.env);
  assert.equal(refused.exitCode, 2);
  assert.deepEqual(
    refused.document.error.faults.map((fault) => [fault.code, shown(fault).slice(dir.length + 1)]),
    [['E_PATH_KIND', 'na\uFFFDve.wav: its name is not UTF-8; rename it']],
  );
});

test('the choices of a user are stored in the row of the task', async ({ site }) => {
  const submitted = await runJson<Accepted>(
    [
      'submit',
      path.join(SAMPLES_DIR, 'english-read'),
      '--lang',
      ENGLISH,
      '--partial',
      '--same-speakers',
      '--wide',
      '--channels',
      'split:Anna, Ben',
      '--formats',
      'JSON,csv',
      '--columns',
      'begin=B,text=Trans',
    ],
    site.env,
  );
  const row = await site.row(submitted.document.taskId);
  const names = ['partial_results', 'speakers', 'search', 'channels', 'formats', 'columns'];
  const chosen = names.map((name) => row[name]);
  assert.deepEqual(chosen, ['allow', 'names', 'wide', 'split:Anna,Ben', 'csv,json', 'begin=B,text=Trans']);
  const { document } = await runJson<{ channels: unknown; formats: unknown; columns: unknown }>(
    ['show', submitted.document.taskId],
    site.env,
  );
  const { channels, formats, columns } = document;
  assert.deepEqual([channels, formats, columns], ['split:Anna,Ben', ['csv', 'json'], 'begin=B,text=Trans']);
});

test('faults of other languages are not shown at submit, and a guessed code is stored as the full code', async ({
  site,
}) => {
  const admin = path.join(site.dir, 'admin');
  mkdirSync(path.join(admin, 'engUS_MFA1_v010'), { recursive: true });
  const { stdout, stderr, exitCode } = await runCli(
    ['submit', path.join(SAMPLES_DIR, 'english-read'), '--lang', `${ENGLISH} (suggested)`],
    { ...site.env, ADMIN: admin },
  );
  assert.deepEqual([exitCode, stderr], [0, '']);
  const [, taskId = ''] = /queued task (\S+)/.exec(stdout) ?? [];
  const { rows } = await site.sql.query('SELECT lang, engine FROM tasks WHERE task_id = $1', [taskId]);
  assert.deepEqual(rows, [{ lang: ENGLISH, engine: 'SPHINX' }]);
});

test('files that are not part of the task are named', async ({ site }) => {
  const dir = copySample(site, 'french-read');
  writeFileSync(path.join(dir, 'le-port.pfsx'), '');
  const { document } = await runJson<{ warnings: Finding[] }>(
    ['submit', dir, '--lang', 'fraFR_SPHINX_v010'],
    site.env,
  );
  const ignored = document.warnings.filter(({ code }) => code === 'W_FILE_IGNORED');
  assert.deepEqual(ignored.map(shown), ['le-port.pfsx: not used']);
});

test('without --user the task belongs to the person at the terminal, under a plain name', async ({
  site,
}) => {
  const { document } = await runJson<Accepted & { user: string }>(
    ['submit', path.join(SAMPLES_DIR, 'french-read'), '--lang', 'fraFR_SPHINX_v010'],
    site.env,
  );
  assert.match(document.user, /^[A-Za-z0-9][A-Za-z0-9._-]*$/);
  assert.ok(os.userInfo().username.startsWith(document.user.slice(0, 3)));
});

test('when the files cannot be copied no task is left, and the exit code says that the program failed', async ({
  site,
}) => {
  const before = await countTasks(site);
  const uploads = path.join(site.dir, 'a file');
  writeFileSync(uploads, '');
  const { exitCode, document } = await runJson<Refusal>(
    ['submit', path.join(SAMPLES_DIR, 'english-read'), '--lang', ENGLISH],
    { ...site.env, UPLOADS: uploads },
  );
  assert.equal(exitCode, 1);
  assert.equal(document.error.code, 'E_UPLOADS');
  assert.equal(await countTasks(site), before);

  // The folder exists, but the user's own folder is a file: the row is removed again.
  const halfway = path.join(site.dir, 'halfway');
  mkdirSync(halfway);
  await runCli(['site', 'bind'], { ...site.env, UPLOADS: halfway });
  writeFileSync(path.join(halfway, 'blocked'), '');
  const args = ['submit', path.join(SAMPLES_DIR, 'english-read'), '--lang', ENGLISH, '--user', 'blocked'];
  const second = await runCli(args, { ...site.env, UPLOADS: halfway });
  assert.equal(second.exitCode, 1);
  assert.equal(await countTasks(site), before);
  assert.ok(existsSync(path.join(halfway, 'blocked')));
});

test.run();
