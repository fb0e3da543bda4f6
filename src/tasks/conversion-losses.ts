import { formatPlace } from '../base/finding.ts';
import { nameSome } from '../base/name-some.ts';
import type { ResultFormatName } from '../base/result-kinds.ts';
import { BOUNDARY_TOLERANCE_SEC, type Interval, type Tier } from '../formats/tiers.ts';
import type { Transcript } from '../formats/transcript.ts';

/** Names told one by one. */
const MAX_NAMED = 5;

interface LossChoices {
  readonly format: ResultFormatName;
  readonly isWordsOnly: boolean;
}

/**
 * What a new file does not have of a transcript, as sentences without a full stop.
 * @param back - the new file, read again; null: its format is not read
 */
export function describeLosses(source: Transcript, back: Transcript | null, choices: LossChoices): string[] {
  const losses = choices.isWordsOnly ? describePoints(source, choices) : [];
  return back === null ? losses : [...losses, ...compare(source, back, choices)];
}

function describePoints({ tiers }: Transcript, { format }: LossChoices): string[] {
  return tiers.flatMap((tier) =>
    tier.kind === 'point' && tier.points.length > 0
      ? [`${formatPlace({ tier: tier.name })}: its points (${tier.points.length}) are not in ${format}`]
      : [],
  );
}

function compare(source: Transcript, back: Transcript, { format }: LossChoices): string[] {
  const losses: string[] = [];
  // Our own tables have two tiers of a speaker: `anna - word` and `anna - phone`.
  const names = new Set(back.tiers.flatMap(({ name }) => [name, name.replace(/ - (?:words?|phones?)$/, '')]));
  const lost = [...new Set(source.tiers.filter(hasLabels).map(({ name }) => name))].filter(
    (name) => !names.has(name),
  );
  if (lost.length > 0) losses.push(`tiers of these names are not in ${format}: ${list(lost)}`);
  const [before, after] = [labelled(source), labelled(back)];
  if (before.length !== after.length) {
    losses.push(`${before.length} labels became ${after.length} in ${format}`);
    return losses;
  }
  const changed = before.filter(({ text }, index) => text !== after[index]?.text).length;
  if (changed > 0)
    losses.push(`${changed} of ${before.length} labels are written in another way in ${format}`);
  const isMoved = before.some(({ startSec, endSec }, index) => {
    const same = after[index];
    return (
      Math.abs(startSec - (same?.startSec ?? 0)) > BOUNDARY_TOLERANCE_SEC ||
      Math.abs(endSec - (same?.endSec ?? 0)) > BOUNDARY_TOLERANCE_SEC
    );
  });
  if (isMoved) losses.push(`times are not the same in ${format}`);
  return losses;
}

/** Labelled intervals of all tiers by their times: a format may have other tiers. */
function labelled({ tiers }: Transcript): Interval[] {
  const all = tiers.flatMap((tier) => (tier.kind === 'interval' ? tier.intervals : []));
  return all
    .filter(({ text }) => text.trim() !== '')
    .sort((a, b) => a.startSec - b.startSec || a.endSec - b.endSec || (a.text < b.text ? -1 : 1));
}

function hasLabels(tier: Tier): boolean {
  return tier.kind === 'interval' && tier.intervals.some(({ text }) => text.trim() !== '');
}

function list(names: readonly string[]): string {
  return nameSome(names, MAX_NAMED, (name) => JSON.stringify(name));
}
