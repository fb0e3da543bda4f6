import assert from 'node:assert/strict';
import { test } from 'uvu';
import { addEdges, removeEdges } from '../../../src/engines/sphinx/edges.ts';

const RATE_HZ = 16_000;
const EDGE_SEC = 0.2;

test('edges are as loud as the quietest parts, and the same each time', () => {
  const samples = Float32Array.from(
    { length: RATE_HZ },
    (_, at) => (at % 2 === 0 ? 1 : -1) * (at < 3200 ? 0.01 : 0.5),
  );
  const padded = addEdges(samples, RATE_HZ);
  assert.equal(padded.length, samples.length + 2 * EDGE_SEC * RATE_HZ);
  const level = rootMeanSquare(padded.subarray(0, EDGE_SEC * RATE_HZ));
  assert.ok(level > 0.008 && level < 0.012, `${level}`);
  assert.deepEqual(addEdges(samples, RATE_HZ), padded);
});

test('no part of the audio is perfectly silent', () => {
  const padded = addEdges(new Float32Array(RATE_HZ), RATE_HZ);
  for (let at = 0; at + 160 <= padded.length; at += 160) {
    const level = rootMeanSquare(padded.subarray(at, at + 160));
    assert.ok(level > 1e-5 && level < 3e-4, `${level}`);
  }
});

test('times are given from the start of the file', () => {
  assert.deepEqual(removeEdges([[phone('A', 0.5, 0.6), phone('B', 0.6, 0.9)], [phone('C', 1, 1.1)]], 7, 9), [
    [phone('A', 7.3, 7.4), phone('B', 7.4, 7.7)],
    [phone('C', 7.8, 7.9)],
  ]);
});

test('words in the added edges are moved into the stretch, in order, and none is lost', () => {
  const words = [
    [phone('A', 0, 0.1), phone('B', 0.1, 0.21)],
    [phone('C', 0.21, 0.9)],
    [phone('D', 0.9, 1.3), phone('E', 1.3, 1.35)],
  ];
  assert.deepEqual(removeEdges(words, 2, 3), [
    [phone('A', 2, 2.01), phone('B', 2.01, 2.02)],
    [phone('C', 2.02, 2.7)],
    [phone('D', 2.7, 2.99), phone('E', 2.99, 3)],
  ]);
});

test.run();

function phone(label: string, startSec: number, endSec: number) {
  return { label, startSec, endSec };
}

function rootMeanSquare(samples: Float32Array): number {
  return Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length);
}
