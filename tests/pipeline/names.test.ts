import assert from 'node:assert/strict';
import { test } from 'uvu';
import { fillGaps, writeTextGrid } from '../../src/formats/textgrid/write.ts';
import type { IntervalTier } from '../../src/formats/tiers.ts';
import { createPipelineBench } from '../../testing/pipeline.ts';
import { TRIVIAL_LANGUAGE } from '../../testing/trivial-engine.ts';
import { makeWav, sine } from '../../testing/wav.ts';
import { flat } from '../support/finding.ts';

function tierOf(name: string, ...texts: readonly string[]): IntervalTier {
  const labels = texts.map((text, at) => ({ startSec: at, endSec: at + 1, text }));
  return { kind: 'interval', name, startSec: 0, endSec: 4, intervals: fillGaps(labels, 0, 4) };
}

async function warningsOf(...tiers: readonly IntervalTier[]) {
  await using bench = await createPipelineBench();
  await bench.add('talk.wav', makeWav({ samples: sine(200, 16_000, 4) }));
  await bench.add('talk.TextGrid', writeTextGrid({ startSec: 0, endSec: 4, tiers }));
  await bench.add(`${TRIVIAL_LANGUAGE}.dict`, "here\tAH\n's\tS\n");
  return (await bench.run()).warnings
    .map(flat)
    .map(({ code, file, tier, message }) => ({ code, file, tier, message }));
}

test('words that the dictionary has only in parts give one warning for each transcript, with examples', async () => {
  assert.deepEqual(await warningsOf(tierOf('ann', "here's one", "two here's", 'one-two')), [
    {
      code: 'W_WORD_SPLIT',
      file: 'talk.TextGrid',
      tier: undefined,
      message:
        'talk.TextGrid: 3 words are in the dictionary in parts only, and each part is a word of the result: ' +
        '"here\'s" as "here" and "\'s", "one-two" as "one" and "two". To keep them whole, add them to your dictionary.',
    },
  ]);
});

test('a tier without a name gets a warning with its new name', async () => {
  assert.deepEqual(await warningsOf(tierOf('ann', 'one'), tierOf(' ', 'two')), [
    {
      code: 'W_TIER_NAMED',
      file: 'talk.TextGrid',
      tier: 'tier 2',
      message:
        'talk.TextGrid tier "tier 2": tier number 2 has no name, so its tiers in the result are called "tier 2 - phone" and so on',
    },
  ]);
});

test.run();
