import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { suite } from 'uvu';
import { must } from '../../src/base/must.ts';
import { chromiumPath } from '../../testing/chromium.ts';
import { makeWav } from '../../testing/wav.ts';
import { readZip } from '../../testing/zip.ts';
import { type BrowserSite, createBrowserSite, given, seriousFindings, takePicture } from './support.ts';

const all = suite<BrowserSite>('the page in a browser');
const test = chromiumPath === null ? all.skip : all;
if (chromiumPath === null) console.log('skipped: no Chromium here; "make test-browser" installs one');
else {
  all.before(async (context) => {
    Object.assign(context, await createBrowserSite());
  });
  all.after(({ stop }) => stop());
}

const GOOD = [
  given('train.wav', 'broken/unknown-word/train.wav'),
  given('train.TextGrid', 'broken/unknown-word/train.TextGrid'),
];
const BAD = [
  given('bad.wav', 'broken/textgrid-malformed/train.wav'),
  given('bad.TextGrid', 'broken/textgrid-malformed/train.TextGrid'),
];
/** Pixels by which the page is wider than its window. */
const EXCESS = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';
/** The selected part of a text field. */
const SELECTED =
  '(({ value, selectionStart, selectionEnd }) => value.slice(selectionStart, selectionEnd))(document.activeElement)';
const LOOKS = [
  ['light', 1280],
  ['dark', 1280],
  ['dark', 390],
  ['light', 390],
  ['light', 2560],
] as const;
const ALONE = given('alone.wav', 'broken/textgrid-missing/train.wav');

async function chooseEnglish(page: Page): Promise<void> {
  const language = page.getByRole('combobox', { name: 'Language' });
  await language.fill('english');
  await language.press('Enter');
}

test('from dropped files to the zip, with a missing partner, a fault and a reload in between', async ({
  open,
  site,
}) => {
  const page = await open();
  await page.waitForSelector('.drop.large');
  assert.deepEqual(await seriousFindings(page), []);
  await takePicture(page, 'empty-light-1280');
  await page.setInputFiles('#choose-files', [...GOOD, ...BAD, ALONE]);
  await chooseEnglish(page);
  await page.getByText('The transcript is missing: add alone.TextGrid').waitFor();
  await page.getByRole('button', { name: 'Remove alone' }).click();
  await page.locator('.pair', { hasText: 'bad' }).getByText('sent').waitFor();
  await page.reload();
  const bad = page.locator('.pair', { hasText: 'bad' });
  await bad.waitFor();
  await bad.locator('.findings').waitFor();
  assert.match((await bad.textContent()) ?? '', /line \d+.*E_TEXTGRID_MALFORMED/s);
  assert.deepEqual(await seriousFindings(page), []);
  await takePicture(page, 'tray-light-1280');
  await page.getByRole('button', { name: 'Leave out 1 recording' }).click();
  await page.getByRole('textbox', { name: 'Pronunciation of zorblax' }).fill('Z AO R B L AE');
  await page.getByText('Phones of the language').click();
  await page.getByRole('button', { name: 'K', exact: true }).click();
  await page.getByRole('button', { name: 'Save 1 pronunciation and check again' }).click();
  await page.getByText('1 word is in your dictionary').waitFor();
  await page.getByText('word is in no dictionary').waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Align 1 recording' }).click();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Download the result of train' }).click(),
  ]);
  const zip = await readZip(await download.path());
  assert.ok([...zip.keys()].some((name) => name.endsWith('train.TextGrid')));
  const { rows } = await site.sql.query('SELECT task_status FROM tasks');
  assert.deepEqual(rows, [{ task_status: 'completed' }]);
});

test('of two windows that correct one transcript, the second one learns of the first', async ({
  browser,
  address,
  site,
}) => {
  // Of one browser: both know the draft.
  const both = await browser.newContext();
  const [one, other] = [await both.newPage(), await both.newPage()];
  await one.goto(address);
  await one.setInputFiles('#choose-files', [
    given('train.wav', 'broken/textgrid-overlap/train.wav'),
    given('train.TextGrid', 'broken/textgrid-overlap/train.TextGrid'),
  ]);
  await chooseEnglish(one);
  await one.getByText('E_TRANSCRIPT_OVERLAP').waitFor();
  await other.goto(address);
  const textOf = (page: Page) => page.getByRole('textbox', { name: 'Text of train.TextGrid' });
  const write = async (page: Page, note: string): Promise<void> => {
    await textOf(page).fill(`${await textOf(page).inputValue()}\n! ${note}`);
    await page.getByRole('button', { name: 'Save and check again' }).click();
  };
  for (const page of [one, other]) {
    await page.getByRole('button', { name: 'Correct it here' }).click();
    await textOf(page).waitFor();
  }
  await write(other, 'other');
  await textOf(other).waitFor({ state: 'detached' });
  await write(one, 'one');
  await one.getByText('Another window has changed this file meanwhile').waitFor();
  assert.match(await textOf(one).inputValue(), /! one$/);
  await one.getByRole('button', { name: 'Load the file again' }).click();
  await site.until('the text of the other', async () => /! other$/.test(await textOf(one).inputValue()));
  await write(one, 'one');
  await textOf(one).waitFor({ state: 'detached' });
  for (const name of ['Delete the draft', 'Delete the draft'])
    await one.getByRole('button', { name }).first().click();
  await both.close();
});

test('a fault is corrected in the page, also after a reload, and what was typed survives a closed dialog', async ({
  open,
}) => {
  const page = await open();
  await page.setInputFiles('#choose-files', [
    given('train.wav', 'broken/textgrid-overlap/train.wav'),
    given('train.TextGrid', 'broken/textgrid-overlap/train.TextGrid'),
  ]);
  await chooseEnglish(page);
  await page.getByText('E_TRANSCRIPT_OVERLAP').waitFor();
  await page.reload();
  const correct = page.getByRole('button', { name: 'Correct it here' });
  await correct.click();
  const text = page.getByRole('textbox', { name: 'Text of train.TextGrid' });
  await text.waitFor();
  const selected = (): Promise<string> => page.evaluate(SELECTED);
  assert.match(await selected(), /^intervals \[3\].*xmin = 1\.09/s);
  await takePicture(page, 'correct-light-1280');
  assert.deepEqual(await seriousFindings(page), []);
  await text.fill((await text.inputValue()).replace(/xmin = 1\.09\S*/, 'xmin = 1.29'));
  await page.keyboard.press('Escape');
  await text.waitFor({ state: 'detached' });
  await correct.click();
  assert.match(await text.inputValue(), /xmin = 1\.29/);
  await page.getByRole('button', { name: 'Save and check again' }).click();
  await page.locator('.pair', { hasText: 'train' }).getByText('no faults').waitFor();
  await page.getByRole('button', { name: 'Delete the draft' }).click();
  await page.getByRole('button', { name: 'Delete the draft' }).click();
});

test('an upload continues by itself, and after a reload when the same files are given again', async ({
  open,
}) => {
  const page = await open();
  const isRecording = (url: URL) => url.pathname.endsWith('/late.wav');
  await page.route(isRecording, (route) => route.abort());
  const late = [
    given('late.wav', 'broken/unknown-word/train.wav'),
    given('late.TextGrid', 'broken/unknown-word/train.TextGrid'),
  ];
  await page.setInputFiles('#choose-files', late);
  await chooseEnglish(page);
  await page.getByText('No connection. The upload continues by itself').waitFor();
  await page.reload();
  // The transcript may have been under way, too.
  await page.getByText(/[12] files? had not arrived/).waitFor();
  await page.setInputFiles('#choose-files', late);
  await page.getByText('No connection. The upload continues by itself').waitFor();
  await page.route(isRecording, (route) =>
    route.request().method() === 'PUT'
      ? route.fulfill({ status: 507, json: { detail: 'the disk of the server is full.' } })
      : route.continue(),
  );
  await page.getByText('The server says: the disk of the server is full. The upload continues').waitFor();
  await page.unroute(isRecording);
  await page.getByRole('button', { name: /^Align 1 recording \(3 s of audio, takes about/ }).waitFor();
  await page.getByRole('button', { name: 'Delete the draft' }).click();
  await page.getByRole('button', { name: 'Delete the draft' }).click();
  await page.locator('.tray').waitFor({ state: 'detached' });
});

test('channels that are speakers are chosen in the options, with their names', async ({ open, site }) => {
  const page = await open();
  const { buffer } = given('pair.wav', 'broken/unknown-word/train.wav');
  const left = new Int16Array(buffer.buffer, buffer.byteOffset + 44, (buffer.length - 44) / 2);
  const samples = Float64Array.from({ length: 2 * left.length }, (_, at) =>
    at % 2 === 0 ? (left[at / 2] ?? 0) / 32_768 : 0,
  );
  await page.setInputFiles('#choose-files', [
    { name: 'pair.wav', mimeType: 'audio/wav', buffer: makeWav({ channelCount: 2, samples }) },
    given('pair.TextGrid', 'broken/unknown-word/train.TextGrid'),
  ]);
  await chooseEnglish(page);
  await page.locator('.options summary').click();
  await page.getByRole('radio', { name: 'Each channel has a speaker of its own' }).check();
  await page.getByRole('textbox', { name: 'Names of the speakers' }).fill('Anna, Ben');
  assert.deepEqual(await seriousFindings(page), []);
  await takePicture(page, 'options-light-1280');
  await page.getByRole('button', { name: /^Align 1 recording/ }).click();
  await page.locator('.task', { hasText: 'pair' }).getByText('done').waitFor();
  const { rows } = await site.sql.query("SELECT channels FROM tasks WHERE name = 'pair'");
  assert.deepEqual(rows, [{ channels: 'split:Anna,Ben' }]);
  await page.getByRole('link', { name: 'pair', exact: true }).click();
  await page.getByText('Settings').click();
  await page.getByText('split:Anna,Ben', { exact: true }).waitFor();
});

test('changes of a task by another program are shown without a reload', async ({ open, site }) => {
  const page = await open();
  await page.locator('.task').first().waitFor();
  await site.sql.query(
    `INSERT INTO tasks (task_id, user_uuid, lang, task_path, task_status)
     VALUES ('elsewhere', 'local', 'engUS_SPHINX_v010', 'local/upl/elsewhere', 'uploading')`,
  );
  await site.sql.query("UPDATE tasks SET task_status = 'uploaded' WHERE task_id = 'elsewhere'");
  const row = page.locator('.task', { hasText: 'elsewhere' });
  await row.getByText('failed').waitFor();
  assert.deepEqual(await seriousFindings(page), []);
});

test('everything can be done with the keyboard: the list of keys, the filter, a task, and back', async ({
  open,
  address,
}) => {
  const page = await open();
  await page.locator('.task').first().waitFor();
  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keys' }).waitFor();
  assert.deepEqual(await seriousFindings(page), []);
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.keyboard.press('/');
  await page.keyboard.type('tra');
  await page.locator('.task', { hasText: 'elsewhere' }).waitFor({ state: 'detached' });
  assert.equal(page.url(), `${address}/?q=tra`);
  await page.reload();
  await page.getByRole('link', { name: 'train', exact: true }).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'train' }).waitFor();
  assert.deepEqual(await seriousFindings(page), []);
  await page.keyboard.press('h');
  await page.locator('.drop').waitFor();
  await page.keyboard.press('o');
  await page.getByRole('heading', { name: 'Overview' }).waitFor();
  await page.locator('.task').first().waitFor();
  assert.deepEqual(await seriousFindings(page), []);
});

test('no view is wider than its window or hard to read, dark and light, from 390 to 2,560 px', async (context) => {
  const page = await context.open();
  const { rows } = await context.site.sql.query('SELECT task_id, task_status FROM tasks');
  const idOf = (status: string) =>
    must(rows.find((one) => one.task_status === status)?.task_id, `a task that is ${status}`);
  for (const [name, path, selector] of [
    ['list', '/', '.task'],
    ['overview', '/operator', '.task'],
    ['gone', '/tasks/never-there', '.empty'],
    ['task-done', `/tasks/${idOf('completed')}`, '.task-view'],
    ['task-failed', `/tasks/${idOf('failed')}`, '.task-view'],
  ] as const) {
    await page.goto(context.address + path);
    await page.locator(selector).first().waitFor();
    for (const [scheme, width] of LOOKS) {
      await page.emulateMedia({ colorScheme: scheme });
      await page.setViewportSize({ width, height: 900 });
      await takePicture(page, `${name}-${scheme}-${width}`);
      assert.equal(await page.evaluate(EXCESS), 0, `${name} is wider than ${width} px`);
      if (width < 2560) assert.deepEqual(await seriousFindings(page), []);
    }
  }
});

test('the browser reports no errors, and sends no request to another host', ({ browserErrors }) => {
  assert.deepEqual(browserErrors, []);
});

all.run();
