import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { test } from 'uvu';
import { type ErrorCode, TaskError } from '../../../src/base/errors.ts';
import type { Engine } from '../../../src/engines/engine.ts';
import { watchKaldiLogs } from '../../../src/engines/mfa/kaldi-logs.ts';
import { createMfa2, ONE_PROCESS_MAX_SEC } from '../../../src/engines/mfa/mfa2.ts';
import {
  type MfaBehaviour,
  type MfaStandIn,
  makeContext,
  makeDir,
  makeRequest,
  makeStandIn,
  removeDirs,
  type Spoken,
  wordsByTier,
} from '../../../testing/mfa.ts';

const HELLO = { a: { t: [[0, 3, 'hello']] as Spoken } };
const TOO_LONG = Array.from({ length: 40 }, () => 'hello').join(' ');

test.after(removeDirs);

for (const version of ['2.0.6', '2.2.17', '3.0.0a4', '3.4.0', '4.0.0']) {
  test(`${version} is recognised by its own answer, and aligns`, async () => {
    const { engine } = make({ version });
    const health = { state: 'ready', version, note: `MFA ${version}` };
    assert.deepEqual(await engine.check(new AbortController().signal), health);
    assert.deepEqual(wordsByTier(await engine.align(makeRequest(HELLO), makeContext())), { 'a/t': 'hello' });
  });
}

for (const version of ['1.0.1', '5.0.0']) {
  test(`${version} is sick: this version is not supported`, async () => {
    const health = await make({ version }).engine.check(new AbortController().signal);
    assert.deepEqual([health.state, health.version], ['sick', version]);
    assert.match(health.note, /expected version 2, 3 or 4, found \d/);
  });
}

test('4.x is sick when it lacks the command that the aligner of 2 and 3 has there', async () => {
  const health = await make({ version: '4.0.0', hasLegacy: false }).engine.check(
    new AbortController().signal,
  );
  assert.deepEqual([health.state, health.version], ['sick', '4.0.0']);
  assert.match(health.note, /has no command align_legacy; set MFA2 to the path of version 2 or 3/);
});

for (const [version, tools, lost] of [
  ['2.2.17', ['sox'], 'initdb'],
  ['2.2.17', ['initdb'], 'sox'],
  ['2.2.17', [], 'initdb and sox'],
  ['3.1.0', ['sox'], 'initdb'],
] as const) {
  test(`${version} without ${lost} is sick, and the note says where it must be`, async () => {
    const { engine } = make({ version }, tools);
    const health = await engine.check(new AbortController().signal);
    assert.deepEqual([health.state, health.version], ['sick', version]);
    assert.ok(health.note.includes(`needs ${lost} on PATH`), health.note);
    await assert.rejects(engine.align(makeRequest(HELLO), makeContext()), hasCode('E_ENGINE_MISSING'));
  });
}

for (const tool of ['initdb', 'sox']) {
  test(`${tool} that disappears after the check is a missing engine, not a failed task`, async () => {
    const { engine, standIn } = make();
    assert.equal((await engine.check(new AbortController().signal)).state, 'ready');
    rmSync(path.join(path.dirname(standIn.command), tool));
    const message =
      /^MFA2 ended with exit status 1 .* a program that it needs is not on PATH \(initdb, for 2\.x also sox\)/;
    await assert.rejects(
      engine.align(makeRequest(HELLO), makeContext()),
      hasCode('E_ENGINE_MISSING', message),
    );
  });
}

test('3.x does not need sox', async () => {
  const health = await make({ version: '3.1.0' }, ['initdb']).engine.check(new AbortController().signal);
  assert.equal(health.state, 'ready');
});

test('a small task is aligned in one process, from a clean start, with the options first', async () => {
  const { engine, standIn } = make();
  await engine.align(makeRequest(HELLO), makeContext({ coreCount: 8 }));
  const argv = (await standIn.starts())[0]?.argv ?? [];
  assert.deepEqual(argv.slice(0, 5), ['align', '--clean', '--no_use_mp', '-j', '1']);
  assert.equal(argv.length, 9);
});

test('a large task is spread over its speakers, whatever the number of cores', async () => {
  const { engine, standIn } = make();
  for (const coreCount of [1, 8]) await engine.align(makeLarge(), makeContext({ coreCount }));
  for (const { argv } of await standIn.starts()) {
    assert.deepEqual(argv.slice(0, 5), ['align', '--clean', '--use_mp', '-j', '2']);
  }
});

test('the option for a wide search stands after the folders: before them MFA takes it for a folder', async () => {
  const { engine, standIn } = make({ poorModel: true });
  const request = makeRequest({ a: { t: [[0, 0.1, 'hello']], u: [[1, 3, 'there']] } });
  assert.deepEqual(wordsByTier(await engine.align(request, makeContext())), { 'a/u': 'there' });
  assert.deepEqual(wordsByTier(await engine.align({ ...request, search: 'wide' }, makeContext())), {
    'a/t': 'hello',
    'a/u': 'there',
  });
  const [, start] = await standIn.starts();
  assert.deepEqual(start?.argv.slice(-4), ['--beam', '100', '--retry_beam', '400']);
  const wrong = [start?.argv[0] ?? '', ...(start?.argv.slice(-4) ?? []), ...(start?.argv.slice(1, -4) ?? [])];
  const { stdout } = spawnSync(standIn.command, wrong, { encoding: 'utf8', env: start?.env });
  assert.match(stdout, /Directory '--beam' does not exist/);
});

test('a tier whose speaker lost everything is missing, and the words of other tiers are not taken for its own', async () => {
  const request = makeRequest({ a: { t: [[0, 1, TOO_LONG]], u: [[3, 5, 'two']], v: [[6, 7, TOO_LONG]] } });
  assert.deepEqual(wordsByTier(await make().engine.align(request, makeContext())), { 'a/u': 'two' });
});

test('a file of which nothing could be aligned is missing', async () => {
  const request = makeRequest({ a: { t: [[0, 1, TOO_LONG]] }, b: { u: [[0, 3, 'hello']] } });
  assert.deepEqual(wordsByTier(await make().engine.align(request, makeContext())), { 'b/u': 'hello' });
});

test('a task of which nothing could be aligned fails, and the message names both causes', async () => {
  const request = makeRequest({ a: { t: [[0, 1, TOO_LONG]] } });
  const message = /acoustic model is broken, or not one of the intervals could be aligned/;
  await assert.rejects(make().engine.align(request, makeContext()), hasCode('E_ENGINE_FAILED', message));
  const dead = makeRequest(HELLO, { model: 'dead' });
  await assert.rejects(make().engine.align(dead, makeContext()), hasCode('E_ENGINE_FAILED', message));
});

test('the end of the Kaldi log that MFA names is in the log of the task, and its error in the message', async () => {
  const context = makeContext();
  const dead = makeRequest(HELLO, { model: 'dead' });
  await assert.rejects(
    make().engine.align(dead, context),
    hasCode('E_ENGINE_FAILED', /\("ERROR .* Bad model final\.mdl"\)$/),
  );
  const log = readFileSync(context.logPath, 'utf8');
  assert.match(
    log,
    /^== \S+ the end of Kaldi's own log, root\/\S+\/alignment\/log\/align\.1\.log:\ngmm-align-compiled/m,
  );
  assert.match(log, /^ERROR \(gmm-align-compiled.*Bad model/m);
});

test("a line of Kaldi's log is not taken for one of the worker's", async () => {
  const context = makeContext();
  const request = makeRequest({ a: { t: [[0, 1, TOO_LONG]] } });
  await assert.rejects(
    make().engine.align(request, context),
    hasCode('E_ENGINE_FAILED', /KaldiProcessingError/),
  );
  assert.match(readFileSync(context.logPath, 'utf8'), /^ = done 0, errors 1$/m);
});

test('a log outside of the run is not copied, whatever MFA says', async () => {
  const dir = makeDir();
  for (const name of [path.join(makeDir(), 'secret.log'), '../secret.log', 'none.log']) {
    const logs = watchKaldiLogs(dir);
    logs.read(name);
    assert.equal(await logs.copyTo(path.join(dir, 'log')), null);
  }
  assert.equal(existsSync(path.join(dir, 'log')) ? readFileSync(path.join(dir, 'log'), 'utf8') : '', '');
});

test('a pronunciation whose first phone would be taken for a probability is refused before the start', async () => {
  const { engine, standIn } = make();
  for (const phone of ['1', '0.5', '1:']) {
    const request = makeRequest(HELLO, { phones: { hello: [phone, 't'] } });
    await assert.rejects(
      engine.align(request, makeContext()),
      hasCode('E_LANGUAGE_BROKEN', /begins with the phone/),
    );
  }
  await engine.align(makeRequest(HELLO, { phones: { hello: ['2', '1'] } }), makeContext());
  assert.equal((await standIn.starts()).length, 1);
});

function make(
  behaviour: MfaBehaviour = {},
  tools?: readonly string[],
): { engine: Engine; standIn: MfaStandIn } {
  const standIn = makeStandIn('mfa', behaviour, tools);
  // A PATH without the tools of this machine, so that a real sox does not replace a missing one.
  return {
    standIn,
    engine: createMfa2({ command: standIn.command, launcher: [], env: { PATH: '/nowhere' } }),
  };
}

/** Just more speech than one process is given, by two speakers. The audio itself may be shorter here. */
function makeLarge(): ReturnType<typeof makeRequest> {
  const half = ONE_PROCESS_MAX_SEC / 2 + 1;
  const request = makeRequest({ a: { t: [[0, half, 'hello']], u: [[half, 2 * half, 'there']] } });
  return { ...request, files: request.files.map((file) => ({ ...file, durationSec: 2 * half })) };
}

function hasCode(code: ErrorCode, message = /./): (error: unknown) => boolean {
  return (error) => error instanceof TaskError && error.code === code && message.test(error.message);
}

test.run();
