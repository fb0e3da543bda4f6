import assert from 'node:assert/strict';
import { test as all } from 'uvu';
import { openApp } from '../../src/app/open.ts';
import { silentLog } from '../../src/base/log.ts';
import { readConfig } from '../../src/config.ts';
import { addToken } from '../../src/tasks/web-tokens.ts';
import { chromiumPath, launchChromium } from '../../testing/chromium.ts';
import { createSite } from '../../testing/site.ts';
import { startWeb } from '../../testing/web.ts';
import { seriousFindings } from './support.ts';

const test = chromiumPath === null ? all.skip : all;
if (chromiumPath === null) console.log('skipped: no Chromium here; "make test-browser" installs one');

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
