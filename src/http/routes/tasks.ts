import type { z } from 'zod';
import { TaskError } from '../../base/errors.ts';
import { silentLog } from '../../base/log.ts';
import { must } from '../../base/must.ts';
import { readForecasts } from '../../db/forecasts.ts';
import {
  countTasks,
  findListedTask,
  type ListedTask,
  listTaskPage,
  readTaskDetails,
} from '../../db/task-list.ts';
import { deleteTask } from '../../db/tasks.ts';
import { cancelFound } from '../../tasks/cancel.ts';
import { changeChoices } from '../../tasks/change.ts';
import { checkDocument } from '../../tasks/check-document.ts';
import { checkDraft } from '../../tasks/check-draft.ts';
import { createDraft, queueDraft } from '../../tasks/drafts.ts';
import { assertNoneRefused, retryFound } from '../../tasks/retry.ts';
import { TaskCountSchema, TaskListSchema, WholeTaskSchema } from '../answers.ts';
import { letWait, readJson } from '../body.ts';
import { isKnown, NOT_MODIFIED, parseConditions } from '../conditions.ts';
import { FilterSchema, ListSchema, toFilter, toPage } from '../filter.ts';
import { parseGiven, parseQuery } from '../parse.ts';
import { Refusal } from '../problem.ts';
import type { Answer, Route, WebContext } from '../route.ts';
import { assertRowConditions, changing } from '../task-changes.ts';
import { taskJson, wholeTaskJson } from '../task-json.ts';
import { ChangeSchema, NewTaskSchema } from '../task-options.ts';
import { listTag, taskTag } from '../task-tag.ts';

const UNFIT = 422;
const KEY = /^[\x21-\x7e]{1,200}$/;

export const TASK_ROUTES: readonly Route[] = [
  {
    method: 'GET',
    path: '/api/v1/tasks',
    summary: 'Tasks that match a filter, the last one first',
    query: ListSchema,
    answers: TaskListSchema,
    headers: ['If-None-Match'],
    may: 'look',
    about: 'all',
    answer: async ({ request, query, caller, context: { db } }) => {
      const given = parseQuery(ListSchema, query);
      const { tasks, next } = await listTaskPage(db, toFilter(given, caller), toPage(given));
      const forecasts = await readForecastsOf(db, tasks);
      const shown = tasks.map((task) => taskJson(task, forecasts.get(task.task_id) ?? null));
      const tag = listTag(
        tasks.map(
          (task, index) => `${task.id} ${taskTag(task, must(shown[index], 'a task that is listed'))}`,
        ),
        next,
      );
      const headers = { ETag: `"${tag}"` };
      if (isKnown(request, tag)) return { status: NOT_MODIFIED, headers };
      return { json: { tasks: shown, next }, headers };
    },
  },
  {
    method: 'GET',
    path: '/api/v1/tasks/count',
    summary: 'How many tasks match a filter',
    query: FilterSchema,
    answers: TaskCountSchema,
    may: 'look',
    about: 'all',
    answer: async ({ query, caller, context: { db } }) => {
      const filter = toFilter(parseQuery(FilterSchema, query), caller);
      const { counts, isComplete } = await countTasks(db, filter);
      const count = counts.reduce((sum, one) => sum + one.count, 0);
      return {
        json: {
          count,
          by_status: Object.fromEntries(counts.map((one) => [one.status, one.count])),
          complete: isComplete,
        },
      };
    },
  },
  {
    method: 'POST',
    path: '/api/v1/tasks',
    summary: 'Make a task whose files are sent next; Idempotency-Key names it for a second try',
    body: NewTaskSchema,
    answers: WholeTaskSchema,
    headers: ['Idempotency-Key'],
    may: 'change',
    about: 'all',
    answer: async ({ request, signal, caller, context }) => {
      const given = parseGiven(NewTaskSchema, await readJson(request, signal), 'field');
      const taskId = await createDraft(
        {
          user: caller.user,
          lang: given.lang,
          engine: given.engine ?? null,
          priority: given.priority ?? 0,
          columns: given.columns ?? null,
          name: given.name ?? null,
          key: parseKey(request.headers['idempotency-key']),
          partialResults: given.partial_results ?? null,
          ...(given.speakers === undefined ? {} : { speakers: given.speakers }),
          search: given.search ?? null,
          channels: given.channels ?? null,
          formats: given.formats ?? null,
          notBefore: given.not_before ?? null,
          notifyUrl: given.notify_url ?? null,
        },
        context.drafts,
      );
      if (taskId === null) {
        throw new Refusal(
          UNFIT,
          new TaskError(
            'E_CONFLICT',
            'this Idempotency-Key was sent with another request before; send a new key for a new task',
          ),
        );
      }
      const answer = await answerTask(context, taskId);
      return { ...answer, status: 201, headers: { ...answer.headers, Location: `/api/v1/tasks/${taskId}` } };
    },
  },
  {
    method: 'GET',
    path: '/api/v1/tasks/:id',
    summary: 'All about a task',
    answers: WholeTaskSchema,
    headers: ['If-None-Match'],
    may: 'look',
    about: 'task',
    answer: async ({ task, request, context }) => {
      const forecasts = await readForecastsOf(context.db, [task]);
      const tag = taskTag(task, taskJson(task, forecasts.get(task.task_id) ?? null));
      if (isKnown(request, tag)) return { status: NOT_MODIFIED, headers: { ETag: `"${tag}"` } };
      return answerTask(context, task.task_id);
    },
  },
  {
    method: 'PATCH',
    path: '/api/v1/tasks/:id',
    summary:
      'Change the options of a task that is not queued yet, or the priority and time of one that waits',
    body: ChangeSchema,
    answers: WholeTaskSchema,
    headers: ['If-Match'],
    may: 'change',
    about: 'task',
    answer: async ({ task, request, signal, context }) => {
      const given = parseGiven(ChangeSchema, await readJson(request, signal), 'field');
      await changing(task, request, context, (db) =>
        changeChoices(task, toChanges(given), { ...context.drafts, db }),
      );
      return answerTask(context, task.task_id);
    },
  },
  {
    method: 'DELETE',
    path: '/api/v1/tasks/:id',
    summary: 'Delete a task with its files',
    headers: ['If-Match'],
    may: 'change',
    about: 'task',
    answer: async ({ task, request, context }) => {
      await changing(task, request, context, (db) => deleteTask(db, task.task_id));
      return { status: 204 };
    },
  },
  {
    method: 'POST',
    path: '/api/v1/tasks/:id/check',
    summary: 'Check the files of a task without queueing it',
    answers: 'application/json',
    may: 'change',
    about: 'task',
    answer: async ({ task, caller, request, context, signal }) => {
      letWait(request);
      const { taskTimeoutSec: timeoutSec, engineSilenceSec: silenceSec } = context.config;
      const checked = await context.work.run(caller.user, signal, () =>
        checkDraft(task.id, {
          ...context.drafts,
          limits: { timeoutSec, silenceSec },
          log: silentLog,
          signal,
          onProgress: () => undefined,
        }),
      );
      return { json: checkDocument(checked, null) };
    },
  },
  {
    method: 'POST',
    path: '/api/v1/tasks/:id/queue',
    summary: 'Check the files of a task, and queue it',
    answers: WholeTaskSchema,
    headers: ['If-Match'],
    may: 'change',
    about: 'task',
    answer: async ({ task, caller, request, context, signal }) => {
      letWait(request);
      const conditions = parseConditions(request.headers);
      await context.work.run(caller.user, signal, () =>
        queueDraft(task.id, { ...context.drafts, signal }, (version) =>
          assertRowConditions(conditions, version),
        ),
      );
      return answerTask(context, task.task_id);
    },
  },
  {
    method: 'POST',
    path: '/api/v1/tasks/:id/cancel',
    summary: 'Cancel a task that waits or runs',
    answers: WholeTaskSchema,
    headers: ['If-Match'],
    may: 'change',
    about: 'task',
    answer: async ({ task, request, context }) => {
      const changed = await changing(task, request, context, (db) => cancelFound(db, [task]));
      assertNoneRefused(changed, 'one that waits or runs', 'E_CONFLICT');
      return answerTask(context, task.task_id);
    },
  },
  {
    method: 'POST',
    path: '/api/v1/tasks/:id/retry',
    summary: 'Queue a task again that failed or was cancelled',
    answers: WholeTaskSchema,
    headers: ['If-Match'],
    may: 'change',
    about: 'task',
    answer: async ({ task, request, context }) => {
      const changed = await changing(task, request, context, (db) => retryFound(db, [task]));
      assertNoneRefused(changed, 'one that failed or was cancelled', 'E_CONFLICT');
      return answerTask(context, task.task_id);
    },
  },
];

/** Fields that are left out stay; null is the value of a new task without the field. */
function toChanges({ formats, ...given }: z.infer<typeof ChangeSchema>): Parameters<typeof changeChoices>[1] {
  const changes = formats === undefined ? given : { ...given, formats: formats?.join(',') ?? null };
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
}

/** The current one: it may have changed since the request arrived. */
async function answerTask({ db }: WebContext, taskId: string): Promise<NonNullable<Answer>> {
  const task = await findListedTask(db, taskId);
  const details = task === undefined ? undefined : await readTaskDetails(db, task.id);
  if (task === undefined || details === undefined) {
    throw new TaskError('E_NOT_FOUND', `the task ${taskId} has just been deleted`);
  }
  const forecast = (await readForecastsOf(db, [task])).get(taskId) ?? null;
  const tag = taskTag(task, taskJson(task, forecast));
  return { json: wholeTaskJson(task, forecast, details), headers: { ETag: `"${tag}"` } };
}

function readForecastsOf(db: WebContext['db'], tasks: readonly ListedTask[]) {
  const open = tasks.filter(({ task_status }) => task_status === 'uploaded' || task_status === 'processing');
  return readForecasts(
    db,
    open.map(({ task_id }) => task_id),
  );
}

function parseKey(header: string | string[] | undefined): string | null {
  if (header === undefined) return null;
  if (typeof header === 'string' && KEY.test(header)) return header;
  throw new TaskError(
    'E_USAGE',
    'Idempotency-Key: expected up to 200 letters, digits and signs, without blanks',
  );
}
