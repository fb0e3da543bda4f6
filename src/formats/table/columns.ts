import type { ColumnChoices } from '../../base/column-choices.ts';
import { nameSome } from '../../base/name-some.ts';
import { quoteFound } from '../malformed.ts';
import { findChosen, hasNames } from './chosen-columns.ts';
import type { Column, Named, Unclear } from './column.ts';
import { HEADER_ROLES, type HeaderRole, readHeader, readHeaders } from './column-names.ts';
import { rolesWithoutNames } from './roles-without-names.ts';
import type { TimeUnit } from './times.ts';

const BESIDE = ['ipa', 'quality'] as const;
type Beside = (typeof BESIDE)[number];

/** What is known about the columns of a table after its first row. */
export interface Columns {
  readonly byRole: Readonly<Partial<Record<HeaderRole, Column>>>;
  /** Whether the first row has names. */
  readonly hasHeader: boolean;
  /** Names of columns that are not read. */
  readonly unused: readonly string[];
  /** Indices of columns of `phones.csv`, a result of this program, whose content is not in a tier. */
  readonly beside: Readonly<Partial<Record<Beside, number>>>;
  /** How many cells a row has at most. */
  readonly width: number;
  /** Whether Praat made the table from a TextGrid. Its points have the same begin and end. */
  readonly isPraat: boolean;
  /** Whether the names are those of Whisper's tables, whose times are milliseconds without a unit. */
  readonly isWhisper: boolean;
}

/** Units, the most exact first: ELAN writes the same times in several units. */
const UNITS: readonly TimeUnit[] = ['ms', 's', 'plain', 'clock'];
const WHISPER = 'start\tend\ttext';
const OF_NO_PROGRAM = { beside: {}, isPraat: false, isWhisper: false };
const MAX_NAMED = 10;
/** A sheet of Excel has no more columns. All names are read without a pause, which blocks the event loop. */
const MAX_COLUMNS = 16_384;
const HOW =
  'name the columns in the first row, such as file, speaker, begin, end, text, or say which they are with --columns';

/** How many cells of a row are names of columns. */
export function countNames(cells: readonly string[]): number {
  return cells.filter((cell) => readHeader(cell) !== null).length;
}

/**
 * Finds the columns of a table: those that the user has chosen, and others by the names in the first row or, without names, by the
 * times in it.
 * @returns the columns, or why they are not clear
 */
export function findColumns(cells: readonly string[], choices: ColumnChoices = []): Columns | Unclear {
  if (cells.length > MAX_COLUMNS) {
    const text = `expected at most ${MAX_COLUMNS} columns, found ${cells.length}; save the table with only those that are needed`;
    return { text };
  }
  const knownCount = countNames(cells);
  if (choices.length === 0)
    return knownCount === 0 ? (findWithoutNames(cells) ?? noColumns(cells)) : findByNames(cells, []);
  const chosen = findChosen(cells, choices);
  if (!Array.isArray(chosen)) return chosen as Unclear;
  return hasNames(cells, chosen, choices, knownCount)
    ? findByNames(cells, chosen)
    : onlyChosen(cells, chosen);
}

/** The chosen columns of a table without names. */
function onlyChosen(cells: readonly string[], chosen: readonly Named[]): Columns | Unclear {
  const byRole: Partial<Record<HeaderRole, Named>> = {};
  for (const one of chosen) byRole[one.role] = { ...one, header: one.role, unit: 'plain' };
  const unclear = keepNeeded(byRole, cells);
  return unclear ?? { byRole, hasHeader: false, unused: [], width: cells.length, ...OF_NO_PROGRAM };
}

function findByNames(cells: readonly string[], chosen: readonly Named[]): Columns | Unclear {
  const isOpen = isLeftOpenBy(chosen);
  const found = readHeaders(cells).flatMap((known, index): Named[] =>
    known === null ? [] : [{ ...known, index, header: (cells[index] ?? '').trim() }],
  );
  const named = [...chosen, ...found.filter(isOpen)];
  const byRole: Partial<Record<HeaderRole, Named>> = {};
  for (const role of HEADER_ROLES) {
    const chosen = choose(named.filter((one) => one.role === role));
    if (chosen === null) continue;
    if (!('header' in chosen)) return chosen;
    byRole[role] = chosen;
  }
  const unclear = keepNeeded(byRole, cells);
  if (unclear !== null) return unclear;
  const read = Object.values(byRole);
  /** ELAN writes the same times in several units, and durations beside ends. */
  const isRepeated = ({ role, name }: Named) =>
    read.some((one) => one.role === role && one.name === name) ||
    (role === 'duration' && byRole.end !== undefined);
  const beside = byRole.wordNumber === undefined ? {} : findBeside(cells);
  const passedOver = new Set([
    ...[...read, ...named.filter(isRepeated)].map(({ index }) => index),
    ...Object.values(beside),
  ]);
  const unused = cells
    .map((header) => header.trim())
    .filter((header, index) => header !== '' && !passedOver.has(index));
  const isPraat = byRole.begin?.name === 'tmin' && byRole.end?.name === 'tmax';
  return {
    byRole,
    hasHeader: true,
    unused,
    beside,
    width: cells.length,
    isPraat,
    isWhisper: chosen.length === 0 && cells.map((cell) => cell.trim()).join('\t') === WHISPER,
  };
}

function findBeside(cells: readonly string[]): Columns['beside'] {
  const found = BESIDE.map((name) => [name, cells.findIndex((cell) => cell.trim() === name)] as const);
  return Object.fromEntries(found.filter(([, index]) => index >= 0));
}

/** Makes a function that tells whether a column with a known name can be used in addition to the chosen columns. */
function isLeftOpenBy(chosen: readonly Named[]): (one: Named) => boolean {
  const taken = new Set<HeaderRole>(chosen.map(({ role }) => role));
  if (taken.has('duration')) taken.add('end');
  if (taken.has('text')) for (const role of ['phone', 'word', 'wordNumber', 'kind'] as const) taken.add(role);
  return ({ role, index }) => !taken.has(role) && chosen.every((one) => one.index !== index);
}

function choose(named: readonly Named[]): Named | Unclear | null {
  if (named.length === 0) return null;
  const rank = Math.min(...named.map((one) => one.rank));
  const best = named.filter((one) => one.rank === rank);
  const readable = best.filter(({ unit }) => UNITS.includes(unit));
  const [first, ...others] = readable.sort((a, b) => UNITS.indexOf(a.unit) - UNITS.indexOf(b.unit));
  if (first === undefined) {
    const { header, index } = best[0] as Named;
    const text = `expected times in seconds, milliseconds or hh:mm:ss.mmm, found ${quoteFound(header)}; write the times in one of these units`;
    return { text, index };
  }
  const other = others.find((one) => one.name !== first.name || one.unit === first.unit);
  if (other === undefined) return first;
  const text =
    `expected one column for ${first.role}, found ${quoteFound(first.header)} and ${quoteFound(other.header)}; ` +
    'rename or remove the one that is not meant';
  return { text, index: other.index };
}

/** Removes columns that are not needed, since others have the same content. @returns what is missing; null: nothing */
function keepNeeded(byRole: Partial<Record<HeaderRole, Named>>, cells: readonly string[]): Unclear | null {
  const { begin, end, duration, word, phone, wordNumber, speaker } = byRole;
  if (end !== undefined) delete byRole.duration;
  if (phone !== undefined && word !== undefined && wordNumber !== undefined) {
    delete byRole.text;
    delete byRole.kind;
    return begin === undefined || end === undefined ? noColumns(cells) : null;
  }
  if (byRole.text === undefined && word !== undefined) {
    if (phone !== undefined) {
      const found = `${quoteFound(word.header)} and ${quoteFound(phone.header)}`;
      const text = `expected one column of text, found ${found}; rename the right one to "text"`;
      return { text, index: phone.index };
    }
    byRole.text = word;
  }
  delete byRole.word;
  delete byRole.phone;
  delete byRole.wordNumber;
  if (byRole.text === undefined) return noColumns(cells);
  if (byRole.text.name !== 'label' || speaker === undefined) delete byRole.kind;
  if (end?.name === 'offset' && begin?.name !== 'onset') {
    const text = `expected "end" or "duration", found ${quoteFound(end.header)}, which may be either; rename the column`;
    return { text, index: end.index };
  }
  const last = end ?? duration;
  if (begin !== undefined || last === undefined) return null;
  return { text: `expected a column "begin" beside ${quoteFound(last.header)}, found none; ${HOW}` };
}

function findWithoutNames(cells: readonly string[]): Columns | null {
  const found = rolesWithoutNames(cells);
  if (found === null) return null;
  const byRole = Object.fromEntries(
    found.flatMap((role, index) =>
      role === null ? [] : [[role, { index, header: role, unit: 'plain' } satisfies Column]],
    ),
  );
  return { byRole, hasHeader: false, unused: [], width: cells.length, ...OF_NO_PROGRAM };
}

function noColumns(cells: readonly string[]): Unclear {
  const found = cells.map((cell) => cell.trim()).filter((cell) => cell !== '');
  const named = nameSome(found, MAX_NAMED, quoteFound);
  return {
    text: `expected a column "text", and "begin" and "end" or "file" beside it, found ${named}; ${HOW}`,
  };
}
