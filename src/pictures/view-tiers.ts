import type { Finding } from '../base/finding.ts';
import { type InPieces, Piece } from '../base/pieces.ts';
import type { ResultDocument, ResultTier, TierRole } from '../formats/result.ts';
import type { Interval } from '../formats/tiers.ts';

interface ViewTier {
  readonly name: string;
  readonly role: 'words' | 'phones' | 'transcript' | 'other';
  readonly speaker: string;
  /** The tier has points: they begin and end at the same time. */
  readonly points?: true;
  /** Start, end, label, and the label in IPA where that is another one. */
  readonly intervals: readonly (readonly [number, number, string, string?])[];
}

interface ViewPlace {
  readonly from: number;
  readonly to: number;
  readonly text: string;
  readonly code: string;
  readonly tier?: string;
}

const ROLES: Readonly<Record<TierRole, ViewTier['role']>> = {
  word: 'words',
  phone: 'phones',
  trans: 'transcript',
  other: 'other',
};

/**
 * Writes what the viewer shows as JSON, `{seconds, tiers: ViewTier[], doubtful: ViewPlace[]}`, the places in time order. Piece
 * by piece: an hour of speech has some 36,000 phones.
 * @param findings - about the recording; those without a time are left out
 */
export function* writeViewTiers(
  { durationSec, phones, ipa }: ResultDocument,
  findings: readonly Finding[],
  write: (text: string) => void,
): InPieces<void> {
  write(`{"seconds":${durationSec},"tiers":[`);
  const piece = new Piece();
  for (const [index, tier] of phones.entries()) {
    const { name, role, speaker } = tier;
    const head = { name, role: ROLES[role], speaker, ...(tier.kind === 'point' ? { points: true } : {}) };
    write(`${index === 0 ? '' : ','}${JSON.stringify(head).slice(0, -1)},"intervals":[`);
    const inIpa = role === 'phone' ? intervalsOf(ipa?.[index]) : [];
    for (const [at, { startSec, endSec, text }] of intervalsOf(tier).entries()) {
      const other = inIpa[at]?.text ?? text;
      write(
        `${at === 0 ? '' : ','}${JSON.stringify([startSec, endSec, text, ...(other === text ? [] : [other])])}`,
      );
      if (piece.add(text)) yield;
    }
    write(']}');
  }
  const doubtful = findings.flatMap((finding) => toPlace(finding, phones));
  doubtful.sort((a, b) => a.from - b.from || a.to - b.to);
  write(`],"doubtful":${JSON.stringify(doubtful)}}\n`);
}

function intervalsOf(tier: ResultTier | undefined): readonly Interval[] {
  if (tier === undefined) return [];
  if (tier.kind === 'interval') return tier.intervals;
  return tier.points.map(({ timeSec, text }) => ({ startSec: timeSec, endSec: timeSec, text }));
}

/** A finding about an interval of the transcript ends where that does. */
function toPlace({ code, text, place }: Finding, tiers: readonly ResultTier[]): ViewPlace[] {
  const from = place?.timeSec;
  if (place === undefined || from === undefined) return [];
  const { tier } = place;
  const written = tiers.find(({ role, name }) => role === 'trans' && name === `${tier} - trans`);
  const to = place.endSec ?? endOfInterval(intervalsOf(written), from) ?? from;
  return [{ from, to, text, code, ...(tier === undefined ? {} : { tier }) }];
}

function endOfInterval(intervals: readonly Interval[], timeSec: number): number | undefined {
  let from = 0;
  let to = intervals.length;
  while (from < to) {
    const middle = (from + to) >>> 1;
    if ((intervals[middle]?.endSec ?? 0) <= timeSec) from = middle + 1;
    else to = middle;
  }
  return intervals[from]?.endSec;
}
