import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { suite } from 'uvu';
import { chromiumPath } from '../../testing/chromium.ts';
import { type BrowserSite, createBrowserSite, given, seriousFindings, takePicture } from './support.ts';

const all = suite<BrowserSite>('the page by keyboard alone');
const test = chromiumPath === null ? all.skip : all;
if (chromiumPath === null) console.log('skipped: no Chromium here; "make test-browser" installs one');
else {
  all.before(async (context) => {
    Object.assign(context, await createBrowserSite({ KEEP_SOUND: '5000' }));
  });
  all.after(({ stop }) => stop());
}

const MOST_TABS = 80;

test('from files to a kept correction of the result, and to the deletion of the task, without a mouse', async ({
  open,
  site,
}) => {
  const page = await open();
  const dialogs: string[] = [];
  page.on('dialog', (dialog) => {
    dialogs.push(dialog.message());
    void dialog.accept();
  });
  // Early, because the browser must be told to wait for the files.
  const chooser = page.waitForEvent('filechooser');
  await page.waitForSelector('.drop.large');
  await page.keyboard.press('n');
  await (await chooser).setFiles([
    given('train.wav', 'broken/unknown-word/train.wav'),
    given('train.TextGrid', 'broken/unknown-word/train.TextGrid'),
  ]);
  await tabTo(page, 'Language');
  await page.keyboard.type('english');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: /^Align 1 recording \(/ }).waitFor();
  await tabTo(page, /^Align 1 recording/);
  await page.keyboard.press('Enter');
  await page.locator('.task', { hasText: 'train' }).getByText('done').waitFor();
  await tabTo(page, 'train');
  await page.keyboard.press('Enter');
  await page.getByText('The audio can be played until').waitFor();

  await tabTo(page, /^Waveform, spectrogram and tiers/);
  for (const key of ['ArrowDown', 'ArrowRight', 'b']) await page.keyboard.press(key);
  assert.match((await page.locator('.viewer-spoken').textContent()) ?? '', /^Empty: /);
  await page.keyboard.press('Escape');
  await tabTo(page, 'Keep on the server');
  await page.keyboard.press('Enter');
  await page.getByText('Your corrections are kept beside the result.').waitFor();
  await tabTo(page, /^Open \d{4}-/);
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Open The result' }).waitFor();
  await tabTo(page, /^Delete the version/);
  await page.keyboard.press('Enter');
  await page.getByText('The version is deleted.').waitFor();

  await page.keyboard.press('?');
  const keys = page.getByRole('dialog', { name: 'Keys' });
  await keys.getByText('insert a boundary at the cursor, or in the middle of the interval').waitFor();
  assert.deepEqual(await seriousFindings(page), []);
  await takePicture(page, 'keys-light-1280');
  await page.keyboard.press('Escape');
  await keys.waitFor({ state: 'detached' });
  await tabTo(page, 'Single files of the result');
  await page.keyboard.press('Enter');
  await page
    .getByRole('link', { name: /\.TextGrid$/ })
    .first()
    .waitFor();
  await tabTo(page, 'Delete');
  await page.keyboard.press('Enter');
  await page.getByText('No tasks yet').or(page.locator('.drop.large')).first().waitFor();
  const { rows } = await site.sql.query('SELECT count(*)::int AS left FROM tasks');
  assert.deepEqual(rows, [{ left: 0 }]);
  assert.equal(dialogs.length, 2);
});

test('an operator chooses tasks, acts on them and pauses the work without a mouse', async ({
  open,
  site,
}) => {
  await site.sql.query(
    `INSERT INTO tasks (task_id, user_uuid, lang, task_path, task_status)
     SELECT 'empty' || n, 'ann', 'engUS_SPHINX_v010', 'ann/upl/empty' || n, 'uploaded' FROM generate_series(1, 3) n`,
  );
  for (const n of [1, 2, 3]) await site.waitFor(`empty${n}`, 'failed');
  const page = await open();
  await page.waitForSelector('.drop.large');
  await page.keyboard.press('o');
  await page.locator('.task').nth(2).waitFor();
  await tabTo(page, /^Select empty/);
  await page.keyboard.press('Space');
  await page.getByText(/^1 .*selected/).waitFor();
  await tabTo(page, /^Delete/);
  await page.keyboard.press('Enter');
  assert.deepEqual(await seriousFindings(page), []);
  await takePicture(page, 'act-light-1280');
  await tabTo(page, 'Delete: 1 task');
  await page.keyboard.press('Enter');
  await page.locator('.task').nth(2).waitFor({ state: 'detached' });
  await page.getByRole('dialog').waitFor({ state: 'detached' });

  await tabTo(page, 'Pause the work');
  await page.keyboard.press('Enter');
  assert.deepEqual(await seriousFindings(page), []);
  await tabTo(page, 'Pause');
  await page.keyboard.press('Enter');
  await tabTo(page, /^Resume/);
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: /^Resume/ }).waitFor({ state: 'detached' });
});

/** Presses Tab until an element with this name has the focus. The focus must be visible at each step. */
async function tabTo(page: Page, name: string | RegExp): Promise<void> {
  const seen: string[] = [];
  for (let press = 0; press < MOST_TABS; press++) {
    await page.keyboard.press('Tab');
    const focused = await page.evaluate<{ name: string; isSeen: boolean }>(FOCUSED);
    assert.ok(focused.isSeen, `the focus is not seen at ${focused.name}`);
    if (typeof name === 'string' ? focused.name === name : name.test(focused.name)) return;
    seen.push(focused.name);
  }
  assert.fail(`nothing called ${name} gets the focus, only: ${seen.join(' | ')}`);
}

const FOCUSED = `(() => {
  const element = document.activeElement;
  const { outlineStyle, boxShadow } = getComputedStyle(element);
  const label = element.labels?.[0]?.textContent ?? element.textContent;
  return {
    name: (element.getAttribute('aria-label') ?? label).trim(),
    isSeen: element === document.body || outlineStyle !== 'none' || boxShadow !== 'none',
  };
})()`;

all.run();
