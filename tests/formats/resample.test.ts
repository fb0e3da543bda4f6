import assert from 'node:assert/strict';
import { test } from 'uvu';
import { createResampler, expectedCount } from '../../src/formats/resample.ts';
import { sine } from '../../testing/wav.ts';

function resample(
  input: ArrayLike<number>,
  sourceHz: number,
  targetHz: number,
  blockCount = 4096,
): Float32Array {
  const resampler = createResampler({ sourceHz, targetHz, maxBlockCount: blockCount });
  const samples = Float32Array.from(input);
  const parts: Float32Array[] = [];
  for (let at = 0; at < samples.length; at += blockCount) {
    parts.push(resampler.push(samples.subarray(at, at + blockCount)).slice());
  }
  parts.push(resampler.finish().slice());
  const all = Float32Array.from(parts.flatMap((part) => [...part]));
  return all.subarray(0, expectedCount(samples.length, sourceHz, targetHz));
}

/** Level of a signal relative to another, in decibels, without the ends, where the signal starts abruptly. */
function levelDb(signal: Float32Array, reference: ArrayLike<number>): number {
  const power = (samples: ArrayLike<number>): number => {
    const edge = Math.floor(samples.length / 5);
    let sum = 0;
    for (let index = edge; index < samples.length - edge; index++) sum += (samples[index] ?? 0) ** 2;
    return sum / (samples.length - 2 * edge);
  };
  return 10 * Math.log10(power(signal) / power(reference));
}

const RATES: [sourceHz: number, targetHz: number][] = [
  [44_100, 16_000],
  [48_000, 16_000],
  [32_000, 16_000],
  [22_050, 16_000],
  [11_025, 16_000],
  [8000, 16_000],
  [44_056, 16_000],
  [16_000, 8000],
  [44_100, 8000],
];

test('up to 87 % of the bandwidth of both rates, the level is kept within half a decibel', () => {
  for (const [sourceHz, targetHz] of RATES) {
    const bandwidthHz = Math.min(sourceHz, targetHz) / 2;
    for (const share of [0.01, 0.1, 0.3, 0.5, 0.7, 0.8, 0.87]) {
      const input = sine(share * bandwidthHz, sourceHz, 0.5);
      const db = levelDb(resample(input, sourceHz, targetHz), input);
      assert.ok(Math.abs(db) < 0.5, `${share} of ${bandwidthHz} Hz, ${sourceHz} -> ${targetHz}: ${db} dB`);
    }
  }
});

test('frequencies above the lower rate are damped by more than 50 dB', () => {
  for (const [sourceHz, targetHz] of RATES.filter(([source, target]) => source > target)) {
    const [fromHz, toHz] = [targetHz / 2, sourceHz / 2];
    for (const share of [0.01, 0.1, 0.3, 0.5, 0.8, 0.97]) {
      const hz = fromHz + share * (toHz - fromHz);
      const input = sine(hz, sourceHz, 0.5);
      const db = levelDb(resample(input, sourceHz, targetHz), input);
      assert.ok(db < -50, `${hz} Hz, ${sourceHz} -> ${targetHz}: ${db} dB`);
    }
  }
});

test('a higher rate adds no mirror images of the audio', () => {
  const resampled = resample(sine(3000, 8000, 0.5), 8000, 16_000);
  const expected = sine(3000, 16_000, 0.5);
  const difference = resampled.map((sample, index) => sample - (expected[index] ?? 0));
  assert.ok(levelDb(difference, expected) < -50);
});

test('resampling does not shift times: a click keeps its second', () => {
  for (const [sourceHz, targetHz] of RATES) {
    const input = new Float64Array(sourceHz);
    input[Math.round(sourceHz / 4)] = 1;
    const output = resample(input, sourceHz, targetHz);
    const peakAt = output.reduce((best, sample, index) => (sample > (output[best] ?? 0) ? index : best), 0);
    assert.ok(
      Math.abs(peakAt / targetHz - 0.25) <= 1 / Math.min(sourceHz, targetHz),
      `${sourceHz} -> ${targetHz}`,
    );
  }
});

test('the duration is kept to the nearest sample, whatever the length', () => {
  for (const [sourceHz, targetHz] of RATES) {
    for (const count of [1, 2, 3, 100, 441, 4097, 10_000]) {
      const output = resample(new Float64Array(count), sourceHz, targetHz);
      assert.ok(Math.abs(output.length - (count * targetHz) / sourceHz) <= 1, `${count}: ${output.length}`);
      assert.equal(output.length, expectedCount(count, sourceHz, targetHz));
    }
  }
});

test('a constant stays a constant', () => {
  const output = resample(new Float64Array(4410).fill(0.5), 44_100, 16_000);
  for (const sample of output.subarray(200, -200)) assert.ok(Math.abs(sample - 0.5) < 1e-5);
});

test('the result does not depend on the size of the blocks', () => {
  const input = sine(440, 44_100, 0.1);
  const whole = resample(input, 44_100, 16_000, 10_000);
  for (const blockCount of [1, 7, 441, 1000]) {
    assert.deepEqual(resample(input, 44_100, 16_000, blockCount), whole);
  }
});

test.run();
