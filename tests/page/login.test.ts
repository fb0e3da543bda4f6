import assert from 'node:assert/strict';
import { test as all } from 'uvu';
import { openApp } from '../../src/app/open.ts';
import { silentLog } from '../../src/base/log.ts';
import { readConfig } from '../../src/config.ts';
import { addToken } from '../../src/tasks/web-tokens.ts';
import { chromiumPath, launchChromium } from '../../testing/chromium.ts';
import { createSite } from '../../testing/site.ts';
import { TRIVIAL_LANGUAGE } from '../../testing/trivial-engine.ts';
import { startWeb } from '../../testing/web.ts';
import { seriousFindings } from './support.ts';

const test = chromiumPath === null ? all.skip : all;
if (chromiumPath === null) console.log('skipped: no Chromium here; "make test-browser" installs one');

/** Pixels by which the page is wider than its window. */
const EXCESS = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';

test('on the narrowest screen nothing is cut off: the buttons at the top, names of drafts and tiers without blanks', async () => {
  await using site = await createSite();
  await using web = await startWeb(site, { WEB_MODE: 'token' });
  await using app = await openApp(readConfig(site.env, {}, site.dir), silentLog, 'test');
  const { token } = await addToken(app.db, 'a-user-with-a-long-name', 'operator');
  const whole = 'a'.repeat(100);
  const as = { Authorization: `Bearer ${token}` };
  await web.call('POST', '/api/v1/tasks', { lang: TRIVIAL_LANGUAGE, name: whole }, as);
  const id = await site.addTask('one');
  const place = { file: 'talk1.wav', tier: `${whole}\u202e`, interval: 1, timeSec: 0 };
  await site.sql.query(
    `UPDATE tasks SET task_status = 'failed', error_code = 'E_WORDS_UNKNOWN', error_message = 'no', faults = $1 WHERE task_id = $2`,
    [JSON.stringify([{ code: 'E_WORDS_UNKNOWN', place, text: `"${whole}\u202e" is not known` }]), id],
  );
  const browser = await launchChromium();
  try {
    const page = await browser.newPage({ viewport: { width: 320, height: 640 } });
    await page.goto(web.address);
    await page.getByLabel('Token').fill(token);
    await page.keyboard.press('Enter');
    for (const [address, selector] of [
      ['/', '.drafts'],
      ['/operator', '.task'],
      [`/tasks/${id}`, '.findings'],
      ['/tasks/%ff', '.empty'],
    ] as const) {
      if (address !== '/') await page.goto(web.address + address);
      await page.locator(selector).first().waitFor();
      assert.equal(await page.evaluate(EXCESS), 0, address);
      if (selector === '.findings')
        assert.equal((await page.locator(selector).allTextContents()).join('').includes('\u202e'), false);
    }
  } finally {
    await browser.close();
  }
});

test('where the server asks for a token, the page takes it once, stays signed in, and signs out', async () => {
  await using site = await createSite();
  await using web = await startWeb(site, { WEB_MODE: 'token' });
  await using app = await openApp(readConfig(site.env, {}, site.dir), silentLog, 'test');
  const browser = await launchChromium();
  try {
    const page = await browser.newPage();
    await page.goto(web.address);
    await page.getByText('autophon token add USER --role operator').waitFor();
    const { token } = await addToken(app.db, 'ann', 'user');
    await page.reload();
    const field = page.getByLabel('Token');
    await field.waitFor();
    assert.equal(await page.getByText('token add').count(), 0);
    await field.fill('autophon_wrong');
    assert.deepEqual(await seriousFindings(page), []);
    await field.press('Enter');
    await page.getByText('the token is not valid').waitFor();
    await field.fill(` ${token} `);
    await field.press('Enter');
    await page.waitForSelector('.drop.large');
    await page.reload();
    await page.waitForSelector('.drop.large');
    assert.equal(await page.evaluate('document.cookie'), '');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await field.waitFor();
  } finally {
    await browser.close();
  }
});

all.run();
