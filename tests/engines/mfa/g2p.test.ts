import assert from 'node:assert/strict';
import { readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'uvu';
import { type ErrorCode, TaskError } from '../../../src/base/errors.ts';
import type { Engine } from '../../../src/engines/engine.ts';
import { createMfa1 } from '../../../src/engines/mfa/mfa1.ts';
import { createMfa2 } from '../../../src/engines/mfa/mfa2.ts';
import type { Language, Pronunciation } from '../../../src/lexicon/language.ts';
import {
  type MfaBehaviour,
  makeContext,
  makeDir,
  makeLanguage,
  makeStandIn,
  removeDirs,
} from '../../../testing/mfa.ts';

test.after(removeDirs);

for (const [name, program, create] of [
  ['MFA1', 'mfa_align', createMfa1],
  ['MFA2', 'mfa', createMfa2],
] as const) {
  const make = (behaviour: MfaBehaviour = {}) => {
    const standIn = makeStandIn(program, behaviour);
    return { standIn, engine: create({ command: standIn.command, launcher: [], env: process.env }) };
  };

  test(`${name} guesses all words in one start, in private folders`, async () => {
    const { standIn, engine } = make();
    const context = makeContext();
    const guessed = await pronounce(engine, ['zab', "b'ad", 'bad'], { context });
    assert.deepEqual(linesOf(guessed), ['bad: B AE1 D', 'zab: Z AE1 B']);
    const [start, ...more] = await standIn.guesses();
    assert.deepEqual(more, []);
    for (const key of ['HOME', 'TMPDIR']) {
      assert.ok(start?.env[key]?.startsWith(`${context.workDir}${path.sep}`), key);
    }
    assert.deepEqual(
      start?.argv.filter((arg) => arg.startsWith('/') && !arg.startsWith(context.workDir)),
      [],
    );
  });

  test(`${name} leaves out words that its model cannot spell, and is not asked for words without letters`, async () => {
    const { standIn, engine } = make();
    const words = ['bad', 'été', '25', '[noise]', '<unk>', '$(touch', '🙂', 'b\u2028c'];
    assert.deepEqual(linesOf(await pronounce(engine, words)), ['bad: B AE1 D']);
    assert.deepEqual(await pronounce(engine, ['25', '🙂']), []);
    assert.equal((await standIn.guesses()).length, 1);
  });

  test(`${name} fails when nothing came back, whatever the exit status`, async () => {
    await assertFails(pronounce(make({ g2p: 'nothing' }).engine, ['bad']), 'E_ENGINE_FAILED', /status 0/);
    await assertFails(pronounce(make({ g2p: 'fails' }).engine, ['bad']), 'E_ENGINE_FAILED', /pynini/);
    await assertFails(pronounce(make().engine, ['été']), 'E_ENGINE_FAILED', /no pronunciation/);
  });

  test(`${name} that hangs while it guesses words is ended`, async () => {
    const context = makeContext({ silenceSec: 0.2 });
    const guessing = pronounce(make({ g2p: 'hangs' }).engine, ['bad'], { context });
    await assertFails(guessing, 'E_ENGINE_SILENT', /as it seemed to hang/);
  });

  test(`${name} without a model, or with one that is no zip, says which file is wrong`, async () => {
    const { engine } = make();
    const file = path.join(makeDir(), 'model.zip');
    writeFileSync(file, 'no zip');
    await assertFails(
      pronounce(engine, ['bad'], { model: null }),
      'E_LANGUAGE_BROKEN',
      /_g2p_model\.zip.*none/,
    );
    await assertFails(pronounce(engine, ['bad'], { model: file }), 'E_LANGUAGE_BROKEN', /not a zip archive/);
  });

  test(`${name} that is not installed is missing, not broken`, async () => {
    const engine = create({ command: '/no/such/program', launcher: [], env: process.env });
    await assertFails(pronounce(engine, ['bad']), 'E_ENGINE_MISSING', new RegExp(name));
  });
}

test('the G2P program of MFA 1 is the one beside mfa_align', async () => {
  const standIn = makeStandIn('mfa_align');
  assert.ok(readdirSync(path.dirname(standIn.command)).includes('mfa_generate_dictionary'));
  const onPath = createMfa1({
    command: 'mfa_align',
    launcher: [],
    env: { PATH: `${path.dirname(standIn.command)}:${process.env['PATH']}` },
  });
  assert.deepEqual(linesOf(await pronounce(onPath, ['bad'])), ['bad: B AE1 D']);
});

test('MFA 2.0 is given the model first, later versions the words', async () => {
  for (const version of ['2.0.6', '2.1.0', '2.2.17', '3.2.0']) {
    const standIn = makeStandIn('mfa', { version });
    const engine = createMfa2({ command: standIn.command, launcher: [], env: process.env });
    assert.deepEqual(linesOf(await pronounce(engine, ['bad'])), ['bad: B AE1 D'], version);
  }
});

test.run();

interface Options {
  readonly context?: ReturnType<typeof makeContext>;
  readonly model?: string | null;
}

function pronounce(
  engine: Engine,
  words: readonly string[],
  { context = makeContext(), model = makeModel() }: Options = {},
): Promise<Pronunciation[]> {
  const language: Language = { ...makeLanguage(null), g2pModelPath: model };
  assert.ok(engine.pronounce);
  return engine.pronounce(words, language, context);
}

function makeModel(): string {
  const file = path.join(makeDir(), 'a model.zip');
  writeFileSync(file, 'PK\x03\x04', 'latin1');
  return file;
}

function linesOf(guessed: readonly Pronunciation[]): string[] {
  return guessed.map(({ word, phones }) => `${word}: ${phones.join(' ')}`).sort();
}

async function assertFails(run: Promise<unknown>, code: ErrorCode, message: RegExp): Promise<void> {
  await assert.rejects(run, (error) => {
    assert.ok(error instanceof TaskError, String(error));
    assert.equal(error.code, code, error.message);
    assert.match(error.message, message);
    return true;
  });
}
