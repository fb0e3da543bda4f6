import { inputKindOf } from '../../base/input-kinds.ts';
import type { HeaderRole } from './column-names.ts';
import { isWholeNumber, readTime, TOLERANCE_SEC } from './times.ts';

type Roles = readonly (HeaderRole | null)[];

/** The order of ELAN's exports: names, times, text. */
const TIMES: Roles = ['begin', 'end', 'text'];
const TIMES_AND_DURATION: Roles = ['begin', 'end', 'duration', 'text'];
const MAX_NAMES = 2;

/** The roles of the columns of a table without names, by its first row; null: they are not clear. */
export function rolesWithoutNames(cells: readonly string[]): Roles | null {
  const isFile = inputKindOf(cells[0]?.trim() ?? '') === 'audio';
  for (const roles of [TIMES_AND_DURATION, TIMES]) {
    const names = cells.length - roles.length;
    if (names < 0 || names > MAX_NAMES) continue;
    const times = cells.slice(names, -1).map((cell) => readTime(cell.trim(), 'plain'));
    if (areTimes(times)) return [...rolesOfNames(cells.slice(0, names), isFile), ...roles];
  }
  return cells.length === 2 && isFile ? ['file', 'text'] : null;
}

/** Whether cells are begin and end, and a third one the duration. */
function areTimes([begin = null, end = null, duration]: readonly (number | null)[]): boolean {
  if (begin === null || end === null || duration === null) return false;
  return duration === undefined || Math.abs(begin + duration - end) <= TOLERANCE_SEC;
}

/**
 * The columns before the times: one is a tier or a recording; two are a recording and a tier, a number and a tier, or a
 * tier and a participant.
 */
function rolesOfNames(names: readonly string[], isFile: boolean): Roles {
  const [first] = names;
  if (first === undefined) return [];
  if (names.length === 1) return [isFile ? 'file' : 'tier'];
  if (isFile) return ['file', 'tier'];
  return isWholeNumber(first.trim()) ? [null, 'tier'] : ['tier', null];
}
