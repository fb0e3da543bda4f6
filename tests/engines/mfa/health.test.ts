import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'uvu';
import { type ErrorCode, TaskError } from '../../../src/base/errors.ts';
import { createMfa1 } from '../../../src/engines/mfa/mfa1.ts';
import { createMfa2 } from '../../../src/engines/mfa/mfa2.ts';
import {
  makeContext,
  makeDir,
  makeRequest,
  makeStandIn,
  removeDirs,
  type Spoken,
} from '../../../testing/mfa.ts';

const HELLO = { a: { t: [[0, 3, 'hello there']] as Spoken } };

test.after(removeDirs);

for (const [name, program, create] of [
  ['MFA1', 'mfa_align', createMfa1],
  ['MFA2', 'mfa', createMfa2],
] as const) {
  const make = () => create({ command: makeStandIn(program).command, launcher: [], env: process.env });

  test(`${name} that is not there is missing, and the note names the setting`, async () => {
    for (const command of ['/no/such/program', 'no-such-program']) {
      const engine = create({ command, launcher: [], env: process.env });
      const health = await engine.check(new AbortController().signal);
      assert.equal(health.state, 'missing');
      assert.equal(health.version, null);
      assert.match(health.note, new RegExp(`set ${name} to the path of ${program}`));
      await assert.rejects(engine.align(makeRequest(HELLO), makeContext()), hasCode('E_ENGINE_MISSING'));
    }
  });

  test(`${name} behind a launcher that does not find it is missing, too`, async () => {
    const engine = create({ command: 'no-such-program', launcher: ['/usr/bin/env'], env: process.env });
    assert.equal((await engine.check(new AbortController().signal)).state, 'missing');
  });

  test(`${name} that is another program is sick`, async () => {
    const engine = create({ command: '/bin/true', launcher: [], env: process.env });
    assert.equal((await engine.check(new AbortController().signal)).state, 'sick');
  });

  test(`the check of ${name} does not throw when it is aborted, and leaves nothing behind`, async () => {
    const engine = make();
    const dir = makeDir();
    const before = process.env['TMPDIR'];
    process.env['TMPDIR'] = dir;
    const health = await engine.check(AbortSignal.abort(new Error('stopped')));
    assert.deepEqual([health.state, health.note], ['sick', `${name}: the check did not end: stopped`]);
    await engine.check(new AbortController().signal);
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
    assert.deepEqual(readdirSync(dir), []);
  });
}

function hasCode(code: ErrorCode): (error: unknown) => boolean {
  return (error) => error instanceof TaskError && error.code === code;
}

test.run();
