import assert from 'node:assert/strict';
import { test } from 'uvu';
import { TaskError } from '../../../src/base/errors.ts';
import type { AlignedTier, AlignedWord } from '../../../src/engines/engine.ts';
import {
  alignInParts,
  findLost,
  type Part,
  type PartOutcome,
  splitByTier,
} from '../../../src/engines/htk/file-parts.ts';
import { fileOf, type Said } from '../../support/htk.ts';

const FAULT = new TaskError('E_ENGINE_FAILED', 'it failed');
const said = (text: string, from = 0): Said[] => [...text].map((word, i) => [from + i, from + i + 0.9, word]);
const textOf = (part: Part): string => part.flatMap(({ utterance }) => utterance.words).join('');
const labelsOf = (tiers: readonly AlignedTier[]): string[] =>
  tiers.map(({ tierId, words }) => `${tierId}:${words.map((word) => word.label).join('')}`);

function align(part: Part): Map<string, AlignedWord[]> {
  const words = new Map<string, AlignedWord[]>();
  for (const { tierId, utterance } of part) {
    const { startSec, endSec } = utterance;
    const aligned = utterance.words.map((label) => ({ label, startSec, endSec, phones: [] }));
    words.set(tierId, [...(words.get(tierId) ?? []), ...aligned]);
  }
  return words;
}

/** Dies at the first capital letter and says where, like FAVE. */
function dieAtCapital(part: Part, fault: TaskError | null): PartOutcome {
  const at = part.findIndex(({ utterance }) => /[A-Z]/.test(utterance.words.join('')));
  if (at < 0) return { words: align(part), again: [], fault: null };
  return { words: new Map(), again: [part.slice(at + 1)], sound: part.slice(0, at), fault };
}

async function run(
  tiers: readonly Said[][],
  start: (part: Part) => PartOutcome,
): Promise<{ tiers: AlignedTier[]; starts: string[] }> {
  const starts: string[] = [];
  const aligned = await alignInParts(fileOf('a', '/a.wav', ...tiers), async (part, number) => {
    starts.push(textOf(part));
    assert.equal(number, starts.length);
    return start(part);
  });
  return { tiers: aligned, starts };
}

test('a good file takes one start', async () => {
  const { tiers, starts } = await run([said('abc'), said('de')], (part) => dieAtCapital(part, null));
  assert.deepEqual(labelsOf(tiers), ['a-t1:abc', 'a-t2:de']);
  assert.deepEqual(starts, ['abcde']);
});

test('bad utterances cost a start each and one more for what was good before them', async () => {
  const { tiers, starts } = await run([said('abXcdYe'), said('fZ')], (part) => dieAtCapital(part, FAULT));
  assert.deepEqual(labelsOf(tiers), ['a-t1:abcde', 'a-t2:f']);
  assert.deepEqual(starts, ['abXcdYefZ', 'cdYefZ', 'efZ', 'abcdef']);
});

test('the starts of a file are bounded, and the last one is kept for what is known to be good', async () => {
  const { tiers, starts } = await run([said('aXbXcXdXeXfXgXhXiXjXkXlXmXnXoXpXqXrXsXtXuXvXw')], (part) =>
    dieAtCapital(part, null),
  );
  assert.equal(starts.length, 20);
  assert.deepEqual(labelsOf(tiers), ['a-t1:abcdefghijklmnopqrs']);
});

test('a file of which three starts gave nothing is given up with what failed the first', async () => {
  let startCount = 0;
  const failed = run([said('abcdef')], (part) => {
    startCount += 1;
    const fault = new TaskError('E_ENGINE_FAILED', `start ${startCount} failed`);
    return { words: new Map(), again: [part.slice(1)], fault };
  });
  await assert.rejects(failed, { code: 'E_ENGINE_FAILED', message: 'start 1 failed' });
  assert.equal(startCount, 3);
});

test('a file of nothing but utterances that cannot be aligned comes back empty, not as a failed engine', async () => {
  const { tiers } = await run([said('XYZ')], (part) => dieAtCapital(part, null));
  assert.deepEqual(tiers, []);
});

test('what came out before a later start failed is kept', async () => {
  const { tiers } = await run([said('abcd')], (part) => {
    if (part.length < 4) throw new TaskError('E_ENGINE_TIMEOUT', 'no time left');
    return { words: align(part.slice(0, 2)), again: [part.slice(3)], fault: null };
  });
  assert.deepEqual(labelsOf(tiers), ['a-t1:ab']);
});

test('a fault that is not the file’s own ends it, whatever came out before', async () => {
  const failed = run([said('ab')], (part) => {
    if (part.length === 2) return { words: align(part.slice(0, 1)), again: [part.slice(1)], fault: null };
    return { words: new Map(), again: [], fault: new TaskError('E_ENGINE_MISSING', 'no sox') };
  });
  await assert.rejects(failed, { code: 'E_ENGINE_MISSING' });
});

test('words of one tier from several starts come in time order', async () => {
  const { tiers } = await run([said('abc')], (part) => {
    const isFirst = part.length === 3;
    return {
      words: align(part.slice(-1)),
      again: isFirst ? [part.slice(0, 2), part.slice(0, 1)] : [],
      fault: null,
    };
  });
  assert.deepEqual(labelsOf(tiers), ['a-t1:abc']);
});

test('an utterance is lost when no word of its tier lies in its time', () => {
  const whole = fileOf('a', '/a.wav', said('abc'), said('de')).tiers.flatMap((tier) =>
    tier.utterances.map((utterance) => ({ tierId: tier.id, utterance })),
  );
  const words = align(whole.filter((_, i) => i !== 1 && i !== 3));
  assert.equal(textOf(findLost(whole, words)), 'bd');
  assert.deepEqual(splitByTier(whole).map(textOf), ['abc', 'de']);
});

test.run();
