import type { TextGrid } from '../../src/formats/textgrid/model.ts';
import { type Comparison, comparePhones, compareWords } from './compare.ts';
import { type Figures, figuresOf } from './figures.ts';
import { toEngineLabel } from './phone-labels.ts';

/** A sample with its reference and its result; null if there is no result. */
export interface Judged {
  readonly name: string;
  readonly language: 'en-us' | 'fr-fr';
  readonly reference: TextGrid;
  readonly result: TextGrid | null;
}

export interface Row {
  /** Name of the sample, or of the language for all its samples together. */
  readonly name: string;
  readonly isTotal: boolean;
  readonly words: Unit;
  readonly phones: Unit;
}

export interface Unit extends Figures {
  readonly referenceCount: number;
  readonly comparedCount: number;
}

interface Measured {
  readonly judged: Judged;
  readonly words: Comparison;
  readonly phones: Comparison;
}

const LANGUAGES = [
  { language: 'en-us', name: 'all English' },
  { language: 'fr-fr', name: 'all French' },
] as const;
const NOTHING: TextGrid = { startSec: 0, endSec: 0, tiers: [] };

/** A row for each sample, and a row for each language. */
export function reportOn(samples: readonly Judged[]): Row[] {
  const measured = samples.map((judged): Measured => {
    const { language, reference } = judged;
    const result = judged.result ?? NOTHING;
    return {
      judged,
      words: compareWords(result, reference),
      phones: comparePhones(result, reference, (label) => toEngineLabel(language, label)),
    };
  });
  return LANGUAGES.flatMap(({ language, name }) => {
    const own = measured.filter(({ judged }) => judged.language === language);
    if (own.length === 0) return [];
    return [...own.map((one) => rowOf(one.judged.name, false, [one])), rowOf(name, true, own)];
  });
}

/** The rows as two tables for readers: words, then phones. */
export function formatReport(rows: readonly Row[]): string {
  return [
    'Words: errors in ms, and % within limits (a missing word is outside every limit)',
    ...formatTable(rows, ({ words }) => words),
    '',
    'Phones: the same, in words for which both sides have the same phones',
    ...formatTable(rows, ({ phones }) => phones),
  ].join('\n');
}

function rowOf(name: string, isTotal: boolean, parts: readonly Measured[]): Row {
  return {
    name,
    isTotal,
    words: unitOf(
      parts.map(({ words }) => words),
      true,
    ),
    phones: unitOf(
      parts.map(({ phones }) => phones),
      false,
    ),
  };
}

/**
 * @param countMissing - true: units that were not compared count as wrong; false: they only lower the number compared
 */
function unitOf(parts: readonly Comparison[], countMissing: boolean): Unit {
  const sum = (pick: (part: Comparison) => number): number =>
    parts.reduce((total, part) => total + pick(part), 0);
  const referenceCount = sum((part) => part.referenceCount);
  const comparedCount = sum((part) => part.matchedCount);
  const missingCount = countMissing ? 2 * (referenceCount - comparedCount) : 0;
  return {
    referenceCount,
    comparedCount,
    ...figuresOf(
      parts.flatMap((part) => part.errorsMs),
      missingCount,
    ),
  };
}

function formatTable(rows: readonly Row[], pick: (row: Row) => Unit): string[] {
  const lines = [
    ['sample', 'n', 'matched', 'mean', 'median', '<= 20', '<= 50', '<= 100'],
    ...rows.map((row) => {
      const unit = pick(row);
      return [
        row.name,
        `${unit.referenceCount}`,
        `${unit.comparedCount}`,
        decimal(unit.meanMs),
        decimal(unit.medianMs),
        percent(unit.within20Ms),
        percent(unit.within50Ms),
        percent(unit.within100Ms),
      ];
    }),
  ];
  const widths = lines[0]?.map((_, column) => Math.max(...lines.map((cells) => cells[column]?.length ?? 0)));
  const pad = (cell: string, column: number): string =>
    column === 0 ? cell.padEnd(widths?.[0] ?? 0) : cell.padStart(widths?.[column] ?? 0);
  return lines.map((cells) => `${cells.map(pad).join('  ')}`);
}

function decimal(value: number): string {
  return Number.isNaN(value) ? '-' : value.toFixed(1);
}

function percent(share: number): string {
  return Number.isNaN(share) ? '-' : (100 * share).toFixed(1);
}
