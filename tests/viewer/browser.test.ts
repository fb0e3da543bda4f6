import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { suite } from 'uvu';
import { readTextGrid } from '../../src/formats/textgrid/read.ts';
import { assertGapless } from '../../src/formats/textgrid/write.ts';
import { chromiumPath } from '../../testing/chromium.ts';
import { makeWav, sine } from '../../testing/wav.ts';
import { type BrowserSite, createBrowserSite, given, seriousFindings, takePicture } from '../page/support.ts';

interface Context extends BrowserSite {
  page: Page;
  id: string;
}

/** Below the axis: the waveform, the spectrogram and the tier of phones. */
const WORDS_TIER_Y = 307;
const SPECTROGRAM_Y = 180;
/** From any of the three tiers. */
const TO_WORDS = ['ArrowUp', 'ArrowUp', 'ArrowUp', 'ArrowDown'];

const all = suite<Context>('the viewer in a browser');
const test = chromiumPath === null ? all.skip : all;
if (chromiumPath === null) console.log('skipped: no Chromium here; "make test-browser" installs one');
else {
  all.before(async (context) => {
    const opened = await createBrowserSite({ KEEP_SOUND: '5000' });
    const id = await align(opened);
    Object.assign(context, opened, { id, page: await openViewer(opened, id) });
  });
  all.after(({ stop }) => stop());
}

test('waveform, spectrogram and tiers are drawn, and labels are in their intervals', async ({
  page,
  site,
}) => {
  // The page's policy forbids waiting for an expression in the browser.
  const isDrawn = (part: Parameters<typeof hasDarkPixels>[0]) =>
    site.until(`dark pixels from ${part.from} to ${part.to}`, () =>
      page.evaluate<boolean>(hasDarkPixels(part)),
    );
  await isDrawn({ from: 30, to: 100, least: 300 });
  await isDrawn({ from: 110, to: 260, least: 300 });
  await isDrawn({ from: 268, to: 340, least: 100 });
  assert.deepEqual(await seriousFindings(page), []);
  await takePicture(page, 'viewer-light-1280');
});

test('keys go from word to word, a screen reader is told, and Tab plays and stops', async ({ page }) => {
  const picture = page.locator('.viewer-overlay');
  await picture.focus();
  await page.keyboard.press('ArrowRight');
  const first = await spoken(page);
  assert.match(first, /^\S+: \S+ - word, \d+ of \d+, \d+\.\d{3} to \d+\.\d{3} s, \d+ ms$/);
  await page.keyboard.press('ArrowRight');
  assert.notEqual(await spoken(page), first);
  await page.keyboard.press('ArrowUp');
  assert.match(await spoken(page), / - phone, /);
  await page.keyboard.press('a');
  await page.keyboard.press('Home');
  await page.keyboard.press('Tab');
  await page.getByRole('button', { name: '■ Stop' }).waitFor();
  await page.keyboard.press('Tab');
  await page.getByRole('button', { name: '▶ Play' }).waitFor();
  // Stopped before it began.
  for (let press = 0; press < 4; press++) await page.keyboard.press('Tab');
  assert.match(
    (await page.locator('.viewer-status').first().textContent()) ?? '',
    /^The audio can be played/,
  );
});

test('the keyboard is not caught: after Escape, Tab leaves the picture', async ({ page }) => {
  await page.locator('.viewer-overlay').focus();
  await page.keyboard.press('Escape');
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate('document.activeElement.textContent'), '▶ Play');
});

test('the mouse drags the end of a word, a click beside it only selects, and undo takes the drag back', async ({
  page,
}) => {
  const picture = page.locator('.viewer-overlay');
  await picture.focus();
  for (const key of ['Home', ...TO_WORDS, 'ArrowRight', 'ArrowRight', 'n', 'o'])
    await page.keyboard.press(key);
  const before = await spoken(page);
  const [, start = 0, end = 0] = (/(\d+\.\d+) to (\d+\.\d+) s/.exec(before) ?? []).map(Number);
  const box = (await picture.boundingBox()) ?? assert.fail();
  // Twice as long as the word, which is in the middle.
  const endX = box.x + box.width * 0.75;
  const wordsY = box.y + WORDS_TIER_Y;
  await page.mouse.click(endX - 2, wordsY);
  assert.equal(await spoken(page), before);
  await page.mouse.move(endX, wordsY);
  await page.mouse.down();
  await page.mouse.move(endX - box.width * 0.1, wordsY, { steps: 5 });
  await page.mouse.up();
  const dragged = Number(/ to (\d+\.\d+) s/.exec(await spoken(page))?.[1]);
  assert.ok(Math.abs(dragged - (end - 0.2 * (end - start))) < 0.005, `${before}; dragged to ${dragged}`);
  await page.keyboard.press('Control+z');
  assert.equal(await spoken(page), before);
});

test('a label and a boundary are corrected, undone and redone, and the TextGrid is downloaded', async ({
  page,
}) => {
  await page.locator('.viewer-overlay').focus();
  await page.keyboard.press('Home');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowRight');
  const before = await spoken(page);
  await page.keyboard.press('Alt+Shift+ArrowLeft');
  assert.notEqual(await spoken(page), before);
  await page.keyboard.press('Control+z');
  assert.equal(await spoken(page), before);
  await page.keyboard.press('Control+y');
  await page.keyboard.press('Enter');
  await page.getByRole('textbox', { name: 'Label' }).fill('so "called"');
  await page.keyboard.press('Enter');
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Download TextGrid' }).click(),
  ]);
  assert.equal(download.suggestedFilename(), 'train.TextGrid');
  const grid = readTextGrid(await readFile(await download.path(), 'utf8'), 'train.TextGrid');
  const labels = grid.tiers.flatMap((tier) => (tier.kind === 'interval' ? tier.intervals : []));
  assert.ok(labels.some(({ text }) => text === 'so "called"'));
});

test('boundaries are inserted and removed by keys, by buttons and at the cursor, and the TextGrid stays valid', async ({
  page,
}) => {
  const picture = page.locator('.viewer-overlay');
  const count = async () => Number(/ of (\d+),/.exec(await spoken(page))?.[1]);
  await picture.focus();
  for (const key of ['Home', ...TO_WORDS, 'ArrowRight']) await page.keyboard.press(key);
  const before = await count();
  const [word] = (await spoken(page)).split(':');
  await page.keyboard.press('b');
  assert.match(await spoken(page), /^Empty: .* - word, /);
  assert.equal(await count(), before + 1);
  await page.keyboard.press('Alt+ArrowRight');
  await page.keyboard.press('Enter');
  await page.getByRole('textbox', { name: 'Label' }).fill('half');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Alt+Backspace');
  assert.ok((await spoken(page)).startsWith(`${word} half: `), await spoken(page));
  assert.equal(await count(), before);
  await page.keyboard.press('Control+z');
  assert.equal(await count(), before + 1);
  await page.getByRole('button', { name: 'Remove boundary' }).click();
  assert.equal(await count(), before);
  // At the cursor, which a click on the spectrogram sets.
  const box = (await picture.boundingBox()) ?? assert.fail();
  await page.mouse.click(box.x + box.width * 0.4, box.y + SPECTROGRAM_Y);
  assert.match(await spoken(page), /^Cursor at /);
  await page.keyboard.press('Enter');
  assert.match(await spoken(page), / - word, /);
  assert.equal(await count(), before + 1);
  await takePicture(page, 'viewer-boundary-light-1280');
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Download TextGrid' }).click(),
  ]);
  const grid = readTextGrid(await readFile(await download.path(), 'utf8'), 'train.TextGrid');
  for (const tier of grid.tiers) assertGapless(tier, grid);
});

test('corrections are kept on the server as a version, which is opened again, downloaded and deleted', async ({
  page,
  open,
  address,
  id,
}) => {
  await page.locator('.viewer-overlay').focus();
  for (const key of ['Home', ...TO_WORDS, 'ArrowRight', 'Enter']) await page.keyboard.press(key);
  await page.getByRole('textbox', { name: 'Label' }).fill('kept label');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Keep on the server' }).click();
  await page.getByText('Your corrections are kept beside the result.').waitFor();
  const other = await open();
  await other.goto(`${address}/tasks/${id}?recording=train`);
  const versions = other.locator('.viewer-versions');
  await versions.getByRole('button', { name: /^Open \d{4}-/ }).click();
  await versions.getByRole('button', { name: 'Open The result' }).waitFor();
  await versions.getByText('shown').waitFor();
  await other.locator('.viewer-overlay').focus();
  for (const key of ['Home', ...TO_WORDS, 'ArrowRight']) await other.keyboard.press(key);
  assert.match(await spoken(other), /^kept label: .* - word, /);
  assert.deepEqual(await seriousFindings(other), []);
  await versions.scrollIntoViewIfNeeded();
  await takePicture(other, 'viewer-versions-light-1280');
  const [download] = await Promise.all([
    other.waitForEvent('download'),
    versions.getByRole('link', { name: /^Download the version of / }).click(),
  ]);
  assert.match(download.suggestedFilename(), /^train \d{4}-\d\d-\d\d \d\d\.\d\d\.\d\d\.TextGrid$/);
  assert.match(await readFile(await download.path(), 'utf8'), /"kept label"/);
  const asked = other.waitForEvent('dialog').then((dialog) => dialog.accept());
  await versions.getByRole('button', { name: /^Delete the version of / }).click();
  await asked;
  await versions.getByText('The version is deleted.').waitFor();
  assert.equal(await versions.getByRole('listitem').count(), 1);
  await other.locator('.viewer-overlay').focus();
  for (const key of ['Home', ...TO_WORDS, 'ArrowRight']) await other.keyboard.press(key);
  assert.doesNotMatch(await spoken(other), /^kept label/);
  await other.close();
});

test('after the audio is deleted, a file of the user is played, and no request sends it anywhere', async (context) => {
  const { site, page, id } = context;
  await site.sql.query(`UPDATE task_files SET deleted_at = now() WHERE kind = 'audio'`);
  const sent: string[] = [];
  page.on('request', (request) => {
    if (request.method() !== 'GET') sent.push(`${request.method()} ${request.url()}`);
  });
  await page.goto(`${context.address}/tasks/${id}?recording=train`);
  await page.getByText('The audio was deleted').waitFor();
  const buffer = makeWav({ samples: sine(300, 16_000, 2) });
  await page
    .locator('.viewer input[type=file]')
    .setInputFiles({ name: 'own.wav', mimeType: 'audio/wav', buffer });
  await page.getByText('Playing own.wav from this computer. It is not uploaded.').waitFor();
  await page.locator('.viewer-overlay').press('Tab');
  await page.getByRole('button', { name: '■ Stop' }).waitFor();
  assert.deepEqual(sent, []);
  assert.deepEqual(context.browserErrors, []);
});

test('when the result or the task is deleted elsewhere, corrections stay on the screen and are offered as a file', async (context) => {
  const { site, page, open, address, id } = context;
  const untouched = await open();
  await untouched.goto(`${address}/tasks/${id}?recording=train`);
  await untouched.locator('.viewer-overlay').waitFor();
  await page.goto(`${address}/tasks/${id}?recording=train`);
  await page.locator('.viewer-overlay').focus();
  for (const key of ['Home', ...TO_WORDS, 'ArrowRight', 'Enter']) await page.keyboard.press(key);
  await page.getByRole('textbox', { name: 'Label' }).fill('my hour of work');
  await page.keyboard.press('Enter');
  const notice = page
    .getByRole('alert')
    .filter({ hasText: 'Your corrections of train are now on this screen only' });
  await site.sql.query(`UPDATE tasks SET task_status = 'expired', download_path = NULL WHERE task_id = $1`, [
    id,
  ]);
  await notice.waitFor();
  assert.equal(await page.getByRole('button', { name: 'Keep on the server' }).count(), 0);
  await untouched.locator('.viewer').waitFor({ state: 'detached' });
  await fetch(`${address}/api/v1/tasks/${id}`, { method: 'DELETE' });
  for (const one of [page, untouched]) await one.getByText('This is gone').waitFor();
  await takePicture(page, 'viewer-lost-light-1280');
  assert.deepEqual(await seriousFindings(page), []);
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    notice.getByRole('button', { name: 'Download my corrections' }).click(),
  ]);
  assert.equal(download.suggestedFilename(), 'train.TextGrid');
  assert.match(await readFile(await download.path(), 'utf8'), /"my hour of work"/);
  await untouched.close();
});

async function align({ address, site }: BrowserSite): Promise<string> {
  const send = (method: string, path: string, body: string | Buffer | null, headers = {}) =>
    fetch(`${address}/api/v1/tasks${path}`, { method, body: body as string, headers });
  const made = await send('POST', '', JSON.stringify({ lang: 'engUS_SPHINX_v010' }), {
    'Content-Type': 'application/json',
  });
  const { id } = (await made.json()) as { id: string };
  for (const name of ['train.wav', 'train.TextGrid'])
    await send('PUT', `/${id}/files/${name}`, given(name, `broken/unknown-word/${name}`).buffer);
  await send('POST', `/${id}/queue`, null);
  await site.waitFor(id, 'completed', 'failed');
  return id;
}

async function openViewer({ open, address }: BrowserSite, id: string): Promise<Page> {
  const page = await open();
  await page.goto(`${address}/tasks/${id}?recording=train`);
  await page.getByText('The audio can be played until').waitFor();
  return page;
}

async function spoken(page: Page): Promise<string> {
  return (await page.locator('.viewer-spoken').textContent()) ?? '';
}

/** An expression for the browser: whether a part of the picture has at least this number of dark pixels. */
function hasDarkPixels(part: { readonly from: number; readonly to: number; readonly least: number }): string {
  return `(({ from, to, least }) => {
    const canvas = document.querySelector('.viewer-picture');
    const { data } = canvas.getContext('2d').getImageData(0, from, canvas.width, to - from);
    let dark = 0;
    for (let at = 0; at < data.length; at += 4) if (data[at] + data[at + 1] + data[at + 2] < 300) dark += 1;
    return dark >= least;
  })(${JSON.stringify(part)})`;
}

all.run();
