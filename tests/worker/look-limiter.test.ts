import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { suite } from 'uvu';
import { LookLimiter } from '../../src/worker/look-limiter.ts';

const test = suite('how often notifications lead to a search');
const SECOND_MS = 1_000;
let nowMs = 0;
let looks: number[] = [];
let limiter: LookLimiter;

test.before.each(() => {
  mock.timers.enable({ apis: ['setTimeout'] });
  nowMs = 0;
  looks = [];
  limiter = new LookLimiter(
    () => void looks.push(nowMs),
    () => nowMs,
  );
});
test.after.each(() => mock.timers.reset());

test('a single notification leads to a search at once', () => {
  limiter.hint();
  assert.deepEqual(looks, [0]);
});

test('ten thousand a second cost ten searches in the first second, then five', () => {
  flood(SECOND_MS);
  assert.ok(looks.length <= 10, `${looks.length} looks in the first second`);
  looks = [];
  flood(SECOND_MS);
  assert.ok(looks.length >= 4 && looks.length <= 6, `${looks.length} looks in the second`);
});

test('a real notification among many false ones leads to a search within a quarter of a second', () => {
  flood(10 * SECOND_MS);
  const gaps = looks.slice(1).map((atMs, index) => atMs - (looks[index] ?? 0));
  assert.ok(Math.max(...gaps) <= 250, `${Math.max(...gaps)} ms between two looks`);
});

test('the last notification of a flood leads to a search, too', () => {
  flood(SECOND_MS + 50);
  const lastMs = nowMs;
  for (let ms = 0; ms < SECOND_MS; ms++) pass();
  assert.equal(looks.filter((atMs) => atMs > lastMs).length, 1);
});

test('searches that find work are not limited', () => {
  for (let n = 0; n < 100; n++) {
    limiter.hint();
    limiter.foundSomething();
  }
  assert.equal(looks.length, 100);
});

test('a search for another reason replaces that of a waiting notification', () => {
  for (let n = 0; n < 100; n++) limiter.hint();
  looks = [];
  limiter.looking();
  for (let ms = 0; ms < SECOND_MS; ms++) pass();
  assert.deepEqual(looks, []);
});

test.run();

function flood(ms: number): void {
  for (let passed = 0; passed < ms; passed++) {
    for (let n = 0; n < 10; n++) limiter.hint();
    pass();
  }
}

function pass(): void {
  nowMs += 1;
  mock.timers.tick(1);
}
