import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { suite } from 'uvu';
import { chromiumPath } from '../../testing/chromium.ts';
import { makeWav } from '../../testing/wav.ts';
import { type BrowserSite, createBrowserSite, given, seriousFindings, takePicture } from './support.ts';

const all = suite<BrowserSite>('long lists of the page');
const test = chromiumPath === null ? all.skip : all;
if (chromiumPath === null) console.log('skipped: no Chromium here; "make test-browser" installs one');
else {
  all.before(async (context) => {
    Object.assign(context, await createBrowserSite());
    // In one transaction, so that the worker sees none of them waiting.
    await context.site.sql.query(
      `INSERT INTO tasks (task_id, user_uuid, lang, task_path, task_status)
       SELECT 'old' || n, 'local', 'engUS_SPHINX_v010', 'local/upl/old' || n, 'uploaded' FROM generate_series(1, ${COUNT}) n;
       UPDATE tasks SET task_status = 'cancelled'`,
    );
  });
  all.after(({ stop }) => stop());
}

const COUNT = 500;
/** Far fewer than all, and enough for some screens. */
const MOST_ROWS = 250;

test('of a long list of tasks, only rows near the screen are in the page, and each has its position', async ({
  open,
  site,
}) => {
  const page = await open();
  const rows = page.locator('.task');
  await rows.first().waitFor();
  await showOlder(page, [100, 200, 400, COUNT]);
  assert.ok((await rows.count()) < MOST_ROWS, `${await rows.count()} rows`);
  await scrollToEnd(page);
  const last = page.locator(`[aria-posinset="${COUNT}"]`);
  await last.waitFor();
  assert.ok((await rows.count()) < MOST_ROWS);
  assert.deepEqual(await seriousFindings(page), []);
  await takePicture(page, 'long-list-light-1280');
  // New tasks appear at the top, and do not move what the user reads.
  const before = await last.boundingBox();
  await site.sql.query(
    `INSERT INTO tasks (task_id, user_uuid, lang, task_path, task_status)
     VALUES ('new', 'local', 'engUS_SPHINX_v010', 'local/upl/new', 'uploading')`,
  );
  await site.sql.query("UPDATE tasks SET task_status = 'uploaded' WHERE task_id = 'new'");
  const moved = page.locator(`[aria-posinset="${COUNT + 1}"]`);
  await moved.waitFor();
  const after = await moved.boundingBox();
  assert.ok(Math.abs((after?.y ?? 0) - (before?.y ?? 0)) < 100, `from ${before?.y} to ${after?.y}`);
});

test('the keyboard goes from row to row of a long list, over those that are drawn on the way', async ({
  open,
}) => {
  const page = await open();
  await page.locator('.task').first().waitFor();
  await showOlder(page, [100, 200]);
  await page.locator('.task .name').first().focus();
  const first = await focusedPlace(page);
  // A link and a button in each row.
  for (let press = 0; press < 2 * 90; press++) await page.keyboard.press('Tab');
  assert.equal(await focusedPlace(page), first + 90);
  for (let press = 0; press < 2 * 90; press++) await page.keyboard.press('Shift+Tab');
  assert.equal(await focusedPlace(page), first);
});

test('hundreds of recordings are dropped at once, and the last of them is reached by scrolling', async ({
  open,
}) => {
  const page = await open();
  const buffer = makeWav({});
  const transcript = given('', 'broken/unknown-word/train.TextGrid');
  const files = Array.from({ length: 300 }, (_, n) => [
    { name: `rec${n + 100}.wav`, mimeType: 'audio/wav', buffer },
    { ...transcript, name: `rec${n + 100}.TextGrid` },
  ]);
  await page.setInputFiles('#choose-files', files.flat());
  await page.locator('.pair[aria-setsize="300"]').first().waitFor();
  const rows = page.locator('.pair');
  assert.ok((await rows.count()) < MOST_ROWS, `${await rows.count()} rows`);
  await page.evaluate(`document.querySelector('.tray').scrollIntoView({ block: 'end' })`);
  await page.locator('.pair', { hasText: 'rec399' }).waitFor();
  assert.equal(await page.locator('.pair', { hasText: 'rec100' }).count(), 0);
});

/** The same number again each time. */
async function showOlder(page: Page, counts: readonly number[]): Promise<void> {
  for (const count of counts) {
    await page.getByRole('button', { name: 'Show older tasks' }).click();
    // Up to 100 rows all are drawn, and no row has to give its position.
    const last =
      count <= 100 ? page.locator('.task').nth(count - 1) : page.locator(`[aria-setsize="${count}"]`).first();
    await last.waitFor();
  }
}

async function scrollToEnd(page: Page): Promise<void> {
  await page.evaluate('window.scrollTo(0, document.documentElement.scrollHeight)');
}

async function focusedPlace(page: Page): Promise<number> {
  return page.evaluate<number>(
    `Number(document.activeElement.closest('[aria-posinset]')?.getAttribute('aria-posinset'))`,
  );
}

all.run();
