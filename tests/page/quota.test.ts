import assert from 'node:assert/strict';
import { test as all } from 'uvu';
import { chromiumPath, launchChromium } from '../../testing/chromium.ts';
import { createSite } from '../../testing/site.ts';
import { TRIVIAL_LANGUAGE } from '../../testing/trivial-engine.ts';
import { startWeb } from '../../testing/web.ts';
import { seriousFindings } from './support.ts';

const test = chromiumPath === null ? all.skip : all;
if (chromiumPath === null) console.log('skipped: no Chromium here; "make test-browser" installs one');

test('the page shows how much space the files of the user take, and what to do when little is left', async () => {
  await using site = await createSite();
  await using web = await startWeb(site, { USER_QUOTA: '100K' });
  await using free = await startWeb(site);
  const browser = await launchChromium();
  try {
    const page = await browser.newPage();
    await page.goto(web.address);
    await page.getByText('Your files take 0 bytes of 100 KiB.').waitFor();
    const { id } = (await web.call('POST', '/api/v1/tasks', { lang: TRIVIAL_LANGUAGE })).json;
    const put = await web.call('PUT', `/api/v1/tasks/${id}/files/a.wav`, Buffer.alloc(95 * 1024));
    assert.equal(put.status, 201);
    await page.reload();
    await page.getByText('Your files take 95 KiB of 100 KiB. Delete tasks that you no longer need').waitFor();
    assert.deepEqual(await seriousFindings(page), []);
    await page.goto(free.address);
    await page.waitForSelector('.drop');
    assert.equal(await page.getByText('Your files take').count(), 0);
  } finally {
    await browser.close();
  }
});

all.run();
