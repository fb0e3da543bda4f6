import assert from 'node:assert/strict';
import { suite } from 'uvu';
import { createSite, type Site } from '../../testing/site.ts';
import { runCli, runJson } from './run-cli.ts';

const test = suite<{ site: Site }>('token');

test.before(async (context) => {
  context.site = await createSite();
});
test.after(async ({ site }) => {
  await site[Symbol.asyncDispose]();
});

test('a token is shown once, listed without what signs in, and removed', async ({ site }) => {
  const made = await runCli(['token', 'add', 'ann', '--role', 'viewer'], site.env);
  assert.equal(made.exitCode, 0, made.stderr);
  const token = made.stdout.trim();
  assert.match(token, /^autophon_[\w-]{43}$/);
  assert.match(made.stderr, /token 1 of ann, role viewer\. It is not shown again/);
  const { document } = await runJson<{ tokens: { id: string; createdAt: string }[] }>(
    ['token', 'list'],
    site.env,
  );
  const { createdAt, ...listed } = document.tokens[0] ?? { createdAt: '' };
  assert.deepEqual(listed, { id: '1', user: 'ann', role: 'viewer', usedOn: null });
  assert.equal(new Date(createdAt).toISOString(), createdAt);
  const removed = await runJson(['token', 'remove', '1', '7'], site.env);
  assert.deepEqual([removed.exitCode, removed.document], [2, { removed: ['1'], missing: ['7'] }]);
});

for (const [argv, said] of [
  [['token'], /expected add, list or remove/],
  [['token', 'add', 'ann', '--role', 'boss'], /--role: expected user, viewer, operator, found "boss"/],
  [['token', 'list', '--role', 'user'], /--role is for "token add"/],
  [['token', 'remove', 'ann'], /"ann": expected the id of a token/],
] as const) {
  test(`${argv.join(' ')} is a typing error`, async ({ site }) => {
    const { exitCode, stderr } = await runCli([...argv], site.env);
    assert.equal(exitCode, 2);
    assert.match(stderr, said);
  });
}

test('a user that cannot name a folder gets no token', async ({ site }) => {
  const { exitCode, stderr } = await runCli(['token', 'add', '../ann'], site.env);
  assert.deepEqual(
    [exitCode, /expected up to 100 letters.*beginning with a letter or digit/.test(stderr)],
    [2, true],
  );
});

test.run();
