import assert from 'node:assert/strict';
import { suite } from 'uvu';
import { createSite, type Site } from '../../testing/site.ts';
import { endAllCli, startCli } from './run-cli.ts';

const test = suite<{ site: Site }>('web');

test.before(async (context) => {
  context.site = await createSite();
});

test.after(async ({ site }) => {
  endAllCli();
  await site[Symbol.asyncDispose]();
});

test('web --with-worker says how its worker ended, and its worker ends with it, however that ends', async ({
  site,
}) => {
  const alive = async () =>
    (await site.sql.query('SELECT pid FROM instances WHERE stopped_at IS NULL AND died_at IS NULL')).rows;
  const web = startCli(['web', '--with-worker', '--port', '0'], site.env);
  await web.said('the page is at http://127.0.0.1:');
  await site.until('its worker', async () => (await alive()).length === 1);
  process.kill((await alive())[0].pid, 'SIGKILL');
  await web.noted('the worker has ended, and tasks wait: it was ended by SIGKILL');
  await site.sql.query('UPDATE instances SET died_at = now() WHERE stopped_at IS NULL');
  web.child.kill('SIGTERM');
  assert.equal((await web.ended).exitCode, 0);

  const killed = startCli(['web', '--with-worker', '--port', '0'], site.env);
  await site.until('its worker', async () => (await alive()).length === 1);
  killed.child.kill('SIGKILL');
  await site.until('the worker to end', async () => (await alive()).length === 0);
});

test('web with tokens says how to make the first one, until there is one', async ({ site }) => {
  const start = () => startCli(['web', '--port', '0'], { ...site.env, WEB_MODE: 'token' });
  const first = start();
  await first.noted('no token has been made yet, so no user can sign in');
  const { exitCode } = await startCli(['token', 'add', 'olga', '--role', 'operator'], site.env).ended;
  assert.equal(exitCode, 0);
  first.child.kill('SIGTERM');
  await first.ended;
  const second = start();
  await second.said('the page is at');
  second.child.kill('SIGTERM');
  assert.doesNotMatch((await second.ended).stderr, /no token/);
});

test.run();
