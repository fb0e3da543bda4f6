import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { rm, symlink } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'uvu';
import { type ErrorCode, TaskError } from '../../../src/base/errors.ts';
import type { Engine } from '../../../src/engines/engine.ts';
import { createMfa1 } from '../../../src/engines/mfa/mfa1.ts';
import {
  type MfaBehaviour,
  type MfaStandIn,
  makeContext,
  makeDir,
  makeRequest,
  makeSilence,
  makeStandIn,
  removeDirs,
  type Spoken,
  wordsByTier,
} from '../../../testing/mfa.ts';

const VERSIONS = ['1.0.0', '1.0.1', '1.1.0-beta'] as const;
const HELLO = { a: { t: [[0, 3, 'hello']] as Spoken } };
const TWO_FILES = { a: { t: [[0, 3, 'hello']] as Spoken }, b: { u: [[0, 3, 'there']] as Spoken } };
const TOO_LONG = Array.from({ length: 40 }, () => 'hello').join(' ');

test.after(removeDirs);

for (const [version, told, quiet] of [
  ['1.0.0', '1.0.0', false],
  ['1.0.1', '1.0.1', true],
  ['1.1.0-beta', '1.1', false],
] as const) {
  test(`${version} is recognised by its help, and gets -q only if it knows that option`, async () => {
    const { engine, standIn } = make({ version });
    assert.deepEqual(await engine.check(new AbortController().signal), {
      state: 'ready',
      version: told,
      note: told === '1.1' ? 'MFA 1.1 beta' : `MFA ${told}`,
    });
    await engine.align(makeRequest(HELLO), makeContext());
    assert.equal((await standIn.starts())[0]?.argv.includes('-q'), quiet);
  });
}

test('the version is read once, also without an earlier check', async () => {
  const { engine, standIn } = make({ version: '1.0.0' });
  await engine.align(makeRequest(HELLO), makeContext());
  await engine.align(makeRequest(HELLO), makeContext());
  assert.equal((await standIn.starts()).length, 2);
});

test('the number of processes follows from speech and speakers, whatever the number of cores', async () => {
  const { engine, standIn } = make();
  const short = { a: { t: [[0, 1, 'x']], u: [[1, 2, 'x']] }, b: { v: [[0, 1, 'x']] } } as const;
  const long = { a: { t: [[0, 120, 'x']], u: [[0, 130, 'x']] }, b: { v: [[0, 150, 'x']] } } as const;
  for (const spoken of [short, long]) {
    const request = makeRequest(spoken);
    const files = request.files.map((file) => ({ ...file, durationSec: 150 }));
    for (const coreCount of [1, 8]) await engine.align({ ...request, files }, makeContext({ coreCount }));
  }
  const jobs = (await standIn.starts()).map(({ argv }) => argv[argv.indexOf('-j') + 1]);
  assert.deepEqual(jobs, ['1', '1', '3', '3']);
});

test('a wide search leaves out the passes that adapt to speakers', async () => {
  const { engine, standIn } = make({ poorModel: true });
  const request = makeRequest({ a: { t: [[0, 0.1, 'hello']] } });
  assert.deepEqual(wordsByTier(await engine.align(request, makeContext())), {});
  assert.deepEqual(wordsByTier(await engine.align({ ...request, search: 'wide' }, makeContext())), {
    'a/t': 'hello',
  });
  assert.deepEqual(
    (await standIn.starts()).map(({ argv }) => argv.includes('-n')),
    [false, true],
  );
});

test('the reasons of 1.1 for lost intervals are in the log', async () => {
  const context = makeContext();
  const request = makeRequest({
    a: {
      t: [
        [0, 2, 'one'],
        [2, 3, TOO_LONG],
      ],
    },
  });
  const tiers = await make({ version: '1.1.0-beta' }).engine.align(request, context);
  assert.deepEqual(wordsByTier(tiers), { 'a/t': 'one' });
  assert.match(readFileSync(context.logPath, 'utf8'), /== MFA1: S1_f1_2_0_3_0 not aligned: Could not decode/);
});

for (const version of VERSIONS) {
  test(`${version}: an interval past the end of the audio is missing, the others are there`, async () => {
    const audio = { a: makeSilence({ durationSec: 5 }) };
    const request = makeRequest(
      {
        a: {
          t: [
            [0, 3, 'hello'],
            [7, 9, 'there'],
          ],
        },
      },
      { audio },
    );
    assert.deepEqual(wordsByTier(await make({ version }).engine.align(request, makeContext())), {
      'a/t': 'hello',
    });
  });

  test(`${version}: audio that is cut short or empty costs its own file only`, async () => {
    for (const bad of [makeSilence({ keepBytes: 10_000 }), makeSilence({ durationSec: 0 })]) {
      const request = makeRequest(TWO_FILES, { audio: { b: bad } });
      assert.deepEqual(wordsByTier(await make({ version }).engine.align(request, makeContext())), {
        'a/t': 'hello',
      });
    }
  });

  test(`${version}: exit 0 without any output gives no tier`, async () => {
    assert.deepEqual(
      await make({ version, kaldiFails: true }).engine.align(makeRequest(HELLO), makeContext()),
      [],
    );
    assert.deepEqual(
      await make({ version }).engine.align(makeRequest(HELLO, { model: 'dead' }), makeContext()),
      [],
    );
  });
}

test('1.1 passes over audio that is no wav: its file is missing, the others are there', async () => {
  const request = makeRequest(TWO_FILES, { audio: { b: Buffer.alloc(999, 7) } });
  const tiers = await make({ version: '1.1.0-beta' }).engine.align(request, makeContext());
  assert.deepEqual(wordsByTier(tiers), { 'a/t': 'hello' });
});

for (const [what, audio, code] of [
  ['no wav', Buffer.alloc(999, 7), 'E_AUDIO_FORMAT'],
  ['float', makeSilence({ formatTag: 3, bitsPerSample: 32 }), 'E_AUDIO_FORMAT'],
  ['24 bits', makeSilence({ bitsPerSample: 24 }), 'E_ENGINE_FAILED'],
  ['empty', Buffer.alloc(0), 'E_AUDIO_EMPTY'],
] as const) {
  test(`1.0.1: audio that is ${what} ends the run, and the fault says so`, async () => {
    const align = make().engine.align(makeRequest(TWO_FILES, { audio: { b: audio } }), makeContext());
    await assert.rejects(align, hasCode(code));
  });
}

test('a corpus with nothing but audio of 8 kHz ends the run, and the fault names the rate', async () => {
  const audio = { a: makeSilence({ sampleRateHz: 8000 }) };
  const align = make().engine.align(makeRequest(HELLO, { audio }), makeContext());
  await assert.rejects(align, hasCode('E_AUDIO_RATE', /16 kHz/));
});

test('a pronunciation that begins with a number keeps that phone', async () => {
  for (const version of VERSIONS) {
    const phones = { eight: ['1', 't'], eye: ['2'], point: ['.5', 'x'], plain: ['p', '1'] };
    const request = makeRequest({ a: { t: [[0, 3, 'eight eye point plain']] } }, { phones });
    const [tier] = await make({ version }).engine.align(request, makeContext());
    const found = tier?.words.map((word) => [word.label, word.phones.map((phone) => phone.label)]);
    assert.deepEqual(found, Object.entries(phones));
  }
});

function make(behaviour: MfaBehaviour = {}): { engine: Engine; standIn: MfaStandIn } {
  const standIn = makeStandIn('mfa_align', behaviour);
  return { standIn, engine: createMfa1({ command: standIn.command, launcher: [], env: process.env }) };
}

function hasCode(code: ErrorCode, message = /./): (error: unknown) => boolean {
  return (error) => error instanceof TaskError && error.code === code && message.test(error.message);
}

test('an installation that is replaced under a running worker costs one attempt, not all that follow', async () => {
  const command = path.join(makeDir(), 'mfa_align');
  const install = async (version: string) => {
    await rm(command, { force: true });
    await symlink(makeStandIn('mfa_align', { version }).command, command);
  };
  const engine = createMfa1({ command, launcher: [], env: process.env });
  const request = makeRequest({ a: { t: [[0, 3, 'hello']] } });
  await install('1.0.1');
  assert.equal((await engine.align(request, makeContext())).length, 1);
  // It ends with a usage error if it gets the options of the version before.
  await install('1.1.0-beta');
  await assert.rejects(engine.align(request, makeContext()), { code: 'E_ENGINE_FAILED' });
  assert.equal((await engine.align(request, makeContext())).length, 1);
});

test.run();
