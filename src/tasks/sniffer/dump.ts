import { type Read, sourceFault } from './source.ts';
import { type SqlToken, SqlTokens } from './sql-tokens.ts';

/** Limit of one value: a row of an unwanted table may contain a picture. */
const MAX_TOKEN_CHARS = 64 * 1024 * 1024;
const MAX_COLUMNS = 500;
/** Number of other tables that a message names. */
const MAX_NAMED = 20;
/** First words of parts of a definition that are not columns. */
const NO_COLUMN = /^(primary|unique|key|index|fulltext|spatial|constraint|foreign|check|period)$/i;

/**
 * The rows of one table in a dump of MySQL or MariaDB (mysqldump), while it is read. Only `CREATE TABLE` and `INSERT`
 * of this table are looked at; everything else is skipped.
 * @param pieces - text of the dump
 * @throws TaskError E_USAGE when the dump ends too early, or has no rows of the table
 */
export async function* readDump(
  pieces: AsyncIterable<string>,
  table: string,
  file: string,
): AsyncGenerator<Read> {
  const tokens = new SqlTokens();
  const reader = new TableReader(table);
  for await (const piece of pieces) {
    tokens.add(piece);
    yield* reader.read(tokens);
    if (tokens.waiting > MAX_TOKEN_CHARS)
      throw sourceFault(
        file,
        tokens.line,
        'a value or comment of more than 64 million characters; is this a dump?',
      );
  }
  tokens.end();
  yield* reader.read(tokens);
  if (tokens.waiting > 0 || !reader.isBetweenStatements)
    throw sourceFault(file, tokens.line, 'the dump ends in the middle of a statement; make or copy it again');
  if (!reader.hasFound) throw noTable(table, file, [...reader.others]);
}

function noTable(table: string, file: string, others: readonly string[]) {
  const found = others.length === 0 ? 'no tables' : `rows of ${others.join(', ')}`;
  const fix = 'Give a dump by mysqldump, or name the table with --table.';
  return sourceFault(file, null, `expected rows of the table ${table} (INSERT INTO), found ${found}. ${fix}`);
}

type State = 'start' | 'skip' | 'insert' | 'columns' | 'values' | 'row' | 'create' | 'definitions';

/** What is known of the statement that is read. */
class TableReader {
  readonly others = new Set<string>();
  hasFound = false;
  readonly #table: string;
  #state: State = 'start';
  #name = '';
  /** Of the table, in the order of its definition. */
  #defined: string[] = [];
  /** Of the statement. */
  #columns: readonly string[] = [];
  #listed: string[] = [];
  #depth = 0;
  #isFirst = true;
  #row: RowReader | null = null;

  constructor(table: string) {
    this.#table = table.toLowerCase();
  }

  get isBetweenStatements(): boolean {
    return this.#state === 'start';
  }

  *read(tokens: SqlTokens): Generator<Read> {
    for (let token = tokens.next(); token !== null; token = tokens.next()) {
      const row = this.#take(token);
      if (row !== null) yield row;
    }
  }

  #take(token: SqlToken): Read | null {
    if (this.#state === 'row') return this.#takeValue(token);
    if (isSign(token, ';')) {
      this.#endDefinitions();
      this.#state = 'start';
      return null;
    }
    switch (this.#state) {
      case 'start':
        this.#begin(token);
        return null;
      case 'insert':
        this.#takeInsert(token);
        return null;
      case 'columns':
        this.#takeColumn(token);
        return null;
      case 'create':
        this.#takeCreate(token);
        return null;
      case 'definitions':
        this.#takeDefinition(token);
        return null;
      case 'values':
        if (isSign(token, '(')) {
          this.#row = new RowReader(this.#columns, token.line);
          this.#state = 'row';
        } else if (!isSign(token, ',')) this.#state = 'skip';
        return null;
      case 'skip':
        return null;
    }
  }

  #begin({ kind, value }: SqlToken): void {
    const verb = kind === 'word' ? value.toLowerCase() : '';
    this.#name = '';
    this.#listed = [];
    this.#columns = this.#defined;
    if (verb === 'insert' || verb === 'replace') this.#state = 'insert';
    else this.#state = verb === 'create' ? 'create' : 'skip';
  }

  /** `INSERT [IGNORE] INTO [db.]table [(columns)] VALUES` */
  #takeInsert(token: SqlToken): void {
    if (isSign(token, '(')) {
      this.#state = this.#isWanted() ? 'columns' : 'skip';
    } else if (isWord(token, 'values') || isWord(token, 'value')) {
      this.#state = this.#isWanted() ? 'values' : 'skip';
    } else if (token.kind === 'sign' || isWord(token, 'set') || isWord(token, 'select')) {
      this.#state = 'skip';
    } else if (!/^(into|ignore|low_priority|delayed|high_priority)$/i.test(token.value)) {
      this.#name = nameAfter(this.#name, token);
    }
  }

  #takeColumn(token: SqlToken): void {
    if (isSign(token, ')')) {
      this.#columns = this.#listed;
      this.#state = 'insert';
    } else if (token.kind !== 'sign' && this.#listed.length < MAX_COLUMNS) {
      this.#listed.push(token.value.toLowerCase());
    }
  }

  /** `CREATE TABLE [IF NOT EXISTS] [db.]table (` */
  #takeCreate(token: SqlToken): void {
    if (isSign(token, '(')) {
      this.#state = lastName(this.#name) === this.#table ? 'definitions' : 'skip';
      this.#depth = 0;
      this.#isFirst = true;
    } else if (token.kind !== 'sign' && !/^(table|if|not|exists|temporary|or|replace)$/i.test(token.value)) {
      this.#name = nameAfter(this.#name, token);
    }
  }

  #takeDefinition(token: SqlToken): void {
    const isOuter = this.#depth === 0;
    if (isSign(token, '(')) this.#depth++;
    else if (isSign(token, ')')) this.#depth--;
    if (
      isOuter &&
      this.#isFirst &&
      token.kind !== 'sign' &&
      !(token.kind === 'word' && NO_COLUMN.test(token.value))
    )
      this.#listed.push(token.value.toLowerCase());
    this.#isFirst = isOuter && isSign(token, ',');
    if (this.#depth < 0) {
      this.#endDefinitions();
      this.#state = 'skip';
    }
  }

  #endDefinitions(): void {
    if (this.#state === 'definitions') this.#defined = this.#listed.slice(0, MAX_COLUMNS);
  }

  #takeValue(token: SqlToken): Read | null {
    const row = this.#row?.take(token) ?? null;
    if (row === null) return null;
    this.#row = null;
    this.#state = 'values';
    return row;
  }

  #isWanted(): boolean {
    if (lastName(this.#name) === this.#table) {
      this.hasFound = true;
      return true;
    }
    if (this.others.size < MAX_NAMED && this.#name !== '') this.others.add(lastName(this.#name));
    return false;
  }
}

/** The values of one row, up to its closing bracket. */
class RowReader {
  readonly #columns: readonly string[];
  readonly #line: number;
  readonly #cells: (string | null)[] = [];
  #fault: string | null = null;
  #depth = 0;
  /** `_binary`, `X` or `b` before a text; null: nothing waits. */
  #prefix: string | null = null;
  #hasValue = false;

  constructor(columns: readonly string[], line: number) {
    this.#columns = columns;
    this.#line = line;
  }

  /** @returns null: the row goes on */
  take(token: SqlToken): Read | null {
    const isEnd = isSign(token, ')') && this.#depth === 0;
    if (isEnd || (isSign(token, ',') && this.#depth === 0)) {
      if (this.#prefix !== null) this.#add(this.#prefix);
      if (!this.#hasValue) this.#fault ??= 'expected a value, found none';
      this.#hasValue = false;
      this.#prefix = null;
      return isEnd ? this.#end() : null;
    }
    if (token.kind === 'sign') {
      this.#fault ??= `expected a value, found ${JSON.stringify(token.value)}`;
      if (token.value === '(') this.#depth++;
      if (token.value === ')') this.#depth--;
      return null;
    }
    if (token.kind === 'word' && /^(_\w+|x|b|n)$/i.test(token.value)) this.#prefix = token.value;
    else if (token.kind === 'text' && this.#prefix !== null) {
      this.#add(prefixed(this.#prefix, token.value));
      this.#prefix = null;
    } else this.#add(token.kind === 'word' ? plainValue(token.value) : token.value);
    return null;
  }

  #add(value: string | null): void {
    if (this.#hasValue) this.#fault ??= `expected , or ) after a value, found ${JSON.stringify(value)}`;
    this.#hasValue = true;
    if (this.#cells.length <= MAX_COLUMNS) this.#cells.push(value);
  }

  #end(): Read {
    const line = this.#line;
    const columns = this.#columns;
    if (this.#fault !== null) return { line, text: `the row cannot be read: ${this.#fault}` };
    if (columns.length === 0)
      return {
        line,
        text: 'the columns are not known: the dump has neither CREATE TABLE nor names in INSERT',
      };
    if (columns.length !== this.#cells.length)
      return { line, text: `expected ${columns.length} values, found ${this.#cells.length}` };
    return { line, columns, cells: this.#cells };
  }
}

function prefixed(prefix: string, text: string): string {
  if (/^x$/i.test(prefix)) return Buffer.from(text, 'hex').toString();
  if (/^b$/i.test(prefix)) return fromBits(text);
  return text;
}

function plainValue(word: string): string | null {
  if (/^null$/i.test(word)) return null;
  const [, hex] = /^0x([0-9a-f]+)$/i.exec(word) ?? [];
  return hex === undefined ? word : Buffer.from(hex, 'hex').toString();
}

function fromBits(text: string): string {
  return /^[01]{1,64}$/.test(text) ? BigInt(`0b${text}`).toString() : text;
}

function nameAfter(before: string, { kind, value }: SqlToken): string {
  return kind === 'word' && value.startsWith('.')
    ? `${before}${value}`
    : before.endsWith('.')
      ? `${before}${value}`
      : value;
}

/** Without the name of the database. */
function lastName(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1).toLowerCase();
}

function isSign({ kind, value }: SqlToken, sign: string): boolean {
  return kind === 'sign' && value === sign;
}

function isWord({ kind, value }: SqlToken, word: string): boolean {
  return kind === 'word' && value.toLowerCase() === word;
}
