import { plural } from '../base/count-text.ts';
import { formatPlace } from '../base/finding.ts';
import { transcriptFormatOf } from '../base/input-kinds.ts';
import { nameSome } from '../base/name-some.ts';
import type { ResultFormatName } from '../base/result-kinds.ts';
import { readEntities } from '../formats/entities.ts';
import { BOUNDARY_TOLERANCE_SEC, type Interval, type Tier } from '../formats/tiers.ts';
import { shownLabel, type Transcript } from '../formats/transcript.ts';

/** Names that are listed one by one. */
const MAX_NAMED = 5;

interface LossChoices {
  readonly from: string;
  readonly to: string;
  readonly format: ResultFormatName;
  readonly isWordsOnly: boolean;
  /** Whether the new file has all that the transcript has. */
  readonly isCopied: boolean;
}

/**
 * What a transcript has and a new file has not, as sentences without a full stop.
 * @param back - the new file, read again; null: its format cannot be read
 */
export function describeLosses(source: Transcript, back: Transcript | null, choices: LossChoices): string[] {
  const losses = [
    ...describeBeside(source, choices),
    ...(choices.isWordsOnly ? describePoints(source, choices) : []),
  ];
  return back === null ? losses : [...losses, ...compare(source, back, choices)];
}

function describeBeside({ besideTiers = [] }: Transcript, { format, isCopied }: LossChoices): string[] {
  if (isCopied || besideTiers.length === 0) return [];
  return [`not in ${format}: ${besideTiers.join(', ')}`];
}

function describePoints({ tiers }: Transcript, { format }: LossChoices): string[] {
  return tiers.flatMap((tier) =>
    tier.kind === 'point' && tier.points.length > 0
      ? [`${formatPlace({ tier: tier.name })}: its points (${tier.points.length}) are not in ${format}`]
      : [],
  );
}

function compare(source: Transcript, back: Transcript, { from, to, format }: LossChoices): string[] {
  const losses: string[] = [];
  // Our own tables have two tiers for a speaker: `anna - word` and `anna - phone`.
  const names = new Set(back.tiers.flatMap(({ name }) => [name, name.replace(/ - (?:words?|phones?)$/, '')]));
  const lost = [...new Set(source.tiers.filter(isLabelled).map(({ name }) => name))].filter(
    (name) => !names.has(name),
  );
  if (lost.length > 0) losses.push(`tiers of these names are not in ${format}: ${list(lost)}`);
  const before = labelled(source, (label) => asWritten(source, from, label));
  const after = labelled(back, (label) => (hasSigns(to) ? shownLabel(back, label) : label));
  if (before.length !== after.length) {
    losses.push(`${plural(before.length, 'label')} became ${after.length} in ${format}`);
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

/** Whether labels have escapes for characters. Codes of CHAT mean more than that. */
function hasSigns(file: string): boolean {
  return ['TextGrid', 'Subtitles'].includes(transcriptFormatOf(file) ?? '');
}

/** A label with characters in place of their escapes. Tags of subtitles are kept, because they mean more. */
function asWritten(source: Transcript, file: string, label: string): string {
  if (transcriptFormatOf(file) === 'Subtitles') return readEntities(label);
  return hasSigns(file) ? shownLabel(source, label) : label;
}

/** Labelled intervals of all tiers by their times, because a format may have other tiers. */
function labelled({ tiers }: Transcript, show: (label: string) => string): Interval[] {
  const all = tiers.flatMap((tier) => (tier.kind === 'interval' ? tier.intervals : []));
  return all
    .filter(({ text }) => text.trim() !== '')
    .map((one) => ({ ...one, text: show(one.text) }))
    .sort((a, b) => a.startSec - b.startSec || a.endSec - b.endSec || (a.text < b.text ? -1 : 1));
}

/** Whether a transcript has a label in an interval. */
export function hasLabels({ tiers }: Pick<Transcript, 'tiers'>): boolean {
  return tiers.some(isLabelled);
}

function isLabelled(tier: Tier): boolean {
  return tier.kind === 'interval' && tier.intervals.some(({ text }) => text.trim() !== '');
}

function list(names: readonly string[]): string {
  return nameSome(names, MAX_NAMED, (name) => JSON.stringify(name));
}
