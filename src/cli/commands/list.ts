import { openApp } from '../../app/open.ts';
import { nearest } from '../../base/nearest.ts';
import type { Db } from '../../db/connect.ts';
import { TASK_STATUSES, type TaskFilter, type TaskStatus } from '../../db/schema.ts';
import { isCursor } from '../../db/task-filter.ts';
import { type ListedTask, listTaskPage, type Page, type TaskPage } from '../../db/task-list.ts';
import { assertCount, assertErrorCode, usage, type Values, wholeNumber } from '../args.ts';
import { configOf, defineCommand, type ExitCode, personalLog } from '../command.ts';
import { parseMoment } from '../moment.ts';
import { formatTaskList, listedDocument } from '../task-list.ts';

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 1000;

const OPTIONS = {
  user: { type: 'string', short: 'u', value: 'NAME', help: 'tasks of this user' },
  status: {
    type: 'string',
    short: 's',
    value: 'STATUS',
    help: 'in this status, or in one of several with commas between them',
  },
  code: { type: 'string', value: 'CODE', help: 'with this error code' },
  lang: {
    type: 'string',
    short: 'l',
    value: 'CODE',
    help: 'in this language; the beginning of its code is enough',
  },
  since: { type: 'string', value: 'TIME', help: 'made at this time or later' },
  until: { type: 'string', value: 'TIME', help: 'made before this time, or before the end of this day' },
  limit: {
    type: 'string',
    short: 'n',
    value: 'NUMBER',
    help: `how many at most, 1 to ${MAX_LIMIT} (default ${DEFAULT_LIMIT})`,
  },
  cursor: { type: 'string', value: 'CURSOR', help: 'go on where an earlier list ended' },
} as const;

export const listCommand = defineCommand({
  name: 'list',
  usage: '',
  details: [
    'Newest first. TIME is a day (2026-03-01), a time ("2026-03-01 15:54"), or an age (90min, 24h, 7d).',
    'When there are more tasks than are shown, the last line says how to see the next ones.',
  ],
  options: OPTIONS,
  examples: [
    'autophon list --user anna',
    'autophon list --status failed --since 7d',
    'autophon list --code E_AUDIO_CUT_SHORT --lang engUS --json',
  ],
  run: async ({ values, positionals }, context): Promise<ExitCode> => {
    assertCount('list', positionals, { min: 0, max: 0, what: 'no arguments' });
    const filter = parseFilter(values);
    const page = parsePage(values);
    const { output } = context;
    const config = configOf(context);
    await using app = await openApp(config, personalLog(output, config), 'list');
    const { tasks, next } = await readWholePage(app.db, filter, page);
    output.lines(
      tasks.length === 0 ? ['no such tasks'] : formatTaskList(tasks, filter.user === null, output),
    );
    if (next !== null) output.line(`\nThere are more: run the same command with --cursor ${next}`);
    output.json({ tasks: tasks.map(listedDocument), next });
    return 0;
  },
});

/** A page with as many tasks as are wanted: one query may end earlier, so that it does not take too long. */
async function readWholePage(db: Db, filter: TaskFilter, { cursor, limit }: Page): Promise<TaskPage> {
  const tasks: ListedTask[] = [];
  let next = cursor;
  do {
    const page: TaskPage = await listTaskPage(db, filter, { cursor: next, limit: limit - tasks.length });
    tasks.push(...page.tasks);
    next = page.next;
  } while (next !== null && tasks.length < limit);
  return { tasks, next };
}

type Given = Partial<Values<typeof OPTIONS>>;

/** @throws TaskError E_USAGE */
export function parseFilter({ user, status, code, lang, since, until }: Given): TaskFilter {
  if (code !== undefined) assertErrorCode('list', code);
  return {
    user: user ?? null,
    statuses: status === undefined ? null : status.split(',').map((one) => parseStatus(one.trim())),
    errorCode: code ?? null,
    lang: lang ?? null,
    engine: null,
    search: null,
    since: since === undefined ? null : parseMoment('list', '--since', since, 'start'),
    before: until === undefined ? null : parseMoment('list', '--until', until, 'end'),
  };
}

function parseStatus(text: string): TaskStatus {
  const status = TASK_STATUSES.find((one) => one === text);
  if (status !== undefined) return status;
  const meant = nearest(text, TASK_STATUSES);
  const hint = meant === null ? `; there are ${TASK_STATUSES.join(', ')}` : `; did you mean ${meant}?`;
  throw usage('list', `no status ${JSON.stringify(text)}${hint}`);
}

/** @throws TaskError E_USAGE */
export function parsePage({ cursor, limit }: Given): Page {
  return { cursor: parseCursor(cursor), limit: parseLimit(limit) };
}

function parseLimit(text: string | undefined): number {
  if (text === undefined) return DEFAULT_LIMIT;
  const limit = wholeNumber('list', '--limit', text);
  if (limit >= 1 && limit <= MAX_LIMIT) return limit;
  throw usage('list', `--limit: expected 1 to ${MAX_LIMIT}, found ${limit}`);
}

function parseCursor(text: string | undefined): string | null {
  if (text === undefined || isCursor(text)) return text ?? null;
  throw usage('list', `--cursor: expected a cursor from an earlier list, found ${JSON.stringify(text)}`);
}
