import type { Warning } from '../../base/errors.ts';
import { BOUNDARY_TOLERANCE_SEC, placeOf } from '../../formats/tiers.ts';
import type { ReadPair } from '../prepared.ts';

const MAX_NAMED = 5;

/**
 * W_CUT_AT_END, one for each transcript: labels that reach past the end of the sound by more than rounding. The result
 * ends with the sound, so that it does not give back these boundaries. Labels further out than is forgiven are faults
 * of the tiers that are aligned.
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
  const named = cut.slice(0, MAX_NAMED).map(({ place: { tier, interval, line }, startSec, endSec }) => {
    const isOut = startSec >= wav.durationSec;
    const what = isOut ? `, from ${startSec.toFixed(3)} s, left out` : ` ended at ${endSec.toFixed(3)} s`;
    return `${line === undefined ? `tier "${tier}" interval ${interval}` : `line ${line}`}${what}`;
  });
  const rest = cut.length - named.length;
  const message =
    `${file}: the sound ends at ${wav.durationSec.toFixed(3)} s, and labels are cut there: ` +
    `${named.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
  return [{ code: 'W_CUT_AT_END', message, ...first.place }];
}
