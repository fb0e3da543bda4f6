import { labelOf, type Tier } from './tier.ts';

/**
 * Tiers as a TextGrid in Praat's long text form, as the worker writes it.
 * Source: Praat manual, "TextGrid file formats".
 */
export function writeTextGrid(tiers: readonly Tier[], seconds: number, isIpa: boolean): string {
  const lines = [
    'File type = "ooTextFile"',
    'Object class = "TextGrid"',
    '',
    'xmin = 0 ',
    `xmax = ${toNumber(seconds)} `,
    'tiers? <exists> ',
    `size = ${tiers.length} `,
    'item []: ',
  ];
  for (const [at, tier] of tiers.entries()) {
    lines.push(
      `    item [${at + 1}]:`,
      `        class = "${tier.isPoints ? 'TextTier' : 'IntervalTier'}" `,
      `        name = ${quote(tier.name)} `,
      '        xmin = 0 ',
      `        xmax = ${toNumber(seconds)} `,
      `        ${tier.isPoints ? 'points' : 'intervals'}: size = ${tier.starts.length} `,
    );
    for (const [index, start] of tier.starts.entries()) {
      const label = quote(labelOf(tier, index, isIpa));
      if (tier.isPoints)
        lines.push(
          `        points [${index + 1}]:`,
          `            number = ${toNumber(start)} `,
          `            mark = ${label} `,
        );
      else
        lines.push(
          `        intervals [${index + 1}]:`,
          `            xmin = ${toNumber(start)} `,
          `            xmax = ${toNumber(tier.ends[index] ?? start)} `,
          `            text = ${label} `,
        );
    }
  }
  lines.push('');
  return lines.join('\n');
}

/** In Praat's text a quote is two quotes. */
function quote(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}

/** Praat writes powers of ten below 0.0001: nothing here is as short, but for zero. */
function toNumber(sec: number): string {
  return Math.abs(sec) < 1e-6 ? '0' : String(sec);
}
