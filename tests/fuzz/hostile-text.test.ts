import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { CompiledQuery } from 'kysely';
import { suite } from 'uvu';
import { createLog } from '../../src/base/create-log.ts';
import { TaskError } from '../../src/base/errors.ts';
import { formatFinding } from '../../src/base/finding.ts';
import { limitText, storableJson } from '../../src/base/storable-text.ts';
import { visibleJson, visibleLine } from '../../src/base/visible-text.ts';
import { formatTable } from '../../src/cli/table.ts';
import { writeCatalogue } from '../../src/db/catalogue.ts';
import { connect, type Db } from '../../src/db/connect.ts';
import { listActiveInstances, noteInstanceAlive, registerInstance } from '../../src/db/instances.ts';
import { rowFindings, rowMessage, rowNote } from '../../src/db/row-texts.ts';
import { openProcessLog } from '../../src/engines/process/log.ts';
import { makeManifest, type PackageFacts } from '../../src/pipeline/package/manifest.ts';
import { makeReadme } from '../../src/pipeline/package/readme.ts';
import { createTestDatabase, type TestDatabase } from '../../testing/database.ts';
import { POLICY } from '../../testing/pipeline.ts';
import { seededRandom } from '../support/mutate.ts';

/** `FUZZ_SEED` chooses another seed, `FUZZ_COUNT` another number of inputs. */
const SEED = Number(process.env['FUZZ_SEED'] ?? 20_260_102);
const TEXTS = Number(process.env['FUZZ_COUNT'] ?? 200);
/** Of more than these the log would begin a new file. */
const LOGGED = 200;
const PIECES = [
  '\0',
  '\n',
  '\r\n',
  '\r',
  '\x07',
  '\x1b[2J\x1b[31m',
  '\x1b]0;title\x07',
  '\x7f',
  '\x85',
  '\x9b31m',
  '\u061c',
  '\u2028',
  '\u2029',
  '\u202e',
  '\u2066',
  '\ufeff',
  '\ud800',
  '\udc00',
  '\ud83d\ude00',
  '"',
  "'",
  '\\u0000',
  '\\',
  '%s %j',
  '$1',
  '{}',
  '== 2026-01-01T00:00:00.000Z ended',
  '2026-01-01T00:00:00.000Z ERROR forged',
  'plain words',
  'é',
  'x'.repeat(3_000),
];
/** Characters that must not be in a written line. */
const HARMFUL = /[\p{Cc}\p{Surrogate}\u061c\u200e\u200f\u2028-\u202e\u2066-\u206f\ufeff]/u;
const COLOURS = new RegExp(`${String.fromCodePoint(0x1b)}\\[[0-9;]*m`, 'g');

const test = suite(`writers that get extreme text, seed ${SEED}`);
const random = seededRandom(SEED);
const texts = Array.from({ length: TEXTS }, () => makeText());
let dir: string;
let database: TestDatabase;
let db: Db;

test.before(async () => {
  dir = await mkdtemp(path.join(os.tmpdir(), 'autophon-hostile-'));
  database = await createTestDatabase();
  db = connect({ url: database.url, applicationName: 'hostile text', maxConnections: 1 });
});
test.after(async () => {
  await db.destroy();
  await database.drop();
  await rm(dir, { recursive: true });
});

test('the log has one line for each event', async () => {
  for (let from = 0; from < texts.length; from += LOGGED)
    await checkLog(texts.slice(from, from + LOGGED), path.join(dir, `log-${from}`));
});

test('the log of an attempt has no line of ours but our own', async () => {
  const file = path.join(dir, 'attempt.log');
  for (const text of texts) {
    const log = await openProcessLog(file);
    log.note(text);
    // Wherever the pipe divides it.
    for (const part of cutUp(Buffer.from(text))) log.write(part);
    log.note('ended');
    await log.close();
  }
  const ours = (await readFile(file, 'utf8')).split(/[\n\r]/).filter((line) => line.startsWith('='));
  assert.equal(ours.length, 2 * texts.length);
  for (const line of ours) assert.doesNotMatch(line, HARMFUL);
});

test('README.txt has its lines and no others, and manifest.json can be stored as jsonb', async () => {
  const count = makeReadme(factsWith('plain')).split('\n').length;
  for (const text of texts) {
    const facts = factsWith(text);
    const lines = makeReadme(facts).split('\n');
    assert.equal(lines.length, count);
    for (const line of lines) assert.doesNotMatch(line, HARMFUL);
    const manifest = makeManifest(facts);
    assert.ok(manifest.isWellFormed());
    await isStored(manifest);
  }
});

test('a row of a table is one line', () => {
  for (const text of texts) {
    const lines = formatTable([{ title: 'a' }, { title: 'b', shrinks: true }], [[text, text]], 60);
    assert.equal(lines.length, 2);
    // Colours are the only control characters that a cell may contain.
    for (const line of lines) assert.doesNotMatch(line.replaceAll(COLOURS, ''), HARMFUL);
  }
});

test('each row is written, whatever text it has, and keeps to its limits', async () => {
  await registerInstance(db, instanceWith(texts[0] ?? ''));
  for (const text of texts) {
    await noteInstanceAlive(db, instanceWith(text), 0);
    const [instance] = await listActiveInstances(db);
    for (const said of [instance?.paused, instance?.engines['X']?.note]) {
      assert.ok(said !== undefined && said !== null && said.length <= 10_000);
      assert.doesNotMatch(said, HARMFUL);
    }
    const engine = { name: 'X', state: 'sick', version: text, note: text };
    const language = { code: 'c', engine: 'X', display_name: text, alphabet: text, is_active: true };
    await writeCatalogue(db, [engine], [language]);
    const finding = { code: 'W_LANGUAGE', text, place: { file: text, tier: text } };
    for (const one of [rowNote(text), rowMessage([finding])]) {
      assert.ok(one.isWellFormed());
      assert.ok(one.length <= 1_000_000);
    }
    assert.doesNotMatch(rowNote(text), HARMFUL);
    await isStored(rowFindings([finding], 'x'));
    await isStored(storableJson({ [text]: [text, { [text]: text }] }));
  }
});

test('too many warnings are replaced by one sentence', () => {
  const many = Array.from({ length: 5_000 }, (_, n) => ({
    code: 'W_LANGUAGE' as const,
    text: `${n} ${'x'.repeat(1_500)}`,
  }));
  const kept = JSON.parse(rowFindings(many, 'README.txt has all')) as { text: string }[];
  assert.ok(rowFindings(many, 'README.txt has all').length < 2_100_000);
  assert.match(
    kept.at(-1)?.text ?? '',
    new RegExp(`^and ${many.length - kept.length + 1} more: README\\.txt has all$`),
  );
});

test('an error of many faults has a line for each', () => {
  for (const text of texts) {
    const fault = { code: 'E_IO' as const, text };
    const { message, faults } = TaskError.ofFaults([fault, fault]);
    assert.equal(message.split('\n').length, 2);
    assert.deepEqual(faults.map(formatFinding), message.split('\n'));
  }
});

test('JSON for people shows all characters, and is the same value to a program', () => {
  for (const text of texts) {
    const shown = visibleJson({ text });
    for (const line of shown.split('\n')) assert.doesNotMatch(line, HARMFUL);
    assert.deepEqual(JSON.parse(shown), { text });
  }
});

test('a cut text is within its limit, has whole characters, and says how much is missing', () => {
  const pairs = ['\u{1f600}', 'x\u{1f600}'].map((one) => one.repeat(100));
  for (const text of [...texts.map(visibleLine), ...pairs]) {
    const cut = limitText(text, 50);
    assert.ok(cut.length <= 50);
    assert.ok(cut.isWellFormed());
    if (cut === text) continue;
    const [, kept = '', more] = /^(.*)\.\.\. \((\d+) more characters\)$/u.exec(cut) ?? [];
    assert.equal(kept.length + Number(more), text.length);
  }
});

test.run();

async function checkLog(logged: readonly string[], dir: string): Promise<void> {
  await mkdir(dir);
  const log = createLog({ level: 'INFO', format: 'text', dir, console: null });
  const circle: Record<string, unknown> = {};
  circle['self'] = circle;
  for (const text of logged) {
    log
      .with({ [text]: text })

      .warn(
        'language.fault',
        { text, list: [text], error: new Error(text), message: text, circle, big: 1n },
        text,
      );
  }
  await log.close();
  const lines = (await readFile(path.join(dir, 'alignment_worker.log'), 'utf8')).split('\n');
  assert.equal(lines.pop(), '');
  assert.equal(lines.length, logged.length);
  for (const line of lines) {
    assert.match(line, /^\d{4}-\d\d-\d\dT\S+Z WARN {2}/);
    assert.doesNotMatch(line, HARMFUL);
    assert.ok(line.length < 300_000);
  }
}

function makeText(): string {
  const count = 1 + Math.floor(random() * 8);
  return Array.from({ length: count }, () => PIECES[Math.floor(random() * PIECES.length)] ?? '').join('');
}

function cutUp(bytes: Buffer): Buffer[] {
  const at = Math.floor(random() * bytes.length);
  return [bytes.subarray(0, at), bytes.subarray(at)];
}

/** @throws the database's error */
async function isStored(json: string): Promise<void> {
  await db.executeQuery(CompiledQuery.raw('SELECT $1::jsonb', [json]));
}

function instanceWith(text: string) {
  const engines = { X: { state: 'sick', version: text, note: text } };
  return { id: 'i', host: text, pid: 1, version: text, slots: 1, engines, paused: text };
}

function factsWith(text: string): PackageFacts {
  const input = { originalName: text, sha256: '', bytes: 1 };
  return {
    prepared: {
      language: { code: 'c', displayName: text, alphabet: 'ARPAbet' },
      engine: { name: 'X' },
      counts: { wordCount: 1, missingWordCount: 0, audioSec: 1 },
    },
    recordings: [
      {
        recording: {
          name: text,
          audio: input,
          transcript: input,
          wav: { durationSec: 1, sampleRateHz: 1, channelCount: 1 },
        },
        entryName: `${text}x`,
        outputs: [{ name: `ARPAbet/${text}x.TextGrid`, format: 'textgrid', sha256: '' }],
        tiers: [{ name: text, intervals: 1, intervalsAligned: 1, words: 1, wordsAligned: 1 }],
      },
    ],
    outputs: [],
    warnings: [{ code: 'W_LANGUAGE', text, place: { file: text } }],
    policy: POLICY,
    cut: null,
    engineVersion: text,
  };
}
