import assert from 'node:assert/strict';
import path from 'node:path';
import { suite } from 'uvu';
import { firefoxPath, KEYS, launchFirefox } from '../../testing/firefox.ts';
import { createServed, SAMPLES_DIR, type Served } from './support.ts';

const all = suite<Served>('the page in Firefox');
const test = firefoxPath === null ? all.skip : all;
if (firefoxPath === null) console.log('skipped: no Firefox here; the package firefox-esr of Debian has one');
else {
  all.before(async (context) => {
    Object.assign(context, await createServed({ KEEP_SOUND: '5000' }));
  });
  all.after(({ stop }) => stop());
}

/** Number of dark pixels in the spectrogram. */
const DARK = `(() => {
  const canvas = document.querySelector('.viewer-picture');
  if (canvas === null || canvas.width === 0) return 0;
  const { data } = canvas.getContext('2d').getImageData(0, 110, canvas.width, 150);
  let dark = 0;
  for (let at = 0; at < data.length; at += 4) if (data[at] + data[at + 1] + data[at + 2] < 300) dark += 1;
  return dark;
})()`;

test('from dropped files to a kept correction, Firefox does what Chromium does', async ({
  address,
  site,
}) => {
  await using firefox = await launchFirefox();
  const { evaluate, press } = firefox;
  const until = (what: string, expression: string) =>
    site.until(what, async () => (await evaluate(`Boolean(${expression})`)) === true);
  const click = async (selector: string, text: string) => {
    const found = `[...document.querySelectorAll('${selector}')].find((one) => one.textContent.includes('${text}') && !one.disabled)`;
    await until(`${selector} with ${text}`, found);
    await evaluate(`${found}.click()`);
  };
  await firefox.goTo(address);
  await until('the page', "document.querySelector('.drop.large')");
  const folder = path.join(SAMPLES_DIR, 'broken/unknown-word');
  await firefox.setFiles(
    '#choose-files',
    ['train.wav', 'train.TextGrid'].map((name) => path.join(folder, name)),
  );
  await until('the tray', "document.querySelector('[role=combobox]')");
  await evaluate("document.querySelector('[role=combobox]').focus()");
  await press(...'english', KEYS.enter);
  await click('button', 'Align 1 recording');
  // The list updates itself.
  await until('the task to be done', "document.querySelector('.task .status')?.textContent.includes('done')");
  await click('.task a', 'train');
  await until('the spectrogram', `${DARK} > 300`);
  await evaluate("document.querySelector('.viewer-overlay').focus()");
  await press(KEYS.down, KEYS.right, 'b');
  await until('a new interval', "document.querySelector('.viewer-spoken').textContent.startsWith('Empty: ')");
  await click('.viewer button', 'Keep on the server');
  await until('the version', "document.querySelector('.viewer-versions').textContent.includes('are kept')");
  assert.deepEqual(firefox.errors, []);
});

all.run();
