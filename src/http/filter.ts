import { z } from 'zod';
import { ERROR_CODES, FORMER_CODES } from '../base/errors.ts';
import { nearest } from '../base/nearest.ts';
import { TASK_STATUSES, type TaskFilter, type TaskStatus } from '../db/schema.ts';
import { isCursor } from '../db/task-filter.ts';
import type { Page } from '../db/task-list.ts';
import { type Caller, visibleUser } from './who.ts';

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 500;
const MOMENT = /^(\d{4}-\d\d-\d\d)(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)?)?$/;

const short = z.string().min(1, 'expected some text').max(200, 'expected 200 characters at most');
const moment = z
  .string()
  .refine(isMoment, {
    message: 'expected a day or a time of it, such as 2026-03-01 or 2026-03-01T15:54:00Z',
  })
  .transform((text) => new Date(text));
const codes = [...Object.keys(ERROR_CODES), ...Object.keys(FORMER_CODES)];

/** `Date` alone accepts comments, and takes the 31st of a short month for a day of the next month. */
function isMoment(text: string): boolean {
  const [, day] = MOMENT.exec(text) ?? [];
  if (day === undefined || Number.isNaN(Date.parse(text))) return false;
  return new Date(`${day}T00:00:00Z`).toISOString().startsWith(day);
}

/** A filter of tasks, as parameters of a URL. */
const FILTER_SHAPE = {
  status: z.string().transform((text, problems) =>
    text.split(',').map((one): TaskStatus => {
      const status = TASK_STATUSES.find((known) => known === one.trim());
      if (status !== undefined) return status;
      problems.addIssue(`no status ${JSON.stringify(one)}; there are ${TASK_STATUSES.join(', ')}`);
      return z.NEVER;
    }),
  ),
  lang: short,
  engine: short,
  user: short,
  code: z.string().superRefine((code, problems) => {
    if (codes.includes(code)) return;
    const meant = nearest(code, codes);
    problems.addIssue(
      `no error code ${JSON.stringify(code)}${meant === null ? '' : `; did you mean ${meant}?`}`,
    );
  }),
  q: short,
  since: moment,
  until: moment,
} as const;

const PAGE_SHAPE = {
  sort: z.enum(['newest'], 'expected newest'),
  limit: z
    .string()
    .refine((text) => /^\d{1,4}$/.test(text) && Number(text) >= 1 && Number(text) <= MAX_LIMIT, {
      message: `expected a whole number from 1 to ${MAX_LIMIT}`,
    })
    .transform(Number),
  cursor: z.string().refine(isCursor, 'expected the "next" of an earlier list'),
} as const;

export const FilterSchema = z.strictObject(FILTER_SHAPE).partial();
export const ListSchema = z.strictObject({ ...FILTER_SHAPE, ...PAGE_SHAPE }).partial();

type Given = z.infer<typeof FilterSchema>;

/** All tasks. */
export const NO_FILTER: TaskFilter = {
  user: null,
  statuses: null,
  errorCode: null,
  lang: null,
  engine: null,
  search: null,
  since: null,
  before: null,
};

/** For a user who sees only own tasks, the filter is limited to these, whatever the request asks for. */
export function toFilter(
  { status, lang, engine, user, code, q, since, until }: Given,
  caller: Caller,
): TaskFilter {
  return {
    user: visibleUser(caller) ?? user ?? null,
    statuses: status ?? null,
    errorCode: code ?? null,
    lang: lang ?? null,
    engine: engine ?? null,
    search: q ?? null,
    since: since ?? null,
    before: until ?? null,
  };
}

export function toPage({ cursor, limit }: z.infer<typeof ListSchema>): Page {
  return { cursor: cursor ?? null, limit: limit ?? DEFAULT_LIMIT };
}
