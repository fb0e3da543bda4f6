import type { Warning } from '../../base/errors.ts';
import { findingAt, formatPlace } from '../../base/finding.ts';
import { nameSome } from '../../base/name-some.ts';
import { BOUNDARY_TOLERANCE_SEC, placeOf } from '../../formats/tiers.ts';
import type { ReadPair } from '../prepared.ts';

const MAX_NAMED = 5;

/**
 * One W_CUT_AT_END for each transcript, at the first label that ends after the audio by more than rounding. The result ends
 * with the audio, so it does not have these boundaries. In tiers that are aligned, labels further outside are faults.
 */
export function describeCutLabels({
  content,
  wav,
  transcript,
}: Pick<ReadPair, 'content' | 'wav' | 'transcript'>): Warning[] {
  const file = transcript.originalName;
  const limitSec = wav.durationSec + BOUNDARY_TOLERANCE_SEC;
  const cut = content.tiers.flatMap((tier) =>
    tier.kind === 'point'
      ? []
      : tier.intervals.flatMap(({ startSec, endSec, text }, index) =>
          endSec > limitSec && text.trim() !== ''
            ? [{ place: placeOf(file, tier, index), startSec, endSec }]
            : [],
        ),
  );
  const [first] = cut;
  if (first === undefined) return [];
  const named = nameSome(cut, MAX_NAMED, ({ place, startSec, endSec }) => {
    const { file: _, ...inFile } = place;
    const what = place === first.place ? 'this one' : formatPlace(inFile);
    const isOut = startSec >= wav.durationSec;
    return `${what} ${isOut ? 'is left out' : `ended at ${endSec.toFixed(3)} s`}`;
  });
  const text = `the audio ends at ${wav.durationSec.toFixed(3)} s, and labels are cut there: ${named}`;
  return [findingAt('W_CUT_AT_END', first.place, text)];
}
