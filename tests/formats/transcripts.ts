import { parseColumnChoices } from '../../src/base/column-choices.ts';
import type { Warning } from '../../src/base/errors.ts';
import { formatFinding } from '../../src/base/finding.ts';
import { atOnce } from '../../src/base/pieces.ts';
import type { LegacyEncoding } from '../../src/formats/text-encoding.ts';
import type { Transcript, TranscriptFormat } from '../../src/formats/transcript.ts';
import { shownLabel } from '../../src/formats/transcript.ts';
import { thrownBy } from './thrown.ts';

export interface Reading {
  readonly transcript: Transcript;
  /** `CODE place: text`, in order. */
  readonly warnings: readonly string[];
}

interface ReadingOptions {
  readonly audioSec?: number | null;
  readonly audioRateHz?: number;
  readonly legacyEncoding?: LegacyEncoding | null;
  /** See `parseColumnChoices`. */
  readonly columns?: string;
}

/** Reads a transcript of a format. @param content - text is given as UTF-8 */
export function readAs(
  format: TranscriptFormat,
  file: string,
  content: string | Uint8Array,
  { audioSec = 10, audioRateHz = 16_000, legacyEncoding = null, columns = '' }: ReadingOptions = {},
): Reading {
  const warnings: Warning[] = [];
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  const options = {
    legacyEncoding,
    audioSec,
    audioRateHz,
    columns: parseColumnChoices(columns),
    warn: (warning: Warning) => warnings.push(warning),
  };
  const transcript = atOnce(format.read(bytes, file, options));
  return { transcript, warnings: warnings.map((one) => `${one.code} ${formatFinding(one)}`) };
}

/** The faults of a transcript that must be refused, `CODE place: text` each. */
export function faultsOf(
  format: TranscriptFormat,
  file: string,
  content: string | Uint8Array,
  options: ReadingOptions = {},
): string[] {
  const error = thrownBy(() => readAs(format, file, content, options));
  return error.faults.map((fault) => `${fault.code} ${formatFinding(fault)}`);
}

/** The labelled intervals of each tier: `1-2.5 so it was`. */
export function told({ tiers }: Transcript): Record<string, string[]> {
  const lines = tiers.map((tier) => {
    if (tier.kind === 'point')
      return [tier.name, tier.points.map(({ timeSec, text }) => `${timeSec} ${text}`)];
    return [tier.name, tier.intervals.map(({ startSec, endSec, text }) => `${startSec}-${endSec} ${text}`)];
  });
  return Object.fromEntries(lines);
}

/** The spoken text of each label. */
export function spoken(transcript: Transcript): string[] {
  return transcript.tiers.flatMap((tier) =>
    tier.kind === 'point' ? [] : tier.intervals.map(({ text }) => shownLabel(transcript, text)),
  );
}
