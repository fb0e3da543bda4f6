import assert from 'node:assert/strict';
import { test } from 'uvu';
import { createPowerSpectrum } from '../../src/pictures/fourier.ts';

for (const size of [4, 8, 64, 256]) {
  test(`a power spectrum of ${size} samples is that of the sum that defines it`, () => {
    const frame = Float64Array.from({ length: size }, (_, n) => Math.sin(n * n) * 1000 - 3 * n);
    const power = new Float64Array(size / 2 + 1);
    createPowerSpectrum(size).of(frame, power);
    for (const [bin, found] of power.entries()) {
      const expected = directPower(frame, bin);
      assert.ok(Math.abs(found - expected) <= 1e-9 * (1 + expected), `${bin}: ${found} for ${expected}`);
    }
  });
}

test('the energy of a frame is that of its spectrum', () => {
  const frame = Float64Array.from({ length: 128 }, (_, n) => Math.cos(7 * n) + (n % 5));
  const power = new Float64Array(65);
  createPowerSpectrum(128).of(frame, power);
  const inTime = frame.reduce((sum, value) => sum + value * value, 0);
  const inside = power.subarray(1, 64).reduce((sum, value) => sum + value, 0);
  const inFrequency = ((power[0] ?? 0) + (power[64] ?? 0) + 2 * inside) / 128;
  assert.ok(Math.abs(inTime - inFrequency) < 1e-8 * inTime);
});

function directPower(frame: Float64Array, bin: number): number {
  let real = 0;
  let imaginary = 0;
  for (const [n, value] of frame.entries()) {
    const angle = (-2 * Math.PI * bin * n) / frame.length;
    real += value * Math.cos(angle);
    imaginary += value * Math.sin(angle);
  }
  return real * real + imaginary * imaginary;
}

test.run();
