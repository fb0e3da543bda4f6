import { chromiumPath, launchChromium } from '../../testing/chromium.ts';
import type { BenchContext, Benchmark } from './benchmark.ts';
import { median } from './numbers.ts';
import { createPageSite } from './page-site.ts';

const ROUNDS = 7;

export const pagePaint: Benchmark = {
  name: 'page-paint',
  summary: `the page opened in Chromium with nothing cached, median of ${ROUNDS}`,
  isLong: true,
  run: async (context: BenchContext) => {
    if (chromiumPath === null) return { figures: [], notes: ['skipped: no Chromium here'] };
    await using page = await createPageSite(context);
    await using browser = await launchChromium();
    const paints: number[] = [];
    let weight = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const tab = await browser.newPage();
      await tab.goto(page.address);
      paints.push(await tab.evaluate<number>(FIRST_PAINT));
      weight = await tab.evaluate<number>(WEIGHT);
      await tab.close();
    }
    return {
      figures: [
        { what: 'first paint with content', value: median(paints), unit: 'ms', goal: { atMost: 300 } },
        { what: 'weight as sent', value: weight / 1000, unit: 'kB', goal: { atMost: 150 } },
      ],
      notes: [`all first paints: ${paints.map((ms) => Math.round(ms)).join(', ')} ms`],
    };
  },
};

const FIRST_PAINT = `new Promise((done) => {
  new PerformanceObserver((list) => {
    for (const { name, startTime } of list.getEntries()) if (name === 'first-contentful-paint') done(startTime);
  }).observe({ type: 'paint', buffered: true });
})`;
/** Bytes of headers and bodies of all answers. */
const WEIGHT = `['navigation', 'resource'].flatMap((type) => performance.getEntriesByType(type))
  .reduce((sum, { transferSize }) => sum + transferSize, 0)`;
