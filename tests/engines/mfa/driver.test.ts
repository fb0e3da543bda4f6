import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'uvu';
import { type ErrorCode, TaskError } from '../../../src/base/errors.ts';
import { createMfa1 } from '../../../src/engines/mfa/mfa1.ts';
import { createMfa2 } from '../../../src/engines/mfa/mfa2.ts';
import {
  type MfaBehaviour,
  makeContext,
  makeDir,
  makeLanguage,
  makeRequest,
  makeStandIn,
  removeDirs,
  type Spoken,
  wordsByTier,
} from '../../../testing/mfa.ts';
import { until } from '../../../testing/time-limits.ts';

const HELLO = { a: { t: [[0, 3, 'hello there']] as Spoken } };
const SOON_MS = 10_000;

test.after(removeDirs);

for (const [name, program, create] of [
  ['MFA1', 'mfa_align', createMfa1],
  ['MFA2', 'mfa', createMfa2],
] as const) {
  const make = (behaviour: MfaBehaviour = {}) => {
    const standIn = makeStandIn(program, behaviour);
    return { standIn, engine: create({ command: standIn.command, launcher: [], env: process.env }) };
  };

  test(`${name} starts once for 20 files with two tiers each`, async () => {
    const { standIn, engine } = make();
    const files = Object.fromEntries(
      Array.from({ length: 20 }, (_, i) => [
        `file${i}`,
        { [`x${i}`]: [[0, 2, `one w${i}`]], [`y${i}`]: [[2, 5, 'two']] },
      ]),
    ) as Record<string, Record<string, Spoken>>;
    const tiers = await engine.align(makeRequest(files), makeContext());
    assert.equal((await standIn.starts()).length, 1);
    assert.equal(tiers.length, 40);
    assert.equal(wordsByTier(tiers)['file7/x7'], 'one w7');
  });

  test(`${name} returns words unchanged, although MFA would change them`, async () => {
    const text = `it's well-known (hm) <unk> [x] 25 été "no" naïve's spn l'eau ß 'tis`;
    const tiers = await make().engine.align(makeRequest({ a: { t: [[0, 9, text]] } }), makeContext());
    assert.deepEqual(wordsByTier(tiers), { 'a/t': text });
    assert.deepEqual(
      tiers[0]?.words[0]?.phones.map((phone) => phone.label),
      ['P', 'AH0', 'T'],
    );
  });

  test(`${name} gets no ids, and no command in an id is run`, async () => {
    const { standIn, engine } = make();
    const context = makeContext();
    const marker = path.join(context.workDir, 'marker');
    const spoken: Spoken = [[0, 3, 'hello']];
    const files = {
      [`$(touch ${marker})`]: { [`$(touch ${marker})`]: spoken },
      'b c': { '': spoken, notes: spoken },
    };
    const tiers = await engine.align(makeRequest(files), context);
    assert.equal(tiers.length, 3);
    assert.equal(existsSync(marker), false);
    for (const argument of (await standIn.starts())[0]?.argv ?? ['?']) assert.match(argument, /^[\w./-]+$/);
  });

  test(`${name} aligns what is left when tiers and whole files have no words`, async () => {
    const { standIn, engine } = make();
    const tiers = await engine.align(
      makeRequest({ a: { t: [], u: [[0, 2, 'hello']] }, b: { v: [] } }),
      makeContext(),
    );
    assert.deepEqual(wordsByTier(tiers), { 'a/u': 'hello' });
    assert.deepEqual(await engine.align(makeRequest({ b: { v: [] } }), makeContext()), []);
    assert.equal((await standIn.starts()).length, 1);
  });

  test(`${name} leaves out an utterance that could not be decoded, and keeps the others`, async () => {
    const long = Array.from({ length: 40 }, () => 'hello').join(' ');
    const request = makeRequest({
      a: {
        t: [
          [0, 2, 'one'],
          [2, 3, long],
        ],
        u: [[3, 5, 'two']],
      },
    });
    const tiers = await make().engine.align(request, makeContext());
    assert.deepEqual(wordsByTier(tiers), { 'a/t': 'one', 'a/u': 'two' });
  });

  test(`${name} aligns words without a known pronunciation, even if there are no others`, async () => {
    const { engine } = make();
    const phones = [engine.unknownPhone ?? 'none'];
    const request = makeRequest(
      { a: { t: [[0, 3, 'zzyzx qqq']] } },
      { phones: { zzyzx: phones, qqq: phones }, model: 'phones: P T' },
    );
    const tiers = await engine.align(request, makeContext());
    assert.deepEqual(wordsByTier(tiers), { 'a/t': 'zzyzx qqq' });
    assert.deepEqual(
      tiers[0]?.words[0]?.phones.map((phone) => phone.label),
      ['spn'],
    );
  });

  test(`${name} runs two tasks with the same names at once, and mixes nothing`, async () => {
    const { engine } = make({ startSec: 0.2 });
    const [first, second] = await Promise.all([
      engine.align(makeRequest({ a: { t: [[0, 3, 'red fox']] } }), makeContext()),
      engine.align(makeRequest({ a: { t: [[0, 3, 'blue hen']] } }), makeContext()),
    ]);
    assert.deepEqual(
      [wordsByTier(first), wordsByTier(second)],
      [{ 'a/t': 'red fox' }, { 'a/t': 'blue hen' }],
    );
  });

  test(`${name} finds no files of an earlier task, even of one that died`, async () => {
    const { standIn, engine } = make();
    const crashing = create({
      command: makeStandIn(program, { crashAfterFiles: 0 }).command,
      launcher: [],
      env: process.env,
    });
    await assert.rejects(crashing.align(makeRequest(HELLO), makeContext()));
    await engine.align(makeRequest({ a: { t: [[0, 3, 'red fox']] } }), makeContext());
    const tiers = await engine.align(makeRequest({ a: { t: [[0, 3, 'blue hen']] } }), makeContext());
    assert.deepEqual(wordsByTier(tiers), { 'a/t': 'blue hen' });
    const homes = (await standIn.starts()).map((start) => start.env['HOME']);
    assert.equal(new Set(homes).size, 2);
  });

  test(`${name} writes only into its working directory, and gets none of the worker's secrets`, async () => {
    const standIn = makeStandIn(program);
    const env = { ...process.env, DATABASE_URL: 'postgres://secret', HOME: '/root' };
    const context = makeContext();
    await create({ command: standIn.command, launcher: [], env }).align(makeRequest(HELLO), context);
    const [start] = await standIn.starts();
    assert.equal(start?.env['DATABASE_URL'], undefined);
    assert.equal(start?.env['OPENBLAS_NUM_THREADS'], '1');
    for (const key of ['HOME', 'TMPDIR', ...(name === 'MFA2' ? ['MFA_ROOT_DIR'] : [])]) {
      assert.equal(path.dirname(start?.env[key] ?? ''), context.workDir, key);
    }
    assert.equal(start?.cwd, context.workDir);
  });

  test(`${name} is started by its launcher`, async () => {
    const standIn = makeStandIn(program);
    const launcher = ['/usr/bin/env', 'LAUNCHED=yes'];
    const engine = create({ command: standIn.command, launcher, env: process.env });
    assert.equal((await engine.check(new AbortController().signal)).state, 'ready');
    await engine.align(makeRequest(HELLO), makeContext());
    assert.equal((await standIn.starts())[0]?.env['LAUNCHED'], 'yes');
  });

  test(`${name} reports its phases as progress that only grows`, async () => {
    const shares: number[] = [];
    const notes: (string | undefined)[] = [];
    const report = (share: number, note?: string) => {
      shares.push(share);
      notes.push(note);
    };
    await make().engine.align(makeRequest(HELLO), makeContext({ report }));
    assert.deepEqual(
      shares,
      shares.toSorted((a, b) => a - b),
    );
    assert.ok(notes.includes('Calculating CMVN'));
  });

  test(`the output of ${name} is read all the time, and is in the log`, async () => {
    const context = makeContext();
    const tiers = await make({ floodBytes: 8_000_000 }).engine.align(makeRequest(HELLO), context);
    assert.equal(tiers.length, 1);
    const log = readFileSync(context.logPath, 'utf8');
    assert.ok(log.includes('xxxxxxxx') && log.includes('Done! Everything took'));
    assert.ok(log.length < 4_000_000);
  });

  test(`${name} that hangs is ended when it has been silent too long`, async () => {
    const { engine } = make({ hang: true });
    const align = engine.align(
      makeRequest({ a: { t: [[0, 1, 'hello']] } }),
      makeContext({ silenceSec: 0.5 }),
    );
    await assert.rejects(align, hasCode('E_ENGINE_SILENT'));
  });

  test(`${name} is ended at its time limit`, async () => {
    const { engine } = make({ hang: true });
    await engine.check(new AbortController().signal);
    await assert.rejects(
      engine.align(makeRequest(HELLO), makeContext({ timeoutSec: 0.5 })),
      hasCode('E_ENGINE_TIMEOUT'),
    );
  });

  test(`${name} leaves no process behind when it is aborted, not even one that ignores SIGTERM`, async () => {
    const grandchildMarker = `grandchild-of-${name}-${path.basename(makeDir())}`;
    const { engine } = make({ hang: true, grandchildMarker });
    const abort = new AbortController();
    const align = engine.align(makeRequest(HELLO), makeContext({ signal: abort.signal }));
    await until('the grandchild to run', () => isRunning(grandchildMarker), SOON_MS);
    abort.abort(new Error('cancelled by the user'));
    await assert.rejects(align, /cancelled by the user/);
    assert.equal(isRunning(grandchildMarker), false);
  });

  test(`${name} that dies half-way returns what it had written`, async () => {
    const request = makeRequest({ a: { t: [[0, 2, 'one']] }, b: { t: [[0, 2, 'two']] } });
    const tiers = await make({ crashAfterFiles: 1 }).engine.align(request, makeContext());
    assert.deepEqual(wordsByTier(tiers), { 'a/t': 'one', 'b/t': '' });
    assert.deepEqual(
      tiers.map(({ untried }) => untried?.length),
      [undefined, 1],
    );
  });

  test(`${name} that is killed before it wrote anything fails with the signal's name`, async () => {
    const align = make({ killedBy: 'SIGKILL' }).engine.align(makeRequest(HELLO), makeContext());
    await assert.rejects(align, hasCode('E_ENGINE_FAILED', /SIGKILL/));
  });

  test(`${name} does not start without a usable model, and the error names the file`, async () => {
    const { standIn, engine } = make();
    const withModel = (model: string | null) => ({ ...makeRequest(HELLO), language: makeLanguage(model) });
    for (const [request, found] of [
      [withModel(null), /engUS_MFA1_v010\.zip in its folder, found none/],
      [withModel('/no/such/model.zip'), /engUS_MFA1_v010\.zip in its folder: it cannot be read/],
      [
        makeRequest(HELLO, { model: null }),
        /engUS_MFA1_v010\.zip in its folder: the file is not a zip archive/,
      ],
    ] as const) {
      await assert.rejects(engine.align(request, makeContext()), hasCode('E_LANGUAGE_BROKEN', found));
    }
    assert.equal((await standIn.starts()).length, 0);
  });

  test(`${name} blames the language for a phone that its model does not have`, async () => {
    const align = make().engine.align(makeRequest(HELLO, { model: 'phones: P T' }), makeContext());
    await assert.rejects(align, hasCode('E_LANGUAGE_BROKEN', /phones that the acoustic model does not have/));
  });

  test(`${name} blames the file for audio that is no wav`, async () => {
    const request = makeRequest(
      { a: { t: [[0, 2, 'one']] }, b: { t: [[0, 2, 'two']] } },
      { audio: { b: Buffer.alloc(999, 7) } },
    );
    await assert.rejects(make().engine.align(request, makeContext()), hasCode('E_AUDIO_FORMAT'));
  });
}

function hasCode(code: ErrorCode, message = /./): (error: unknown) => boolean {
  return (error) => error instanceof TaskError && error.code === code && message.test(error.message);
}

/** Whether any process of this machine has the word on its command line. */
function isRunning(marker: string): boolean {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .some((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes(marker);
      } catch {
        return false;
      }
    });
}

test.run();
