import assert from 'node:assert/strict';
import { test } from 'uvu';
import { formatTime, TimeScale } from '../../src/page/viewer/time-scale.ts';

test('zooming keeps the time under the mouse where it is', () => {
  const scale = make(3600);
  scale.show(100, 200);
  scale.zoom(4, 130);
  assert.deepEqual([scale.from, scale.to], [122.5, 147.5]);
  assert.ok(Math.abs(scale.toX(130) - 300) < 1e-9);
});

test('nothing before the start or after the end is shown', () => {
  const scale = make(60);
  scale.show(50, 80);
  assert.deepEqual([scale.from, scale.to], [30, 60]);
  scale.move(-100);
  assert.deepEqual([scale.from, scale.to], [0, 30]);
  scale.zoom(0.001, 10);
  assert.deepEqual([scale.from, scale.to], [0, 60]);
});

test('a place on the screen does not move the screen; another place is moved to its middle', () => {
  const scale = make(60);
  scale.show(10, 20);
  scale.reveal(12, 13);
  assert.equal(scale.from, 10);
  scale.reveal(40, 41);
  assert.deepEqual([scale.from, scale.to], [35.5, 45.5]);
});

test('marks of the axis are round times, far enough apart', () => {
  const scale = make(3600);
  scale.show(0, 10);
  assert.deepEqual(scale.ticks(84).times.slice(0, 3), [0, 1, 2]);
  scale.show(0, 3600);
  const { times } = scale.ticks(84);
  assert.ok(times.length > 5 && times.length <= 12);
  scale.show(1, 1.05);
  assert.equal(scale.ticks(84).digits, 3);
});

test('times are written so that people can read them', () => {
  assert.equal(formatTime(3.5, 2), '0:03.50');
  assert.equal(formatTime(59.999, 2), '1:00.00');
  assert.equal(formatTime(3725, 0), '1:02:05');
});

function make(seconds: number): TimeScale {
  const scale = new TimeScale(seconds);
  scale.width = 1000;
  return scale;
}

test.run();
