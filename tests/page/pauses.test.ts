import assert from 'node:assert/strict';
import { test as all } from 'uvu';
import { chromiumPath, launchChromium } from '../../testing/chromium.ts';
import { createSite } from '../../testing/site.ts';
import { startWeb } from '../../testing/web.ts';
import { seriousFindings } from './support.ts';

const test = chromiumPath === null ? all.skip : all;
if (chromiumPath === null) console.log('skipped: no Chromium here; "make test-browser" installs one');

test('the overview shows what is paused, by whom and why; an operator pauses and resumes there', async () => {
  await using site = await createSite();
  await using web = await startWeb(site);
  await site.sql.query(
    "INSERT INTO pauses (engine, reason, paused_by) VALUES ('MFA2', 'a new model', 'ann')",
  );
  const browser = await launchChromium();
  try {
    const page = await browser.newPage();
    await page.goto(`${web.address}/operator`);
    await page.getByText(/^Tasks of engine MFA2 paused by ann since .*: a new model/).waitFor();
    await page.getByRole('button', { name: 'Pause the work' }).click();
    await page.getByLabel('Why, for others').fill('new disk');
    assert.deepEqual(await seriousFindings(page), []);
    await page.getByRole('button', { name: 'Pause', exact: true }).click();
    await page.getByText(/^All tasks paused by local since .*: new disk/).waitFor();
    await page.getByRole('button', { name: 'Resume: Tasks of engine MFA2' }).click();
    await page.getByText('Tasks of engine MFA2').waitFor({ state: 'detached' });
    const { rows } = await site.sql.query('SELECT engine, reason, paused_by FROM pauses');
    assert.deepEqual(rows, [{ engine: null, reason: 'new disk', paused_by: 'local' }]);
  } finally {
    await browser.close();
  }
});

all.run();
