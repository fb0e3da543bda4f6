import type { Warning } from '../../../src/base/errors.ts';
import { atOnce } from '../../../src/base/pieces.ts';
import { EAF } from '../../../src/formats/eaf/format.ts';
import type { ReadOptions, Transcript } from '../../../src/formats/transcript.ts';
import { shown } from '../../support/finding.ts';

export interface ReadEaf extends Transcript {
  /** `CODE text`. */
  readonly warnings: readonly string[];
}

/** What the reader finds in an EAF, `talk.eaf`. */
export function readEaf(content: string | Uint8Array, options: Partial<ReadOptions> = {}): ReadEaf {
  const warnings: Warning[] = [];
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  const warn = (warning: Warning) => warnings.push(warning);
  const read = EAF.read(bytes, 'talk.eaf', { legacyEncoding: null, audioSec: 10, warn, ...options });
  return { ...atOnce(read), warnings: warnings.map((one) => `${one.code} ${shown(one)}`) };
}

/** The tiers, each with its name and its intervals as `start end label`; a `*` marks those that are not aligned. */
export function tiersOf({ tiers, keptTiers }: Transcript): Record<string, string[]> {
  return Object.fromEntries(
    tiers.map((tier, index) => [
      `${keptTiers?.has(index) === true ? '*' : ''}${tier.name}`,
      tier.kind === 'interval'
        ? tier.intervals.map(({ startSec, endSec, text }) => `${startSec} ${endSec} ${text}`)
        : [],
    ]),
  );
}
