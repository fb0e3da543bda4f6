import type { Status, Task } from './types.ts';

/** A filter of tasks. Empty fields: all. */
export interface Filter {
  readonly statuses: readonly Status[];
  readonly lang: string;
  readonly user: string;
  readonly code: string;
  readonly q: string;
  /** Days, `YYYY-MM-DD`; both belong to the range. */
  readonly since: string;
  readonly until: string;
}

export const NO_FILTER: Filter = {
  statuses: [],
  lang: '',
  user: '',
  code: '',
  q: '',
  since: '',
  until: '',
};

const TEXTS = ['lang', 'user', 'code', 'q'] as const;
const DAYS = ['since', 'until'] as const;
/** A day as it is written everywhere. */
export const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** The page's words for statuses, as in its address. */
const STATUS_OF_WORD: Readonly<Record<string, Status>> = {
  draft: 'uploading',
  waiting: 'uploaded',
  running: 'processing',
  done: 'completed',
  failed: 'failed',
  cancelled: 'cancelled',
  deleted: 'expired',
};

/** Reads the part of an address after its path. Unknown parts are left out. */
export function parseFilter(query: string): Filter {
  const given = new URLSearchParams(query);
  const statuses = (given.get('state') ?? '').split(',').flatMap((word) => STATUS_OF_WORD[word] ?? []);
  const filter: Record<string, string | Status[]> = { statuses: [...new Set(statuses)] };
  for (const name of TEXTS) filter[name] = given.get(name)?.trim() ?? '';
  for (const name of DAYS) filter[name] = DAY.test(given.get(name) ?? '') ? (given.get(name) ?? '') : '';
  return { ...NO_FILTER, ...filter };
}

/** The part of the page's address for a filter: empty, or with its `?`. */
export function formatFilter(filter: Filter): string {
  const words = Object.entries(STATUS_OF_WORD).flatMap(([word, status]) =>
    filter.statuses.includes(status) ? [word] : [],
  );
  const query = new URLSearchParams();
  if (words.length > 0) query.set('state', words.join(','));
  for (const name of [...TEXTS, ...DAYS]) if (filter[name] !== '') query.set(name, filter[name]);
  const text = query.toString().replaceAll('%2C', ',');
  return text === '' ? '' : `?${text}`;
}

/** The same filter for the API: whole days in the reader's time become exact times. */
export function apiFilter(filter: Filter): Record<string, string> {
  const query: Record<string, string> = {};
  if (filter.statuses.length > 0) query['status'] = filter.statuses.join(',');
  for (const name of TEXTS) if (filter[name] !== '') query[name] = filter[name];
  if (filter.since !== '') query['since'] = new Date(`${filter.since}T00:00`).toISOString();
  if (filter.until !== '') {
    const end = new Date(`${filter.until}T00:00`);
    end.setDate(end.getDate() + 1);
    query['until'] = end.toISOString();
  }
  return query;
}

export function isEmpty(filter: Filter): boolean {
  return formatFilter(filter) === '';
}

/** Whether a task that has just changed belongs into a list; only the server can search: null means "ask it". */
export function matches(task: Task, filter: Filter): boolean | null {
  if (filter.statuses.length > 0 && !filter.statuses.includes(task.status)) return false;
  if (filter.lang !== '' && !task.lang.startsWith(filter.lang)) return false;
  if (filter.user !== '' && task.user !== filter.user) return false;
  if (filter.code !== '' && task.error?.code !== filter.code) return false;
  return filter.q === '' && filter.since === '' && filter.until === '' ? true : null;
}
