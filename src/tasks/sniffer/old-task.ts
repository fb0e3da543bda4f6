import { type Fault, TaskError } from '../../base/errors.ts';
import { findingAt } from '../../base/finding.ts';
import { PLAIN_NAME, PLAIN_NAME_RULE } from '../../base/plain-name.ts';
import { readOldTime } from './old-time.ts';
import type { SourceRow } from './source.ts';

/** What a task of the older worker becomes. */
export type OldFate = 'draft' | 'queued' | 'completed' | 'failed' | 'cancelled' | 'expired';

/** A task of the older worker. */
export interface OldTask {
  readonly line: number;
  readonly oldId: string;
  readonly user: string;
  /** The value in the table. */
  readonly oldStatus: string;
  readonly fate: OldFate;
  /** Its user has deleted it. */
  readonly isDeleted: boolean;
  readonly lang: string | null;
  readonly engine: string | null;
  readonly taskPath: string | null;
  readonly downloadPath: string | null;
  readonly name: string | null;
  readonly transChoice: string | null;
  readonly errorText: string | null;
  readonly createdAt: Date | null;
  /** When its row was last changed, or when it ended. */
  readonly endedAt: Date | null;
  readonly counts: Readonly<Record<CountColumn, number | null>>;
}

type CountColumn = 'no_of_files' | 'no_of_tiers' | 'words' | 'missing_words';

/** Names that a column may have; the first that exists counts. */
const COLUMNS = {
  id: ['task_id', '_id', 'id'],
  user: ['user_uuid', 'user_id', 'user', 'owner'],
  status: ['task_status', 'status'],
  lang: ['lang', 'language'],
  engine: ['engine', 'ngin', 'engine_code'],
  path: ['task_path', 'path'],
  result: ['download_path', 'result_path'],
  name: ['download_title', 'name', 'title'],
  choice: ['trans_choice'],
  error: ['error_message', 'error_msg', 'error'],
  created: ['created_at', 'created', 'date_created'],
  ended: ['finished_at', 'completed_at', 'updated_at', 'updated'],
  deleted: ['deleted', 'deleted_at'],
  cancelled: ['cancelled', 'canceled'],
} as const;

type Field = keyof typeof COLUMNS;

const FATES: Readonly<Record<string, OldFate>> = {
  uploading: 'draft',
  pending: 'draft',
  uploaded: 'queued',
  queued: 'queued',
  waiting: 'queued',
  aligned: 'queued',
  processing: 'queued',
  running: 'queued',
  aligning: 'queued',
  completed: 'completed',
  complete: 'completed',
  done: 'completed',
  failed: 'failed',
  error: 'failed',
  cancelled: 'cancelled',
  canceled: 'cancelled',
  expired: 'expired',
};

const SUGGESTED = /\s*\(suggested\)$/i;

/** Columns that only our own table has. */
const OURS = ['fence', 'claim', 'job_id'];

/** Reads rows with any order of columns. */
export class OldTaskReader {
  readonly #file: string;
  #columns: readonly string[] | null = null;
  #indexes = new Map<string, number>();

  constructor(file: string) {
    this.#file = file;
  }

  /**
   * @returns the fault of the row, instead of a task
   * @throws TaskError E_USAGE for a table that is not the older worker's
   */
  read(row: SourceRow): OldTask | Fault {
    if (row.columns !== this.#columns) this.#use(row);
    const fields = new Fields(row.cells, this.#indexes);
    const problems: string[] = [];
    const oldId = fields.text('id') ?? '';
    if (!PLAIN_NAME.test(oldId)) problems.push(expectedName(fields.nameOf('id'), fields.text('id')));
    const user = fields.text('user') ?? '';
    if (!PLAIN_NAME.test(user)) problems.push(expectedName(fields.nameOf('user'), fields.text('user')));
    const oldStatus = fields.text('status') ?? '';
    const isCancelled = isTrue(fields.text('cancelled'));
    const found = FATES[plainEnum(oldStatus)];
    if (found === undefined) {
      const known = Object.keys(FATES).join(', ');
      problems.push(
        `${fields.nameOf('status')}: expected one of ${known}; found ${JSON.stringify(oldStatus)}`,
      );
    }
    const time = (field: Field) => {
      const value = readOldTime(fields.text(field));
      if (value !== 'unreadable') return value;
      const expected = 'expected a time such as 2024-05-31 13:45:00';
      problems.push(`${fields.nameOf(field)}: ${expected}, found ${JSON.stringify(fields.text(field))}`);
      return null;
    };
    const createdAt = time('created');
    const endedAt = time('ended');
    if (problems.length > 0)
      return findingAt(
        'E_USAGE',
        { file: this.#file, line: row.line },
        `${named(oldId)}${problems.join('; ')}`,
      );
    const fate = found as OldFate;
    const isOver = fate !== 'draft' && fate !== 'queued';
    return {
      line: row.line,
      oldId,
      user,
      oldStatus,
      fate: isCancelled && !isOver ? 'cancelled' : fate,
      isDeleted: fields.text('deleted') !== null && !isFalse(fields.text('deleted')),
      lang: withoutSuggested(fields.text('lang')),
      engine: withoutSuggested(fields.text('engine')),
      taskPath: fields.text('path'),
      downloadPath: fields.text('result'),
      name: fields.text('name'),
      transChoice: fields.text('choice')?.toLowerCase() ?? null,
      errorText: fields.text('error'),
      createdAt,
      endedAt,
      counts: {
        no_of_files: fields.count('no_of_files'),
        no_of_tiers: fields.count('no_of_tiers'),
        words: fields.count('words'),
        missing_words: fields.count('missing_words'),
      },
    };
  }

  #use({ columns, line }: SourceRow): void {
    if (OURS.every((name) => columns.includes(name))) {
      const text = "this is a table of Autophon's own; expected that of the older worker";
      throw new TaskError('E_USAGE', text, { place: { file: this.#file, line } });
    }
    const indexes = new Map(columns.map((name, index) => [name, index]));
    const missing = (['id', 'user', 'status'] as const).filter(
      (field) => !COLUMNS[field].some((name) => indexes.has(name)),
    );
    if (missing.length > 0) {
      const wanted = missing.map((field) => COLUMNS[field].join(' or ')).join(', and ');
      const text = `expected the columns ${wanted}; found ${columns.slice(0, 40).join(', ')}`;
      throw new TaskError('E_USAGE', text, { place: { file: this.#file, line } });
    }
    this.#columns = columns;
    this.#indexes = indexes;
  }
}

class Fields {
  readonly #cells: readonly (string | null)[];
  readonly #indexes: ReadonlyMap<string, number>;

  constructor(cells: readonly (string | null)[], indexes: ReadonlyMap<string, number>) {
    this.#cells = cells;
    this.#indexes = indexes;
  }

  /** @returns null: there is no such column, or it is empty */
  text(field: Field): string | null {
    return this.#get(this.nameOf(field));
  }

  nameOf(field: Field): string {
    const names: readonly string[] = COLUMNS[field];
    // A column that is empty gives way to the next: a row may have a user_id where user_uuid is NULL.
    return (
      names.find((name) => this.#get(name) !== null) ??
      names.find((name) => this.#indexes.has(name)) ??
      names[0] ??
      field
    );
  }

  count(name: CountColumn): number | null {
    const text = this.#get(name);
    return text !== null && /^\d{1,9}$/.test(text) ? Number(text) : null;
  }

  #get(name: string): string | null {
    const index = this.#indexes.get(name);
    const text = index === undefined ? '' : (this.#cells[index] ?? '').trim();
    return text === '' ? null : text;
  }
}

/** `TaskStatus.COMPLETED`, `COMPLETED` and `completed` are the same. */
function plainEnum(text: string): string {
  return text.replace(SUGGESTED, '').replace(/^.*\./, '').trim().toLowerCase();
}

function withoutSuggested(text: string | null): string | null {
  return text?.replace(SUGGESTED, '').trim() || null;
}

function isTrue(text: string | null): boolean {
  return text !== null && /^(1|t|true|yes)$/i.test(text);
}

function isFalse(text: string | null): boolean {
  return text !== null && /^(0|f|false|no)$/i.test(text);
}

function expectedName(column: string, found: string | null): string {
  const what = found === null ? 'nothing' : JSON.stringify(found.slice(0, 120));
  return `${column}: expected ${PLAIN_NAME_RULE}; found ${what}`;
}

function named(oldId: string): string {
  return PLAIN_NAME.test(oldId) ? `task ${oldId}: ` : '';
}
