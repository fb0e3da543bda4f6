import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { suite } from 'uvu';
import { type ErrorCode, TaskError } from '../../../src/base/errors.ts';
import type { AlignmentRequest, Engine, EngineContext } from '../../../src/engines/engine.ts';
import { examineEngine } from '../../../src/engines/examine.ts';
import { createFase } from '../../../src/engines/htk/fase.ts';
import { createFave } from '../../../src/engines/htk/fave.ts';
import { createMfa1 } from '../../../src/engines/mfa/mfa1.ts';
import { createMfa2 } from '../../../src/engines/mfa/mfa2.ts';
import { tryAlignment } from '../../../src/engines/test-alignment/test-alignment.ts';
import { findTestWords } from '../../../src/engines/test-alignment/test-words.ts';
import { probeWav } from '../../../src/formats/wav-header.ts';
import type { Language } from '../../../src/lexicon/language.ts';
import { loadLanguage } from '../../../src/lexicon/load-languages.ts';
import { installAdmin } from '../../../testing/admin.ts';
import { type FaseMode, installFase } from '../../../testing/fase.ts';
import { type FaveMode, installFave } from '../../../testing/fave.ts';
import { type MfaBehaviour, makeLanguage, makeStandIn, removeDirs } from '../../../testing/mfa.ts';
import { createTrivial } from '../../../testing/trivial-engine.ts';

const test = suite<{ dir: string }>('test alignments');

test.before.each(async (context) => {
  context.dir = await mkdtemp(path.join(os.tmpdir(), 'autophon-test-alignment-'));
});
test.after.each(({ dir }) => rm(dir, { recursive: true, force: true }));
test.after(removeDirs);

const SIGNAL = new AbortController().signal;
const never = () => assert.fail('asked although nothing was to be tried');

/** Languages with the words `a<n>`, `b<n>`. */
async function languagesIn(dir: string, count: number): Promise<Language[]> {
  return Promise.all(
    Array.from({ length: count }, async (_, n) => {
      const dictionaryPath = path.join(dir, `${n}.dict`);
      await writeFile(dictionaryPath, `;; words\n1st\tF\na${'x'.repeat(n)}\tA X\nb${'x'.repeat(n)}\tB X\n`);
      return { ...makeLanguage(null), code: `L${n}`, dictionaryPath };
    }),
  );
}

/** An engine that treats each word as told, in turn; `''`: aligns it. */
function engineThat(...does: readonly (ErrorCode | 'nothing' | '')[]) {
  const words: string[] = [];
  const contexts: EngineContext[] = [];
  const align: Engine['align'] = async (request, context) => {
    const word = request.files[0]?.tiers[0]?.utterances[0]?.words[0] ?? '';
    const what = does[words.length] ?? '';
    words.push(word);
    contexts.push(context);
    if (what === 'nothing') return [];
    if (what !== '') throw new TaskError(what, `${word}: ${what}`);
    const span = { startSec: 0, endSec: 1 };
    return [{ fileId: 'f1', tierId: 't1', words: [{ label: word, ...span, phones: [] }] }];
  };
  const trivial = createTrivial(os.tmpdir());
  return { engine: { ...trivial, builtInLanguages: [], align }, words, contexts };
}

test('an engine that aligned the test words works, and so does one that ran and aligned nothing', async ({
  dir,
}) => {
  const languages = await languagesIn(dir, 2);
  for (const [does, note] of [
    ['', 'aligned test words of L0'],
    ['nothing', 'ran over test words and aligned nothing of L0'],
  ] as const) {
    const { engine, words } = engineThat(does);
    assert.deepEqual(await tryAlignment(engine, languages, SIGNAL, dir), { isFit: true, note });
    assert.deepEqual(words, ['a']);
  }
});

test('one failure is not enough: words of another language, or other words, are tried', async ({ dir }) => {
  const { engine, words } = engineThat('E_ENGINE_FAILED', '');
  assert.equal((await tryAlignment(engine, await languagesIn(dir, 2), SIGNAL, dir)).isFit, true);
  assert.deepEqual(words, ['a', 'ax']);
  const other = engineThat('E_OUTPUT_INVALID', '');
  assert.equal((await tryAlignment(other.engine, await languagesIn(dir, 1), SIGNAL, dir)).isFit, true);
  assert.deepEqual(other.words, ['a', 'b']);
});

test('an engine that failed twice is sick, and the note has both reasons', async ({ dir }) => {
  const { engine, words } = engineThat('E_ENGINE_FAILED', 'E_OUTPUT_INVALID');
  assert.deepEqual(await tryAlignment(engine, await languagesIn(dir, 3), SIGNAL, dir), {
    isFit: false,
    note: 'its test alignment failed: L0: a: E_ENGINE_FAILED; L1: ax: E_OUTPUT_INVALID',
  });
  assert.equal(words.length, 2);
});

test('an engine that hangs is sick at once: other words would hang, too', async ({ dir }) => {
  for (const code of ['E_ENGINE_TIMEOUT', 'E_ENGINE_SILENT'] as const) {
    const { engine, words } = engineThat(code);
    assert.equal((await tryAlignment(engine, await languagesIn(dir, 2), SIGNAL, dir)).isFit, false);
    assert.equal(words.length, 1);
  }
});

test('faults of languages or of the machine do not make an engine sick', async ({ dir }) => {
  const { engine, words } = engineThat('E_LANGUAGE_BROKEN', 'E_DISK_FULL');
  assert.deepEqual(await tryAlignment(engine, await languagesIn(dir, 2), SIGNAL, dir), {
    isFit: true,
    note: 'not tried: L0: a: E_LANGUAGE_BROKEN; L1: ax: E_DISK_FULL',
  });
  assert.equal(words.length, 2);
  const lost = { ...makeLanguage(null), code: 'L9', dictionaryPath: '/nowhere/L9.dict' };
  const { note } = await tryAlignment(engineThat().engine, [lost], SIGNAL, dir);
  assert.match(note, /^not tried: L9: ENOENT/);
  const works = engineThat('E_LANGUAGE_BROKEN', '');
  assert.match(
    (await tryAlignment(works.engine, await languagesIn(dir, 2), SIGNAL, dir)).note,
    /^aligned .* L1$/,
  );
});

test('an engine without languages is not tried', async ({ dir }) => {
  assert.deepEqual(await tryAlignment(engineThat().engine, [], SIGNAL, dir), {
    isFit: true,
    note: 'not tried: no language is installed for it',
  });
});

test('the folders of a test alignment are private and gone after it', async ({ dir }) => {
  const { engine, contexts } = engineThat('E_ENGINE_FAILED');
  await tryAlignment(engine, await languagesIn(dir, 1), SIGNAL, dir);
  const dirs = contexts.map(({ workDir }) => workDir);
  assert.equal(new Set(dirs).size, 2);
  // Not in the system's temp folder: a launcher may start the engine in a container that can only see the folder of the
  // tasks.
  for (const one of dirs) assert.ok(one.startsWith(`${dir}/`), one);
  for (const one of dirs) await assert.rejects(stat(one), { code: 'ENOENT' });
});

test('an abort ends it with its reason', async ({ dir }) => {
  const stop = new AbortController();
  const { engine } = engineThat();
  const align: Engine['align'] = async () => {
    stop.abort(new Error('stopping'));
    throw new TaskError('E_ENGINE_FAILED', 'ended by SIGTERM');
  };
  const trying = tryAlignment({ ...engine, align }, await languagesIn(dir, 1), stop.signal, dir);
  await assert.rejects(trying, /^Error: stopping$/);
  const health = await examineEngine({ ...engine, align }, () => languagesIn(dir, 1), stop.signal, dir);
  assert.equal(health.state, 'sick');
});

test('the test audio has the stated rate and duration', async ({ dir }) => {
  const requests: AlignmentRequest[] = [];
  const { engine } = engineThat();
  const align: Engine['align'] = async (request) => {
    requests.push(request);
    return [];
  };
  await tryAlignment({ ...engine, align }, await languagesIn(dir, 1), SIGNAL, dir);
  const [file] = requests[0]?.files ?? [];
  assert.ok(file);
  const wav = await probeWav(file.audioPath, 'speech.wav');
  assert.deepEqual([wav.sampleRateHz, wav.channelCount, wav.bitsPerSample, wav.isPcm], [16_000, 1, 16, true]);
  assert.ok(Math.abs(wav.durationSec - file.durationSec) < 0.001);
});

test('two words are aligned at once, with speech that has a pause', async ({ dir }) => {
  const requests: AlignmentRequest[] = [];
  const align: Engine['align'] = async (request) => {
    requests.push(request);
    return [];
  };
  await tryAlignment({ ...engineThat().engine, align }, await languagesIn(dir, 1), SIGNAL, dir);
  const [file] = requests[0]?.files ?? [];
  assert.deepEqual(file?.tiers[0]?.utterances[0]?.words, ['a', 'b']);
  const bytes = await readFile(file?.audioPath ?? '');
  const levels = Array.from({ length: 14 }, (_, at) =>
    loudestIn(bytes.subarray(44 + at * 6400, 44 + (at + 1) * 6400)),
  );
  const isQuiet = levels.map((level) => level < 500);
  assert.ok(isQuiet.slice(1, -1).includes(true) && !isQuiet[0], levels.join(' '));
});

test('FAVE with an unpatched HTK aligns single words only, and is sick', async ({ dir }) => {
  const adminDir = await installAdmin(path.join(dir, 'admin'));
  const language = await loadLanguage('engUS_FAVE_v010', { adminDir, builtIn: [] });
  const fave = createFave(await installFave(dir, { plainHtk: true }));
  const health = await examineEngine(fave, async () => [language], SIGNAL, dir);
  assert.equal(health.state, 'sick');
  assert.match(health.note, /HTK failed with error 8522 .*"labpr" for "labid"/);
});

function loudestIn(samples: Buffer): number {
  return Math.max(
    ...Array.from({ length: samples.length / 2 }, (_, at) => Math.abs(samples.readInt16LE(2 * at))),
  );
}

test('test words are the first short ones, in letters only', async ({ dir }) => {
  const dictionaryPath = path.join(dir, 'd.dict');
  const lines = [
    'a\tA',
    'o.k.\tO K',
    'long\tL O N G E R',
    "it's\tI T S",
    'ég\tJ E G',
    'ég\tJ E',
    'no\t0.9\tN O',
    'so\tS O',
  ];
  await writeFile(dictionaryPath, `${lines.join('\n')}\n`);
  const language = { ...makeLanguage(null), dictionaryPath };
  assert.deepEqual(await findTestWords(language, 2), ['ég', 'no']);
  assert.deepEqual(await findTestWords(language, 9), ['ég', 'no', 'so']);
});

test('a missing engine, or one that checks itself with its own model, is not tried', async ({ dir }) => {
  const missing = { ...engineThat().engine, check: createTrivial(dir, 'missing').check };
  assert.equal((await examineEngine(missing, never, SIGNAL, dir)).state, 'missing');
  assert.equal((await examineEngine(createTrivial(dir), never, SIGNAL, dir)).state, 'ready');
});

interface Installation {
  readonly name: string;
  readonly lang: string;
  make(dir: string, mode: 'works' | 'hangs' | 'dies'): Promise<Engine>;
}

function mfaThat(mode: string): MfaBehaviour {
  return mode === 'hangs' ? { hang: true } : mode === 'dies' ? { killedBy: 'SIGSEGV' } : {};
}
function htkThat(mode: string): FaveMode & FaseMode {
  return mode === 'hangs' ? { hang: true } : mode === 'dies' ? { kill: 'SIGSEGV' } : {};
}
const mfa = (program: 'mfa' | 'mfa_align', create: typeof createMfa1) => async (_dir: string, mode: string) =>
  create({ command: makeStandIn(program, mfaThat(mode)).command, launcher: [], env: process.env });
const INSTALLATIONS: readonly Installation[] = [
  { name: 'MFA1', lang: 'engUS_MFA1_v010', make: mfa('mfa_align', createMfa1) },
  { name: 'MFA2', lang: 'engUS_MFA2_v020', make: mfa('mfa', createMfa2) },
  {
    name: 'FAVE',
    lang: 'engUS_FAVE_v010',
    make: async (dir, mode) => createFave(await installFave(dir, htkThat(mode))),
  },
  {
    name: 'FASE',
    lang: 'spaUS_FASE_v011',
    make: async (dir, mode) => createFase(await installFase(dir, htkThat(mode))),
  },
];

for (const { name, lang, make } of INSTALLATIONS) {
  test(`${name} is tested through its own driver`, async ({ dir }) => {
    const adminDir = await installAdmin(path.join(dir, 'admin'));
    const language = await loadLanguage(lang, { adminDir, builtIn: [] });
    const health = await examineEngine(await make(dir, 'works'), async () => [language], SIGNAL, dir);
    assert.equal(health.state, 'ready', health.note);
    assert.match(health.note, new RegExp(`; aligned test words of ${lang}$`));
  });

  test(`${name} that dies or hangs is sick, with the reason`, async ({ dir }) => {
    const adminDir = await installAdmin(path.join(dir, 'admin'));
    const language = await loadLanguage(lang, { adminDir, builtIn: [] });
    const dying = await tryAlignment(await make(path.join(dir, 'a'), 'dies'), [language], SIGNAL, dir);
    assert.equal(dying.isFit, false);
    assert.match(dying.note, /SIGSEGV/);
    const hanging = await tryAlignment(
      await make(path.join(dir, 'b'), 'hangs'),
      [language],
      SIGNAL,
      dir,
      0.5,
    );
    assert.equal(hanging.isFit, false);
    assert.match(hanging.note, /expected to end within 0\.5 s|wrote nothing for/);
  });
}

test.run();
