import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { openApp } from '../../src/app/open.ts';
import { loadResources } from '../../src/app/resources.ts';
import { createWorker } from '../../src/app/worker.ts';
import { silentLog } from '../../src/base/log.ts';
import { readConfig } from '../../src/config.ts';
import { WebServer } from '../../src/http/server.ts';
import { launchChromium } from '../../testing/chromium.ts';
import { createSite, type Site } from '../../testing/site.ts';

const ROOT_DIR = path.resolve(import.meta.dirname, '../..');
export const SAMPLES_DIR = path.join(ROOT_DIR, 'samples');
const SHOTS_DIR = path.join(ROOT_DIR, '.data/screenshots');

/** The real server with the built-in engine, and a worker. */
export interface Served {
  readonly address: string;
  readonly site: Site;
  stop(): Promise<void>;
}

/** The same with a browser. */
export interface BrowserSite extends Served {
  readonly browser: Browser;
  /** Errors in the browser's console, and requests to other hosts. */
  readonly browserErrors: string[];
  open(options?: { width?: number; scheme?: 'light' | 'dark' }): Promise<Page>;
}

/** @param env - settings in addition to those of the site */
export async function createServed(env: Readonly<Record<string, string>> = {}): Promise<Served> {
  const site = await createSite();
  const config = readConfig({ ...site.env, ...env }, {}, site.dir);
  const app = await openApp(config, silentLog, 'page test');
  const resources = await loadResources(config, silentLog);
  const server = new WebServer(app, resources, { port: 0 });
  const address = (await server.start()).replace(/\/$/, '');
  const { worker } = await createWorker(app);
  await worker.start();
  const stop = async (): Promise<void> => {
    await worker.stop();
    await server.stop();
    await app[Symbol.asyncDispose]();
    await site[Symbol.asyncDispose]();
  };
  return { address, site, stop };
}

/** @param env - settings in addition to those of the site */
export async function createBrowserSite(env: Readonly<Record<string, string>> = {}): Promise<BrowserSite> {
  const [served, browser] = await Promise.all([createServed(env), launchChromium()]);
  const { address, site } = served;
  const browserErrors: string[] = [];
  const open: BrowserSite['open'] = async ({ width = 1280, scheme = 'light' } = {}) => {
    const page = await browser.newPage({
      viewport: { width, height: 900 },
      colorScheme: scheme,
      reducedMotion: 'reduce',
    });
    page.on('pageerror', (error) => browserErrors.push(String(error)));
    page.on('console', (message) => {
      // Requests that the server refuses are part of these tests.
      if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
        browserErrors.push(message.text());
    });
    page.on('request', (request) => {
      if (!/^(?:blob:|data:)/.test(request.url()) && new URL(request.url()).origin !== address)
        browserErrors.push(`another host: ${request.url()}`);
    });
    await page.goto(address);
    return page;
  };
  const stop = async (): Promise<void> => {
    await browser.close();
    await served.stop();
  };
  return { address, site, browser, browserErrors, open, stop };
}

/** A file as a user would give it, with the content of a sample. */
export function given(name: string, sample: string) {
  const buffer = readFileSync(path.join(SAMPLES_DIR, sample));
  return { name, mimeType: 'application/octet-stream', buffer };
}

/** All serious findings of axe-core in the page as it is now, one line each. */
export async function seriousFindings(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const found = await page.evaluate<{
    violations: { id: string; impact: string; nodes: { html: string; failureSummary: string }[] }[];
  }>('axe.run()');
  return found.violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html} ${node.failureSummary}`));
}

/** Writes a screenshot for people to look at. */
export async function takePicture(page: Page, name: string): Promise<void> {
  mkdirSync(SHOTS_DIR, { recursive: true });
  await page.screenshot({ path: path.join(SHOTS_DIR, `${name}.png`) });
}
