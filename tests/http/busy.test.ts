import assert from 'node:assert/strict';
import { suite } from 'uvu';
import { openApp } from '../../src/app/open.ts';
import { silentLog } from '../../src/base/log.ts';
import { readConfig } from '../../src/config.ts';
import { addToken } from '../../src/tasks/web-tokens.ts';
import { createSite, transcript } from '../../testing/site.ts';
import { TRIVIAL_LANGUAGE } from '../../testing/trivial-engine.ts';
import { makeWav } from '../../testing/wav.ts';
import { startWeb } from '../../testing/web.ts';

const test = suite('a busy server');
const AUDIO = makeWav({ sampleRateHz: 16_000, samples: new Float64Array(16_000) });

test('of many requests of one user some wait and others are refused, and another user is served', async () => {
  await using site = await createSite();
  await using web = await startWeb(site, { WEB_MODE: 'token' });
  await using app = await openApp(readConfig(site.env, {}, site.dir), silentLog, 'test');
  const as = async (user: string) => ({
    Authorization: `Bearer ${(await addToken(app.db, user, 'user')).token}`,
  });
  const [ann, bob] = [await as('ann'), await as('bob')];
  const makeDraft = async (who: Record<string, string>) => {
    const { id } = (await web.call('POST', '/api/v1/tasks', { lang: TRIVIAL_LANGUAGE }, who)).json;
    await web.call('PUT', `/api/v1/tasks/${id}/files/talk.wav`, AUDIO, who);
    await web.call('PUT', `/api/v1/tasks/${id}/files/talk.TextGrid`, transcript('one two'), who);
    return id as string;
  };
  const [ofAnn, ofBob] = [await makeDraft(ann), await makeDraft(bob)];
  const queue = (id: string, who: Record<string, string>) =>
    web.call('POST', `/api/v1/tasks/${id}/queue`, undefined, who);
  // Each request for Ann's task waits for this.
  const holder = await site.sql.connect();
  await holder.query(`BEGIN; SELECT FROM tasks WHERE task_id = '${ofAnn}' FOR UPDATE`);
  const refused: { status: number; retryAfter: string | null }[] = [];
  const requests = Array.from({ length: 30 }, async () => {
    const { status, headers } = await queue(ofAnn, ann);
    if (status === 429) refused.push({ status, retryAfter: headers.get('retry-after') });
    return status;
  });
  await site.until('some to be refused', () => refused.length === 8);
  for (const { retryAfter } of refused) assert.match(retryAfter ?? '', /^[1-9]\d*$/);
  assert.equal((await queue(ofBob, bob)).status, 200);
  await holder.query('COMMIT');
  holder.release();
  const statuses = await Promise.all(requests);
  assert.deepEqual(
    [200, 409, 429].map((status) => statuses.filter((one) => one === status).length),
    [1, 21, 8],
  );
});

test.run();
