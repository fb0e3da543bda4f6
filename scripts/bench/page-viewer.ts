import { mkdir, open, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { CDPSession, Page } from 'playwright-core';
import { writeTextGrid } from '../../src/formats/textgrid/write.ts';
import { chromiumPath, launchChromium } from '../../testing/chromium.ts';
import { makeWav } from '../../testing/wav.ts';
import type { BenchContext, Benchmark, Figure } from './benchmark.ts';
import { repeatableRandom } from './numbers.ts';
import { createPageSite, type PageSite } from './page-site.ts';
import { taskPathOf } from './tasks.ts';

const TASK_ID = 'hour';
const MINUTES = 60;
const RATE_HZ = 16_000;
const SEC = MINUTES * 60;
const INTERVAL_SEC = 4;
/** 40 phones. */
const INTERVAL_TEXT = Array.from({ length: 5 }, () => 'one two three').join(' ');
const PHONE_COUNT = (SEC / INTERVAL_SEC) * 40;
const SCROLL_SEC = 5;

export const pageViewer: Benchmark = {
  name: 'page-viewer',
  summary: `the viewer on a recording of ${MINUTES} minutes with ${PHONE_COUNT} phones, in Chromium`,
  isLong: true,
  run: async (context: BenchContext) => {
    if (chromiumPath === null) return { figures: [], notes: ['skipped: no Chromium here'] };
    await using page = await createPageSite(context);
    await align(page);
    await using browser = await launchChromium();
    const tab = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    await tab.goto(`${page.address}/tasks/${TASK_ID}`);
    await tab.locator('.recordings a').waitFor();
    const figures: Figure[] = [
      {
        what: 'click until waveform, spectrogram and tiers are drawn',
        value: await tab.evaluate<number>(CLICK_UNTIL_DRAWN),
        unit: 'ms',
        goal: { atMost: 1000 },
      },
    ];
    const session = await tab.context().newCDPSession(tab);
    await session.send('Performance.enable');
    for (const [what, key, presses] of [
      ['5 s', '', 0],
      ['20 s', 'o', 2],
      ['80 s', 'o', 2],
      ['5 min', 'o', 2],
      ['21 min', 'o', 2],
    ] as const) {
      for (let press = 0; press < presses; press++) await tab.locator('.viewer-overlay').press(key);
      figures.push(...(await scroll(tab, session, what)));
    }
    return { figures, notes: [] };
  },
};

async function scroll(tab: Page, session: CDPSession, what: string): Promise<Figure[]> {
  const before = await readBusySec(session);
  const frames = await tab.evaluate<number>(SCROLL);
  const busyMs = ((await readBusySec(session)) - before) * 1000;
  return [
    {
      what: `frames while it scrolls, ${what} on the screen`,
      value: frames / SCROLL_SEC,
      unit: '1/s',
      goal: { atLeast: 50 },
    },
    {
      what: `main thread busy for a frame, ${what}`,
      value: busyMs / frames,
      unit: 'ms',
      goal: { atMost: 20 },
    },
  ];
}

async function readBusySec(session: CDPSession): Promise<number> {
  const { metrics } = await session.send('Performance.getMetrics');
  return metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN;
}

/** Through a worker, like any other recording. */
async function align({ site }: PageSite): Promise<void> {
  const dir = path.join(site.env['UPLOADS'] ?? '.', taskPathOf(TASK_ID));
  await mkdir(dir, { recursive: true });
  await writeRecording(path.join(dir, 'talk.wav'));
  const span = { startSec: 0, endSec: SEC };
  const intervals = Array.from({ length: SEC / INTERVAL_SEC }, (_, n) => ({
    startSec: n * INTERVAL_SEC,
    endSec: (n + 1) * INTERVAL_SEC,
    text: INTERVAL_TEXT,
  }));
  const grid = { ...span, tiers: [{ kind: 'interval' as const, name: 'speaker', ...span, intervals }] };
  await writeFile(path.join(dir, 'talk.TextGrid'), writeTextGrid(grid));
  await using worker = await site.start('instance-main.ts', { slots: 1 });
  await site.queue([TASK_ID]);
  await worker.event('task.completed', TASK_ID);
}

/** The same minute of noise, repeated, so that memory stays small. */
async function writeRecording(file: string): Promise<void> {
  const random = repeatableRandom(5);
  const minute = Buffer.alloc(60 * RATE_HZ * 2);
  for (let at = 0; at < minute.length; at += 2) minute.writeInt16LE(Math.round(8000 * (random() - 0.5)), at);
  const dataBytes = MINUTES * minute.length;
  const head = makeWav({ samples: [], declaredDataBytes: dataBytes, declaredRiffBytes: dataBytes + 36 });
  await using written = await open(file, 'w');
  await written.write(head);
  for (let n = 0; n < MINUTES; n++) await written.write(minute);
}

/**
 * For each part of the picture: the heights where it begins and ends, and how many dark pixels show that it is drawn.
 */
const CLICK_UNTIL_DRAWN = `new Promise((done) => {
  const parts = [[30, 100, 300], [110, 260, 300], [268, 340, 100]];
  const isDrawn = (canvas, [from, to, least]) => {
    const { data } = canvas.getContext('2d').getImageData(0, from, canvas.width, to - from);
    let dark = 0;
    for (let at = 0; at < data.length; at += 4)
      if (data[at + 3] > 0 && data[at] + data[at + 1] + data[at + 2] < 400) dark += 1;
    return dark >= least;
  };
  const started = performance.now();
  document.querySelector('.recordings a').click();
  const look = () => {
    const canvas = document.querySelector('.viewer-picture');
    if (canvas !== null && canvas.width > 0 && parts.every((part) => isDrawn(canvas, part)))
      done(performance.now() - started);
    else requestAnimationFrame(look);
  };
  look();
})`;

const SCROLL = `new Promise((done) => {
  const canvas = document.querySelector('.viewer-overlay');
  const started = performance.now();
  let frames = 0;
  const step = () => {
    if (performance.now() - started > ${SCROLL_SEC * 1000}) return done(frames);
    frames += 1;
    canvas.dispatchEvent(new WheelEvent('wheel', { deltaX: 40, bubbles: true, cancelable: true }));
    requestAnimationFrame(step);
  };
  requestAnimationFrame(step);
})`;
