import assert from 'node:assert/strict';
import { test } from 'uvu';
import { atOnce, type InPieces, inTurns } from '../../src/base/pieces.ts';
import type { TextGrid } from '../../src/formats/textgrid/model.ts';
import { readTextGrid, readTextGridInPieces } from '../../src/formats/textgrid/read.ts';
import { writeTextGrid, writeTextGridInPieces } from '../../src/formats/textgrid/write.ts';
import type { IntervalTier } from '../../src/formats/tiers.ts';
import { parseCleanupRules } from '../../src/lexicon/cleanup-rules.ts';
import { loadLanguage } from '../../src/lexicon/load-languages.ts';
import type { Lexicon } from '../../src/lexicon/merge.ts';
import { textRulesOf } from '../../src/lexicon/text-rules.ts';
import { collectCandidates, collectCandidatesInPieces, resolveLabel } from '../../src/lexicon/words.ts';
import { makeResult } from '../../src/pipeline/package/result.ts';
import { cleanLabels, findTiers } from '../../src/pipeline/prepare/utterances.ts';
import type { Prepared, ReadPair } from '../../src/pipeline/prepared.ts';
import { createTrivial, TRIVIAL_LANGUAGE } from '../../testing/trivial-engine.ts';

/** A transcript of one megabyte. Each piece of work that others wait for must be a small part of it. */
const INTERVALS = 10_000;
const MIN_TURNS = 10;
const STEP_SEC = 0.25;
const GRID = makeGrid();
const TEXT = writeTextGrid(GRID);
const LABELS = (GRID.tiers[0] as IntervalTier).intervals.map(({ text }) => text);
const engine = createTrivial('/nowhere');
const found = await loadLanguage(TRIVIAL_LANGUAGE, { adminDir: null, builtIn: engine.builtInLanguages });
const language = {
  ...found,
  cleanupRules: parseCleanupRules('"o" substitute "0"\n"w(.)" rsubstitute "v\\1"').rules,
};
const lexicon: Lexicon = {
  simple: [],
  complex: new Map(),
  known: new Set(['one', 'two']),
  suggested: new Set(),
  ofUser: new Set(),
  unknown: [],
  warnings: [],
  faults: [],
};
const rules = { ...textRulesOf(language), takesUnknown: true };
const pair = {
  id: 'f1',
  name: 'talk',
  audio: { originalName: 'talk.wav' },
  transcript: { originalName: 'talk.TextGrid' },
  wav: { durationSec: GRID.endSec },
  channels: null,
  content: GRID,
} as ReadPair;

test('reading and writing a long transcript lets other work of the process go on', async () => {
  assert.ok(TEXT.length > 900_000, `${TEXT.length} characters`);
  assert.deepEqual(await withTurns(readTextGridInPieces(TEXT, 'talk.TextGrid')), readTextGrid(TEXT, 'talk'));
  assert.equal(await withTurns(writeTextGridInPieces(GRID)), TEXT);
});

test('words of a long transcript are looked up in pieces', async () => {
  assert.deepEqual(
    await withTurns(collectCandidatesInPieces(LABELS, rules)),
    collectCandidates(LABELS, rules),
  );
  const cleaned = await withTurns(cleanLabels([pair], language));
  assert.equal(cleaned.size, INTERVALS);
  assert.ok([...cleaned.values()].every((label) => label === '0ne tv0' || label === 'tv0'));
  const labels = atOnce(cleanLabels([pair], { ...language, cleanupRules: [] }));
  const tiers = await withTurns(findTiers([pair], labels, lexicon, rules));
  assert.equal(tiers.pairs[0]?.tiers[0]?.utterances.length, INTERVALS);
});

test('the result of a long transcript is made in pieces', async () => {
  const labels = atOnce(cleanLabels([pair], { ...language, cleanupRules: [] }));
  const [tiered] = atOnce(findTiers([pair], labels, lexicon, rules)).pairs;
  assert.ok(tiered !== undefined);
  const words = new Map(
    tiered.tiers.flatMap(({ utterances }) =>
      utterances.map((utterance) => {
        const { startSec, endSec, words } = utterance;
        const [label = ''] = words;
        const word = { label, startSec, endSec, phones: [{ label: 'AH', startSec, endSec }] };
        return [utterance, [word]] as const;
      }),
    ),
  );
  const prepared = { language, engine, lexicon } as unknown as Prepared;
  const recording = { ...tiered, audios: [] };
  const aligned = { prepared, words, doubtful: new Map(), cut: null, warnings: [] };
  const { document } = await withTurns(makeResult(recording, aligned, 'talk'));
  const [phones] = document.phones;
  assert.equal(phones?.kind === 'interval' && phones.intervals.length, INTERVALS);
});

test('aborted work ends after the current piece', async () => {
  const controller = new AbortController();
  const reading = inTurns(readTextGridInPieces(TEXT, 'talk.TextGrid'), controller.signal);
  controller.abort(new Error('no longer wanted'));
  await assert.rejects(reading, /no longer wanted/);
});

test('a word with very many signs takes no longer than another word of its length', () => {
  // If it were searched again from each character, as a regular expression does, it would take minutes.
  const signs = 200_000;
  const startedAt = process.cpuUsage();
  for (const sign of ['!', '-', '(', '((x', '<', '[a', '@', '@a:b', '\u{1f600}']) {
    const label = `one${sign.repeat(signs)}two`;
    collectCandidates([label], rules);
    resolveLabel(label, { ...rules, isKnown: () => false });
  }
  const { user } = process.cpuUsage(startedAt);
  assert.ok(user < 10_000_000, `${user / 1e6} s of processor time`);
});

test.run();

/**
 * Does work in pieces, and checks that other work could run between them: at least ten times, counted and not timed.
 */
async function withTurns<Result>(work: InPieces<Result>): Promise<Result> {
  let turns = 0;
  let isDone = false;
  const other = (): void => {
    turns += 1;
    if (!isDone) setImmediate(other);
  };
  setImmediate(other);
  const result = await inTurns(work);
  isDone = true;
  assert.ok(turns >= MIN_TURNS, `others had ${turns} turns`);
  return result;
}

function makeGrid(): TextGrid {
  const endSec = INTERVALS * STEP_SEC;
  const intervals = Array.from({ length: INTERVALS }, (_, n) => ({
    startSec: n * STEP_SEC,
    endSec: (n + 1) * STEP_SEC,
    text: n % 2 === 0 ? 'one two' : 'two',
  }));
  return {
    startSec: 0,
    endSec,
    tiers: [{ kind: 'interval', name: 'speaker', startSec: 0, endSec, intervals }],
  };
}
