import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Interval } from '../../src/formats/textgrid/model.ts';
import { speakWithFlite } from './speak-flite.ts';
import { textGridBytes, withGaps } from './textgrid.ts';
import { wavBytes } from './wav.ts';

const SENTENCE = 'The night train leaves the city.';
const UNKNOWN = 'The zorblax train leaves the city.';
const HEADER_BYTES = 44;
const FLOAT_FORMAT = 3;
const FLOAT_BYTES = 4;

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
  put('audio-without-samples', { 'train.wav': good.bytes.subarray(0, HEADER_BYTES), 'train.TextGrid': grid });
  put('audio-not-pcm', { 'train.wav': floatWavOf(good.bytes), 'train.TextGrid': grid });
  put('audio-missing', { 'train.TextGrid': grid });
  put('textgrid-missing', { 'train.wav': good.bytes });
  put('textgrid-malformed', {
    'train.wav': good.bytes,
    'train.TextGrid': Buffer.from(grid.toString().replace('intervals: size = 3', 'intervals: size = many')),
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

function wavOf(text: string, workDir: string): { bytes: Buffer; durationSec: number } {
  const { rateHz, samples } = speakWithFlite('rms', text, workDir);
  // Whole hundredths of a second, so that the TextGrid can give the length exactly.
  const whole = samples.subarray(0, samples.length - (samples.length % (rateHz / 100)));
  return { bytes: wavBytes({ rateHz, channels: [whole] }), durationSec: whole.length / rateHz };
}

/** The same mono sound as 32-bit floats. */
function floatWavOf(wav: Buffer): Buffer {
  const sampleCount = (wav.length - HEADER_BYTES) / 2;
  const bytes = Buffer.alloc(HEADER_BYTES + FLOAT_BYTES * sampleCount);
  wav.copy(bytes, 0, 0, HEADER_BYTES);
  bytes.writeUInt32LE(bytes.length - 8, 4);
  bytes.writeUInt16LE(FLOAT_FORMAT, 20);
  bytes.writeUInt32LE(wav.readUInt32LE(24) * FLOAT_BYTES, 28);
  bytes.writeUInt16LE(FLOAT_BYTES, 32);
  bytes.writeUInt16LE(8 * FLOAT_BYTES, 34);
  bytes.writeUInt32LE(FLOAT_BYTES * sampleCount, 40);
  for (let index = 0; index < sampleCount; index++) {
    const value = wav.readInt16LE(HEADER_BYTES + 2 * index) / 32768;
    bytes.writeFloatLE(value, HEADER_BYTES + FLOAT_BYTES * index);
  }
  return bytes;
}

function gridOf(intervals: readonly Interval[], endSec: number): Buffer {
  return textGridBytes(withGaps([{ name: 'reader', intervals }], endSec), { form: 'long', encoding: 'utf8' });
}

function round(sec: number): number {
  return Math.round(sec * 100) / 100;
}
