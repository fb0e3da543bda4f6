/**
 * Makes docs/pictures/page.png again: gives a sample to the page in Chromium, waits for its alignment and opens it.
 * Everything runs in a temporary folder, which is removed at the end.
 * Usage: node scripts/page-picture.ts [FILE]
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Page } from 'playwright-core';
import { launchChromium } from '../testing/chromium.ts';
import { encodeSmallPng } from './page-picture/small-png.ts';

const ROOT_DIR = path.resolve(import.meta.dirname, '..');
const SAMPLES = ['market-morning.wav', 'market-morning.TextGrid'];
const PICTURE = process.argv[2] ?? path.join(ROOT_DIR, 'docs/pictures/page.png');
const AUTOPHON = path.join(ROOT_DIR, 'bin/autophon');
const ALIGNED_WITHIN_MS = 300_000;
const SIZE = { width: 1000, height: 760 };
/** Seconds: a time inside a word in the middle of speech. */
const PLACE_SEC = 2.2;

const dataDir = await mkdtemp(path.join(os.tmpdir(), 'autophon-picture-'));
// If root makes the picture, another user runs Postgres there.
await chmod(dataDir, 0o755);
const env = { ...process.env, DATA_DIR: dataDir, KEEP_SOUND: '3600' };
const web = spawn(AUTOPHON, ['web', '--with-worker', '--port', '0', '--json'], {
  env,
  stdio: ['ignore', 'pipe', 'inherit'],
});
try {
  const address = await readAddress();
  await using browser = await launchChromium();
  const page = await browser.newPage({ viewport: SIZE, colorScheme: 'light' });
  await page.goto(address);
  await align(page);
  await mkdir(path.dirname(PICTURE), { recursive: true });
  await writeFile(PICTURE, encodeSmallPng(await readPixels(page), SIZE.width, SIZE.height));
} finally {
  web.kill('SIGTERM');
  await once(web, 'exit');
  await once(spawn(AUTOPHON, ['db', 'stop'], { env, stdio: 'ignore' }), 'exit');
  await rm(dataDir, { recursive: true, force: true });
}

/** The document that it prints when it is ready has more than one line. */
async function readAddress(): Promise<string> {
  let text = '';
  for await (const line of createInterface({ input: web.stdout })) {
    text += line;
    if (line === '}') return (JSON.parse(text) as { address: string }).address;
  }
  throw new Error('the page did not start; its words stand above');
}

/** As a user does it, up to a selected word. */
async function align(page: Page): Promise<void> {
  await page.setInputFiles(
    '#choose-files',
    SAMPLES.map((name) => path.join(ROOT_DIR, 'samples/english-read', name)),
  );
  const language = page.getByRole('combobox', { name: 'Language' });
  await language.fill('english');
  await language.press('Enter');
  await page.getByRole('button', { name: /^Align 1 recording \(/ }).click();
  await page.getByRole('link', { name: /^Download the result/ }).waitFor({ timeout: ALIGNED_WITHIN_MS });
  await page.locator('.task .name').click();
  await page.getByText('The audio can be played until').waitFor();
  await page.goto(`${page.url()}&from=${PLACE_SEC}&to=${PLACE_SEC}`);
  await page.getByText('The audio can be played until').waitFor();
  const picture = page.locator('.viewer-overlay');
  for (const key of ['ArrowRight', 'i']) await picture.press(key);
  await picture.blur();
  await page.waitForLoadState('networkidle');
}

/**
 * Red, green, blue and opacity of the visible part of the page. The browser decodes its own screenshot, which is the
 * most exact way.
 */
async function readPixels(page: Page): Promise<Uint8Array> {
  const shown = (await page.screenshot()).toString('base64');
  const read = `(async () => {
    const picture = new Image();
    picture.src = 'data:image/png;base64,${shown}';
    await picture.decode();
    const canvas = new OffscreenCanvas(picture.width, picture.height);
    const drawing = canvas.getContext('2d');
    drawing.drawImage(picture, 0, 0);
    const { data } = drawing.getImageData(0, 0, picture.width, picture.height);
    return Array.from(data);
  })()`;
  // The page's own rules forbid pictures from other origins.
  await page.goto('about:blank');
  return Uint8Array.from(await page.evaluate<number[]>(read));
}
