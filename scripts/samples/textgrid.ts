import type { TextGrid } from '../../src/formats/textgrid/model.ts';
import type { Interval, IntervalTier } from '../../src/formats/tiers.ts';

export interface TextGridFormat {
  readonly form: 'long' | 'short';
  readonly encoding: 'utf8' | 'utf16le';
}

/** A TextGrid that starts at 0, with empty intervals where a tier has no text. */
export function withGaps(
  tiers: readonly { name: string; intervals: readonly Interval[] }[],
  endSec: number,
): TextGrid {
  return {
    startSec: 0,
    endSec,
    tiers: tiers.map(({ name, intervals }): IntervalTier => {
      const filled: Interval[] = [];
      let sec = 0;
      for (const interval of intervals) {
        if (interval.startSec > sec) filled.push({ startSec: sec, endSec: interval.startSec, text: '' });
        filled.push(interval);
        sec = interval.endSec;
      }
      if (sec < endSec) filled.push({ startSec: sec, endSec, text: '' });
      return { kind: 'interval', name, startSec: 0, endSec, intervals: filled };
    }),
  };
}

/**
 * The bytes of a TextGrid as Praat would save it: in its long or short text form, as UTF-8, or as UTF-16 with a byte
 * order mark. It is written as given, with its faults, since some samples are broken on purpose.
 */
export function textGridBytes(grid: TextGrid, { form, encoding }: TextGridFormat): Buffer {
  const lines = form === 'long' ? longForm(grid) : shortForm(grid);
  const text = `${['File type = "ooTextFile"', 'Object class = "TextGrid"', '', ...lines].join('\n')}\n`;
  return Buffer.from(encoding === 'utf16le' ? `\uFEFF${text}` : text, encoding);
}

function longForm({ startSec, endSec, tiers }: TextGrid): string[] {
  return [
    `xmin = ${startSec} `,
    `xmax = ${endSec} `,
    'tiers? <exists> ',
    `size = ${tiers.length} `,
    'item []: ',
    ...tiers
      .filter(isIntervalTier)
      .flatMap((tier, tierIndex) => [
        `    item [${tierIndex + 1}]:`,
        '        class = "IntervalTier" ',
        `        name = ${quoted(tier.name)} `,
        `        xmin = ${tier.startSec} `,
        `        xmax = ${tier.endSec} `,
        `        intervals: size = ${tier.intervals.length} `,
        ...tier.intervals.flatMap((interval, index) => [
          `        intervals [${index + 1}]:`,
          `            xmin = ${interval.startSec} `,
          `            xmax = ${interval.endSec} `,
          `            text = ${quoted(interval.text)} `,
        ]),
      ]),
  ];
}

function shortForm({ startSec, endSec, tiers }: TextGrid): string[] {
  return [
    `${startSec}`,
    `${endSec}`,
    '<exists>',
    `${tiers.length}`,
    ...tiers
      .filter(isIntervalTier)
      .flatMap((tier) => [
        '"IntervalTier"',
        quoted(tier.name),
        `${tier.startSec}`,
        `${tier.endSec}`,
        `${tier.intervals.length}`,
        ...tier.intervals.flatMap((interval) => [
          `${interval.startSec}`,
          `${interval.endSec}`,
          quoted(interval.text),
        ]),
      ]),
  ];
}

function isIntervalTier(tier: TextGrid['tiers'][number]): tier is IntervalTier {
  return tier.kind === 'interval';
}

function quoted(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}
