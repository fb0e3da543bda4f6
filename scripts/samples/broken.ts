import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Interval } from '../../src/formats/tiers.ts';
import { speakWithFlite } from './speak-flite.ts';
import { textGridBytes, withGaps } from './textgrid.ts';
import { wavBytes } from './wav.ts';

const SENTENCE = 'The night train leaves the city.';
const UNKNOWN = 'The zorblax train leaves the city.';

/** Writes inputs that cannot be aligned, each in a folder named after its fault. */
export function writeBroken(dir: string, workDir: string): void {
  const good = wavOf(SENTENCE, workDir);
  const sentence = { startSec: 0.1, endSec: round(good.durationSec - 0.1), text: SENTENCE };
  const grid = gridOf([sentence], good.durationSec);

  const put = (fault: string, files: Readonly<Record<string, Buffer>>): void => {
    mkdirSync(path.join(dir, fault), { recursive: true });
    for (const [name, bytes] of Object.entries(files)) writeFileSync(path.join(dir, fault, name), bytes);
  };
  const middleSec = round(good.durationSec / 2);

  put('audio-cut-short', {
    'train.wav': good.bytes.subarray(0, good.bytes.length / 2),
    'train.TextGrid': grid,
  });
  put('audio-empty', { 'train.wav': Buffer.alloc(0), 'train.TextGrid': grid });
  put('audio-without-samples', {
    'train.wav': wavBytes({ rateHz: good.rateHz, channels: [new Float32Array()] }),
    'train.TextGrid': grid,
  });
  put('audio-not-sound', { 'train.wav': Buffer.from(`${SENTENCE}\n`.repeat(100)), 'train.TextGrid': grid });
  put('audio-missing', { 'train.TextGrid': grid });
  put('textgrid-missing', { 'train.wav': good.bytes });
  put('textgrid-malformed', {
    'train.wav': good.bytes,
    'train.TextGrid': grid.subarray(0, grid.indexOf('intervals [3]')),
  });
  put('textgrid-without-words', { 'train.wav': good.bytes, 'train.TextGrid': gridOf([], good.durationSec) });
  put('textgrid-overlap', {
    'train.wav': good.bytes,
    'train.TextGrid': gridOf(
      [
        { startSec: 0.1, endSec: round(middleSec + 0.2), text: 'The night train' },
        { startSec: middleSec, endSec: sentence.endSec, text: 'leaves the city.' },
      ],
      good.durationSec,
    ),
  });
  put('textgrid-longer-than-audio', {
    'train.wav': good.bytes,
    'train.TextGrid': gridOf([sentence, { startSec: 3, endSec: 5, text: SENTENCE }], 6),
  });
  const unknown = wavOf(UNKNOWN, workDir);
  put('unknown-word', {
    'train.wav': unknown.bytes,
    'train.TextGrid': gridOf(
      [{ startSec: 0.1, endSec: round(unknown.durationSec - 0.1), text: UNKNOWN }],
      unknown.durationSec,
    ),
  });
}

function wavOf(text: string, workDir: string): { bytes: Buffer; rateHz: number; durationSec: number } {
  const { rateHz, samples } = speakWithFlite('rms', text, workDir);
  // Whole hundredths of a second, so that the TextGrid can give the length exactly.
  const whole = samples.subarray(0, samples.length - (samples.length % (rateHz / 100)));
  return { bytes: wavBytes({ rateHz, channels: [whole] }), rateHz, durationSec: whole.length / rateHz };
}

function gridOf(intervals: readonly Interval[], endSec: number): Buffer {
  return textGridBytes(withGaps([{ name: 'reader', intervals }], endSec), { form: 'long', encoding: 'utf8' });
}

function round(sec: number): number {
  return Math.round(sec * 100) / 100;
}
