import { EAF_RESULT } from '../../../src/formats/eaf/result.ts';
import type { ResultDocument, ResultTier } from '../../../src/formats/result.ts';
import { fillGaps } from '../../../src/formats/textgrid/write.ts';
import { readBack, writeResult } from '../../../testing/result.ts';

/** An interval: begin and end in seconds, label. */
export type Labels = readonly (readonly [number, number, string])[];

const LENGTH_SEC = 10;

/** The tiers of a speaker, as in a result. */
export function spoken(speaker: string, trans: Labels, words: Labels, phones: Labels): ResultTier[] {
  return [
    tierOf('phone', speaker, `${speaker} - phone`, phones),
    tierOf('word', speaker, `${speaker} - word`, words),
    tierOf('trans', speaker, `${speaker} - trans`, trans),
  ];
}

export function tierOf(role: ResultTier['role'], speaker: string, name: string, labels: Labels): ResultTier {
  const intervals = labels.map(([startSec, endSec, text]) => ({ startSec, endSec, text }));
  const span = { startSec: 0, endSec: LENGTH_SEC };
  return { kind: 'interval', role, speaker, name, ...span, intervals: fillGaps(intervals, 0, LENGTH_SEC) };
}

export function documentOf(
  tiers: readonly ResultTier[],
  change: Partial<ResultDocument> = {},
): ResultDocument {
  return {
    name: 'day 1/talk',
    durationSec: LENGTH_SEC,
    audio: { name: 'day 1/talk & co.wav', sampleRateHz: 16_000, sampleCount: 160_000 },
    phones: tiers,
    ipa: null,
    doubtful: new Map(),
    ...change,
  };
}

/** The files that are written for a document, by name. Each is read back, as in a task. */
export async function writeEaf(document: ResultDocument): Promise<Record<string, string>> {
  const files = writeResult(EAF_RESULT, [document]);
  for (const [name, text] of files) await readBack(EAF_RESULT, name, text, [LENGTH_SEC]);
  return Object.fromEntries(files);
}
