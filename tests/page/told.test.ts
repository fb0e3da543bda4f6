import assert from 'node:assert/strict';
import { test as all } from 'uvu';
import { chromiumPath, launchChromium } from '../../testing/chromium.ts';
import { createSite } from '../../testing/site.ts';
import { startWeb } from '../../testing/web.ts';
import { seriousFindings } from './support.ts';

const test = chromiumPath === null ? all.skip : all;
if (chromiumPath === null) console.log('skipped: no Chromium here; "make test-browser" installs one');

test('the page of a task shows which receivers were told of its end, and which could not be', async () => {
  await using site = await createSite();
  await using web = await startWeb(site);
  const taskId = await site.addTask('one');
  await site.sql.query(`INSERT INTO webhooks VALUES ('*', 'https://app.example.org/secret')`);
  await site.sql.query('UPDATE tasks SET cancel_requested = true');
  await site.sql.query("UPDATE deliveries SET answer = 'HTTP 500 Internal Server Error'");
  await site.sql.query(`INSERT INTO deliveries (task, kind, status, ended_at, state, finished_at)
    SELECT task, 'command', status, ended_at, 'delivered', now() FROM deliveries`);
  const browser = await launchChromium();
  try {
    const page = await browser.newPage();
    await page.goto(`${web.address}/tasks/${taskId}`);
    await page.getByText('What happened').click();
    await page.getByText('app.example.org is to be told, HTTP 500 Internal Server Error').waitFor();
    await page.getByText('the program of this site was told').waitFor();
    assert.equal(await page.getByText('secret').count(), 0);
    assert.deepEqual(await seriousFindings(page), []);
  } finally {
    await browser.close();
  }
});

all.run();
