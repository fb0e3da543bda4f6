import assert from 'node:assert/strict';
import { test } from 'uvu';
import { TaskError } from '../../../src/base/errors.ts';
import type { AlignedTier, AlignedWord } from '../../../src/engines/engine.ts';
import {
  alignInParts,
  type FilePart,
  findLost,
  halve,
  MAX_STARTS,
  type PartOutcome,
  splitByTier,
} from '../../../src/engines/htk/file-parts.ts';
import { fileOf, type Said } from '../../../testing/htk.ts';

const FAULT = new TaskError('E_ENGINE_FAILED', 'it failed');
const said = (text: string, from = 0): Said[] => [...text].map((word, i) => [from + i, from + i + 0.9, word]);
const textOf = (part: FilePart): string => part.flatMap(({ utterance }) => utterance.words).join('');
const labelsOf = (tiers: readonly AlignedTier[]): string[] =>
  tiers.map(({ tierId, words }) => `${tierId}:${words.map((word) => word.label).join('')}`);

function align(part: FilePart): Map<string, AlignedWord[]> {
  const words = new Map<string, AlignedWord[]>();
  for (const { tierId, utterance } of part) {
    const { startSec, endSec } = utterance;
    const aligned = utterance.words.map((label) => ({ label, startSec, endSec, phones: [] }));
    words.set(tierId, [...(words.get(tierId) ?? []), ...aligned]);
  }
  return words;
}

/** Dies at the first capital letter and names the place, like FAVE. */
function dieAtCapital(part: FilePart, fault: TaskError | null): PartOutcome {
  const at = part.findIndex(({ utterance }) => /[A-Z]/.test(utterance.words.join('')));
  if (at < 0) return { words: align(part), again: [], fault: null };
  const rest = part.slice(at + 1);
  return { words: new Map(), again: at === 0 ? halve(rest) : [rest], good: part.slice(0, at), fault };
}

async function run(
  tiers: readonly Said[][],
  start: (part: FilePart) => PartOutcome,
): Promise<{ tiers: AlignedTier[]; starts: string[]; notes: string[] }> {
  const starts: string[] = [];
  const notes: string[] = [];
  const startPart = async (part: FilePart, number: number): Promise<PartOutcome> => {
    starts.push(textOf(part));
    assert.equal(number, starts.length);
    return start(part);
  };
  const aligned = await alignInParts(fileOf('a', '/a.wav', ...tiers), startPart, async (text) => {
    notes.push(text);
  });
  return { tiers: aligned, starts, notes };
}

/** Fails as a whole if there is a capital letter, and names no place. */
function failAtCapital(part: FilePart): PartOutcome {
  if (!/[A-Z]/.test(textOf(part))) return { words: align(part), again: [], fault: null };
  return { words: new Map(), again: part.length > 1 ? halve(part) : [], fault: FAULT };
}

/** Loses the rest of a tier after a capital letter, without a message, like faseAlign. */
function loseAfterCapital(part: FilePart): PartOutcome {
  const at = part.findIndex(({ utterance }) => /[A-Z]/.test(utterance.words.join('')));
  if (at < 0) return { words: align(part), again: [], fault: null };
  const rest = part.slice(at + 1);
  return { words: align(part.slice(0, at)), again: at === 0 ? halve(rest) : [rest], fault: null };
}

const ENGINES: Readonly<Record<string, (part: FilePart) => PartOutcome>> = {
  'says where it died': (part) => dieAtCapital(part, FAULT),
  'fails without saying where': failAtCapital,
  'loses what comes later': loseAfterCapital,
};

/** Numbers from 0 to 1, the same for the same seed. */
function* drawFrom(seed: number): Generator<number, never> {
  for (let state = seed; ; ) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    yield state / 2 ** 32;
  }
}

const lettersOf = (tiers: readonly AlignedTier[]): string =>
  tiers.flatMap(({ words }) => words.map(({ label }) => label)).join('');

test('a good file takes one start', async () => {
  const { tiers, starts } = await run([said('abc'), said('de')], (part) => dieAtCapital(part, null));
  assert.deepEqual(labelsOf(tiers), ['a-t1:abc', 'a-t2:de']);
  assert.deepEqual(starts, ['abcde']);
});

test('each bad utterance costs one start, and the good ones before it one more', async () => {
  const { tiers, starts } = await run([said('abXcdYe'), said('fZ')], (part) => dieAtCapital(part, FAULT));
  assert.deepEqual(labelsOf(tiers), ['a-t1:abcde', 'a-t2:f']);
  assert.deepEqual(starts, ['abXcdYefZ', 'cdYefZ', 'efZ', 'abcdef']);
});

test('good utterances are found between any number of bad ones', async () => {
  const letters = [...'abcdefghijklmnopqrstuvwxyz'.repeat(3)];
  const { tiers } = await run([said(letters.map((letter) => `${letter}X`).join(''))], (part) =>
    dieAtCapital(part, null),
  );
  assert.deepEqual(labelsOf(tiers), [`a-t1:${letters.join('')}`]);
});

for (const count of [22, 100, 1000]) {
  test(`three good utterances behind ${count} bad ones are found early`, async () => {
    const { tiers, starts } = await run([said(`${'X'.repeat(count)}abc`)], (part) =>
      dieAtCapital(part, null),
    );
    assert.deepEqual(
      tiers.map(({ words }) => words.map((word) => word.label).join('')),
      ['abc'],
    );
    assert.ok(starts.indexOf('abc') < 3 * Math.log2(count), starts.join(' '));
  });
}

test('starts that find nothing are limited, and utterances that were not reached are reported', async () => {
  const count = 1000;
  const { tiers, starts } = await run([said('a'), said('X'.repeat(count))], (part) =>
    dieAtCapital(part, null),
  );
  assert.ok(starts.length < 20 + 6 * Math.log2(count), `${starts.length} starts`);
  const [first, second] = tiers;
  assert.deepEqual([first?.words.length, first?.untried], [1, undefined]);
  // Each start failed at the first of its utterances.
  assert.equal(second?.untried?.length, count - starts.length + 1);
});

for (const [what, start] of Object.entries(ENGINES)) {
  test(`an engine that ${what}: 200 utterances, each second one bad, cost a start or two each`, async () => {
    const { tiers, starts, notes } = await run([said('aX'.repeat(100))], start);
    assert.equal(lettersOf(tiers), 'a'.repeat(100));
    assert.ok(starts.length <= 2 * 200, `${starts.length} starts`);
    assert.deepEqual(notes, []);
  });

  test(`an engine that ${what}: one bad utterance at the end costs few starts`, async () => {
    const { tiers, starts } = await run([said(`${'a'.repeat(199)}X`)], start);
    assert.equal(lettersOf(tiers), 'a'.repeat(199));
    assert.ok(starts.length <= 2 * Math.ceil(Math.log2(200)) + 1, `${starts.length} starts`);
  });

  test(`an engine that ${what}: starts for a row of bad utterances grow with the logarithm`, async () => {
    for (const count of [30, 300, 3000]) {
      const text = `${'a'.repeat(count)}${'X'.repeat(count)}${'b'.repeat(count)}`;
      const { tiers, starts } = await run([said(text)], start);
      assert.ok(lettersOf(tiers) === text.replaceAll('X', ''), `${count}: ${lettersOf(tiers).length} found`);
      assert.ok(
        starts.length <= 30 + 10 * Math.ceil(Math.log2(3 * count)),
        `${count}: ${starts.length} starts`,
      );
    }
  });

  test(`an engine that ${what}: no good utterance is lost because of bad ones, in any order`, async () => {
    for (let seed = 1; seed <= 150; seed += 1) {
      const draw = drawFrom(seed);
      const count = 1 + Math.floor(draw.next().value * 200);
      const share = draw.next().value / 2;
      const text = Array.from({ length: count }, () => (draw.next().value < share ? 'X' : 'a')).join('');
      const good = text.replaceAll('X', '');
      if (good === '') continue;
      const { tiers, starts } = await run([said(text)], start);
      assert.equal(lettersOf(tiers), good, `seed ${seed}: ${text}`);
      const badCount = count - good.length;
      const limit = 2 * badCount * (Math.ceil(Math.log2(count)) + 1) + 1;
      assert.ok(starts.length <= Math.min(MAX_STARTS, limit), `seed ${seed}: ${starts.length} starts`);
    }
  });

  test(`an engine that ${what}: with more bad utterances than starts, found words are kept, and the rest is reported`, async () => {
    const count = 1200;
    const { tiers, starts, notes } = await run([said('aX'.repeat(count))], start);
    assert.ok(starts.length <= MAX_STARTS, `${starts.length} starts`);
    const foundCount = lettersOf(tiers).length;
    const untried = tiers[0]?.untried ?? [];
    const untriedCount = untried.filter(({ words }) => words.includes('a')).length;
    assert.ok(foundCount > MAX_STARTS / 10, `${foundCount} found`);
    assert.equal(foundCount + untriedCount, count);
    const [note = '', ...more] = notes;
    assert.deepEqual(more, []);
    assert.match(note, /^ended after \d+ starts of 500 at most/);
    assert.ok(note.includes(`not tried: ${untried.length} of ${2 * count} intervals, between `), note);
  });
}

test('two utterances that fail only together are both aligned: the one that was blamed in the second run', async () => {
  const pairs: Readonly<Record<string, string>> = { b: 'a', d: 'c', f: 'e' };
  const dieAtPair = (part: FilePart): PartOutcome => {
    const text = textOf(part);
    const at = [...text].findIndex((letter, i) => text.slice(0, i).includes(pairs[letter] ?? '-'));
    if (at < 0) return { words: align(part), again: [], fault: null };
    return { words: new Map(), again: [part.slice(at + 1)], good: part.slice(0, at), fault: FAULT };
  };
  assert.equal(lettersOf((await run([said('abcdef')], dieAtPair)).tiers), 'ace');
  assert.equal(lettersOf((await run([said('bdf')], dieAtPair)).tiers), 'bdf');
  const failAtPair = (part: FilePart): PartOutcome =>
    part.length === 1
      ? { words: align(part), again: [], fault: null }
      : { words: new Map(), again: halve(part), fault: FAULT };
  assert.equal(lettersOf((await run([said('abcdef')], failAtPair)).tiers), 'abcdef');
});

test('good utterances are aligned before all others are tried, so that they are not lost when time runs out', async () => {
  const text = `${'a'.repeat(40)}X${'b'.repeat(40)}Y${'c'.repeat(40)}`;
  const { tiers } = await run([said(text)], (part) => {
    if (textOf(part).startsWith('c')) throw new TaskError('E_ENGINE_TIMEOUT', 'no time left');
    return dieAtCapital(part, null);
  });
  assert.deepEqual(labelsOf(tiers), [`a-t1:${'a'.repeat(40)}${'b'.repeat(40)}`]);
  assert.equal(tiers[0]?.untried?.length, 40);
});

test('a suspected cause is reported only if all failed starts point to it', async () => {
  const suspicion = new TaskError('E_ENGINE_FAILED', 'HTK is broken');
  const start = (isClear: boolean) => (part: FilePart) => {
    const outcome = dieAtCapital(part, null);
    return isClear && textOf(part).startsWith('Z') ? outcome : { ...outcome, suspicion };
  };
  await assert.rejects(run([said('XYZ')], start(false)), { message: 'HTK is broken' });
  assert.deepEqual((await run([said('XYZ')], start(true))).tiers, []);
  assert.deepEqual(labelsOf((await run([said('XYaZ')], start(false))).tiers), ['a-t1:a']);
});

test('a file whose starts all fail is given up early, with the fault of the first start', async () => {
  let startCount = 0;
  const failed = run([said('a'.repeat(100))], (part) => {
    startCount += 1;
    const fault = new TaskError('E_ENGINE_FAILED', `start ${startCount} failed`);
    return { words: new Map(), again: halve(part.slice(1)), fault };
  });
  await assert.rejects(failed, { code: 'E_ENGINE_FAILED', message: 'start 1 failed' });
  assert.ok(startCount <= 3 + 2 * Math.ceil(Math.log2(101)), `${startCount} starts`);
});

test('three good utterances behind 22 that make starts fail as a whole are found', async () => {
  const { tiers } = await run([said(`${'X'.repeat(22)}abc`)], (part) => dieAtCapital(part, FAULT));
  assert.deepEqual(labelsOf(tiers), ['a-t1:abc']);
});

test('a file of nothing but utterances that cannot be aligned comes back empty, not as a failed engine', async () => {
  const { tiers } = await run([said('XYZ')], (part) => dieAtCapital(part, null));
  assert.deepEqual(tiers, []);
});

test('words found before a later start failed are kept', async () => {
  const { tiers } = await run([said('abcd')], (part) => {
    if (part.length < 4) throw new TaskError('E_ENGINE_TIMEOUT', 'no time left');
    return { words: align(part.slice(0, 2)), again: [part.slice(3)], fault: null };
  });
  assert.deepEqual(labelsOf(tiers), ['a-t1:ab']);
});

test('a fault that concerns all files ends the alignment, whatever was found before', async () => {
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

test('an utterance that does not belong to the file is an internal error', async () => {
  const [stranger] = fileOf('b', '/b.wav', said('z')).tiers;
  const again = stranger?.utterances.map((utterance) => [{ tierId: stranger.id, utterance }]) ?? [];
  const aligning = run([said('abc')], (part) =>
    textOf(part) === 'abc'
      ? { words: new Map(), again, fault: null }
      : { words: align(part), again: [], fault: null },
  );
  await assert.rejects(aligning, /missing: the place of an utterance in its file/);
});

test('an utterance is lost when no word of its tier lies in its time', () => {
  const whole = fileOf('a', '/a.wav', said('abc'), said('de')).tiers.flatMap((tier) =>
    tier.utterances.map((utterance) => ({ tierId: tier.id, utterance })),
  );
  const words = align(whole.filter((_, i) => i !== 1 && i !== 3));
  assert.equal(textOf(findLost(whole, words)), 'bd');
  assert.deepEqual([...splitByTier(whole).values()].map(textOf), ['abc', 'de']);
});

test.run();
