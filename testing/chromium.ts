import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';
import { measureSlowness } from './time-limits.ts';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
/** No requests to other hosts than the page's. Chromium's own sandbox needs rights that a container may lack. */
const ARGS = [
  ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
  ...['--disable-component-update', '--disable-sync'],
];

/** How long a page may take for one step on an idle machine. */
const LONGEST_WAIT_MS = 60_000;

/** The path of a browser on this machine; null: there is none. */
export const chromiumPath = PLACES.find((file) => existsSync(file)) ?? null;

/** Its time limits are longer on a busy machine. */
export async function launchChromium(): Promise<Browser> {
  const timeout = LONGEST_WAIT_MS * (await measureSlowness());
  const browser = await chromium.launch({ executablePath: chromiumPath ?? '', args: ARGS, timeout });
  browser.on('context', (context) => context.setDefaultTimeout(timeout));
  return browser;
}
