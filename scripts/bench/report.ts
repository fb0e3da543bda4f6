import { formatTable } from '../../src/cli/table.ts';
import { type Figure, type Findings, type Goal, isGoalMet, ratioOf, type Unit } from './benchmark.ts';

export interface Measured extends Findings {
  readonly name: string;
  readonly summary: string;
  /** Share of the cores that other programs used just before. */
  readonly others: number;
  /** Load average of the last minute, before and after. */
  readonly load: readonly [before: number, after: number];
}

const COLUMNS = [
  { title: 'what' },
  { title: 'measured', align: 'right' },
  { title: 'beside' },
  { title: 'its figure', align: 'right' },
  { title: 'ratio', align: 'right' },
  { title: 'goal', align: 'right' },
  { title: 'goal met' },
] as const;

/** One table for all benchmarks, so that columns line up. Each benchmark begins with its summary. */
export function formatReport(results: readonly Measured[]): string[] {
  const rows = results.flatMap(({ figures }) => figures.map(toCells));
  const [heading = '', ...lines] = formatTable(COLUMNS, rows);
  let next = 0;
  return results.flatMap(({ name, summary, others, load, figures, notes }) => {
    const own = lines.slice(next, next + figures.length);
    next += figures.length;
    const state = `others used ${formatValue(others, 'share')} of the cores, load ${load.map((value) => value.toFixed(1)).join(' -> ')}`;
    return ['', `${name}: ${summary}`, `  ${state}`, heading, ...own, ...notes.map((note) => `  ${note}`)];
  });
}

export function formatVerdict(results: readonly Measured[]): string {
  const verdicts = results.flatMap(({ figures }) => figures.map(isGoalMet)).filter((met) => met !== null);
  return `${verdicts.filter((met) => met).length} of ${verdicts.length} goals met`;
}

/** The same for programs: values in the given unit, shares from 0 to 1. */
export function toJson(results: readonly Measured[]): unknown {
  return results.map((result) => ({
    ...result,
    figures: result.figures.map((figure) => ({
      ...figure,
      ratio: ratioOf(figure),
      isGoalMet: isGoalMet(figure),
    })),
  }));
}

function toCells(figure: Figure): string[] {
  const { what, value, unit, beside, goal } = figure;
  const ratio = ratioOf(figure);
  const met = isGoalMet(figure);
  return [
    `  ${what}`,
    formatValue(value, unit),
    beside?.name ?? '',
    beside === undefined ? '' : formatValue(beside.value, unit),
    ratio === null ? '' : `${ratio.toFixed(2)} x`,
    goal === undefined ? '' : formatGoal(goal, unit),
    met === null ? '' : met ? 'yes' : 'NO',
  ];
}

function formatGoal(goal: Goal, unit: Unit): string {
  if ('ratioAtMost' in goal) return `<= ${goal.ratioAtMost} x`;
  return 'atMost' in goal ? `<= ${formatValue(goal.atMost, unit)}` : `>= ${formatValue(goal.atLeast, unit)}`;
}

function formatValue(value: number, unit: Unit): string {
  switch (unit) {
    case 'share':
      return `${(value * 100).toFixed(1)} %`;
    case 'count':
      return Number.isInteger(value) ? String(value) : value.toFixed(1);
    case '1/s':
      return `${value.toFixed(2)} /s`;
    case 's':
      return `${value.toFixed(2)} s`;
    case 'ms':
    case 'kB':
    case 'MB':
      return `${value.toFixed(1)} ${unit}`;
  }
}
