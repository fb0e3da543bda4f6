import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { suite } from 'uvu';
import { MAX_CHANNELS } from '../../src/base/channels.ts';
import { type ChannelSounds, listenToChannels } from '../../src/formats/channel-sounds.ts';
import { readWavHeader } from '../../src/formats/wav-header.ts';
import { makeWav, sine } from '../../testing/wav.ts';

const test = suite('the audio of channels');
const dir = mkdtempSync(path.join(tmpdir(), 'channel-sounds-test-'));
test.after(() => rmSync(dir, { recursive: true, force: true }));

const RATE_HZ = 8_000;
const COUNT = RATE_HZ * 10;
const HUM = [...sine(50, RATE_HZ, 10)];
const TONE = [...sine(440, RATE_HZ, 10)];

async function listen(...channels: readonly (readonly number[])[]): Promise<ChannelSounds> {
  const file = path.join(dir, 'a.wav');
  const samples = Float64Array.from(
    { length: COUNT * channels.length },
    (_, at) => channels[at % channels.length]?.[Math.floor(at / channels.length)] ?? 0,
  );
  await writeFile(file, makeWav({ samples, channelCount: channels.length, sampleRateHz: RATE_HZ }));
  const source = { path: file, info: await readWavHeader(file, 'a.wav', MAX_CHANNELS) };
  return listenToChannels(source, new AbortController().signal);
}

test('a channel is silent if it has no audio, or only faint noise, a constant or a click', async () => {
  const faint = TONE.map((sample) => sample / 1_000);
  const constant = TONE.map(() => 0.3);
  const click = TONE.map((_, at) => (at === 5_000 ? 0.02 : 0));
  const short = TONE.map((sample, at) => (at >= 79_000 ? sample : 0));
  const { isSilent } = await listen(TONE, [], faint, constant, click, short);
  assert.deepEqual(isSilent, [false, true, true, true, true, false]);
});

test('channels are equal if one is the other, louder, softer or inverted, apart from noise and constants', async () => {
  const copies = [TONE.map((sample) => sample * 2), TONE.map((sample) => 0.1 - sample / 2)];
  const noisy = TONE.map((sample, at) => sample + (HUM[at] ?? 0) / 40);
  assert.deepEqual((await listen(HUM, TONE, ...copies, noisy)).sameAs, [0, 1, 1, 1, 1]);
});

test('channels with other audio or a further voice are not equal, nor are silent ones', async () => {
  const both = TONE.map((sample, at) => sample + (HUM[at] ?? 0) / 5);
  assert.deepEqual((await listen(TONE, both)).sameAs, [0, 1]);
  assert.deepEqual(
    (
      await listen(
        TONE.map((one) => one + 0.3),
        HUM.map((one) => one + 0.3),
      )
    ).sameAs,
    [0, 1],
  );
  assert.deepEqual((await listen([], [])).sameAs, [0, 1]);
});

test.run();
