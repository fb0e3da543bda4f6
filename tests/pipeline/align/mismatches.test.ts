import assert from 'node:assert/strict';
import { test } from 'uvu';
import type { AlignedWord } from '../../../src/engines/engine.ts';
import { matchUtterances, type WordInPlace } from '../../../src/pipeline/align/match.ts';
import { describeMismatches } from '../../../src/pipeline/align/mismatches.ts';
import type { PreparedUtterance, Recording } from '../../../src/pipeline/prepared.ts';
import { flat, shown } from '../../support/finding.ts';

const WRITTEN = 'Yes, the old red fox did not sleep in its hole at night'.split(' ');
const UTTERANCE: PreparedUtterance = {
  startSec: 1,
  endSec: 5,
  words: WRITTEN.map((word) => word.toLowerCase().replace(',', '')),
  written: WRITTEN,
  interval: 3,
};
const TIER = { id: 't', index: 0, name: 'ann', utterances: [UTTERANCE] };
const RECORDING = { transcript: { originalName: 'talk.TextGrid' }, tiers: [TIER] } as unknown as Recording;

test('words that an engine leaves out on purpose lose no other words, and are named with their times', () => {
  const [message, ...more] = warn([wordAt(3, 2, 2.3), wordAt(4, 2.3, 2.6), wordAt(12, 4, 4.5)]);
  assert.deepEqual(message, [
    'W_NOT_SAID',
    1,
    'talk.TextGrid tier "ann" interval 3 (1.00 to 2.00 s): not said? 3 words of the text were not found in the audio, ' +
      'and left out: "Yes, the old". Listen to this place, and correct the text.',
  ]);
  assert.deepEqual(
    more.map(([code, timeSec]) => [code, timeSec]),
    [['W_NOT_SAID', 2.6]],
  );
});

test('a long row of words is quoted by its first and last ones', () => {
  const [message] = warn([wordAt(12, 4, 4.5)]);
  assert.match(String(message?.[2]), /12 words .*: "Yes, the old red fox \.\.\. its hole at"\./);
});

test('speech that the text does not have is named with its times, sorted by time together with words that were not said', () => {
  const speech = [
    { startSec: 0.2, endSec: 0.9 },
    { startSec: 3, endSec: 4 },
  ];
  const all = UTTERANCE.words.map((_, at) => wordAt(at, 1 + at * 0.1, 1.1 + at * 0.1));
  assert.deepEqual(
    warn(all.slice(0, -1), speech).map(([code, timeSec]) => [code, timeSec]),
    [
      ['W_NOT_SAID', 2.2],
      ['W_NOT_WRITTEN', 3],
    ],
  );
  assert.match(String(warn(all, speech)[0]?.[2]), /interval 3 \(3\.00 to 4\.00 s\): not written\? /);
});

test('words that are not said, that the engine did not return, and that it was not tried with are reported apart', () => {
  const words = [
    wordAt(0, 1, 1.3),
    wordAt(4, 2, 2.3),
    ...[5, 6, 7, 8].map((at) => wordAt(at, at / 2, at / 2 + 0.4)),
  ];
  const missing = new Map([
    [
      UTTERANCE,
      new Map([
        [2, 'lost'],
        [3, 'lost'],
        [9, 'lost'],
        [10, 'untried'],
      ] as const),
    ],
  ]);
  const found = { words: new Map([[UTTERANCE, words]]), missing };
  const warnings = describeMismatches(RECORDING, { ...found, unwritten: new Map() }, 'MFA1');
  assert.deepEqual(
    warnings.map(flat).map(({ code, timeSec }) => [code, timeSec]),
    [
      ['W_NOT_SAID', 1.3],
      ['W_NOT_ALIGNED', 1.3],
      ['W_NOT_ALIGNED', 4.4],
      ['W_NOT_ALIGNED', 4.4],
      ['W_NOT_SAID', 4.4],
    ],
  );
  assert.equal(
    shown(warnings[1]),
    'talk.TextGrid tier "ann" interval 3 (1.30 to 2.00 s): not aligned: MFA1 did not return 2 words of the text, ' +
      'left out: "old red". Listen to this place; correct the text, or make it an interval of its own.',
  );
  assert.match(shown(warnings[2]), /did not return 1 word of the text, left out: "its"/);
  assert.match(shown(warnings[3]), /not tried: 1 word .* "hole"\. MFA1 failed at too many other intervals/);
});

test('an utterance of which nothing was found gets no such warning', () => {
  assert.deepEqual(warn([], [{ startSec: 3, endSec: 4 }]), []);
});

test('words in places that they cannot have are left out', () => {
  const found = match([wordAt(3, 2, 2.3), wordAt(1, 2.3, 2.6), { ...wordAt(12, 4, 4.5), label: 'fox' }]);
  assert.deepEqual(
    found?.map(({ at }) => at),
    [3],
  );
});

test.run();

function match(words: readonly AlignedWord[]): readonly AlignedWord[] | undefined {
  const found = new Map<PreparedUtterance, readonly WordInPlace[]>();
  matchUtterances([UTTERANCE], words, found);
  return found.get(UTTERANCE);
}

function warn(words: readonly AlignedWord[], speech: readonly { startSec: number; endSec: number }[] = []) {
  const found = new Map<PreparedUtterance, readonly WordInPlace[]>();
  matchUtterances([UTTERANCE], words, found);
  const warnings = describeMismatches(
    RECORDING,
    { words: found, missing: new Map(), unwritten: new Map([['t', speech]]) },
    'X',
  );
  return warnings.map(flat).map(({ code, timeSec, message }) => [code, timeSec, message] as const);
}

function wordAt(at: number, startSec: number, endSec: number): WordInPlace {
  const label = UTTERANCE.words[at] ?? '';
  return { label, at, startSec, endSec, phones: [{ label: 'x', startSec, endSec }] };
}
