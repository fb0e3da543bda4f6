// Runs a file of scripts/sql on the project's database and prints its answer, without psql. The comment before each
// query is its title. Usage: node scripts/query.ts FILE
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import pg from 'pg';
import { openApp } from '../src/app/open.ts';
import { formatTime } from '../src/base/time.ts';
import { personalLog } from '../src/cli/command.ts';
import { reportFailure } from '../src/cli/failure.ts';
import type { Output } from '../src/cli/output.ts';
import { programOutput } from '../src/cli/program-output.ts';
import { formatTable } from '../src/cli/table.ts';
import { loadConfig } from '../src/config.ts';

interface Query {
  readonly title: string;
  readonly text: string;
}

const ROOT_DIR = path.resolve(import.meta.dirname, '..');
const output = programOutput(ROOT_DIR, { json: false });

try {
  await main(parseQueries(await readFile(path.resolve(ROOT_DIR, process.argv[2] ?? ''), 'utf8')));
} catch (error) {
  process.exitCode = reportFailure(error, output, false);
}

async function main(queries: readonly Query[]): Promise<void> {
  const config = loadConfig(ROOT_DIR);
  await using app = await openApp(config, personalLog(output, config), 'query');
  const client = new pg.Client({ connectionString: app.url, application_name: 'autophon query' });
  await client.connect();
  try {
    await printAnswers(client, queries);
  } finally {
    await client.end();
  }
}

async function printAnswers(client: pg.Client, queries: readonly Query[]): Promise<void> {
  for (const [index, { title, text }] of queries.entries()) {
    const answer = await client.query({ text, rowMode: 'array' });
    if (index > 0) output.line();
    for (const line of output.wrap(title, output.columns)) output.line(output.paint(line, 'bold'));
    output.lines(formatAnswer(answer, output));
  }
}

function parseQueries(text: string): Query[] {
  return text.split(/;\s*(?:\n|$)/).flatMap((part) => {
    const lines = part.trim().split('\n');
    const title = lines.filter((line) => line.startsWith('--')).map((line) => line.slice(2).trim());
    const query = lines.filter((line) => !line.startsWith('--')).join('\n');
    return query.trim() === '' ? [] : [{ title: title.join(' '), text: query }];
  });
}

/** @param output - its width is that of the terminal */
function formatAnswer({ fields, rows }: pg.QueryArrayResult, { width }: Output): string[] {
  if (rows.length === 0) return ['none'];
  const isNumber = fields.map((_, index) => rows.every((row) => isNumeric(row[index])));
  return formatTable(
    fields.map(({ name }, index) => ({
      title: name.replaceAll('_', ' '),
      align: isNumber[index] ? ('right' as const) : ('left' as const),
      shrinks: !isNumber[index],
    })),
    rows.map((row) => row.map(formatValue)),
    width,
  );
}

function isNumeric(value: unknown): boolean {
  return (
    value === null ||
    typeof value === 'number' ||
    (typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value))
  );
}

function formatValue(value: unknown): string {
  if (value === null) return '';
  if (value instanceof Date) return formatTime(value);
  return String(value);
}
