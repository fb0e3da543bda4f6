import { z } from 'zod';
import { TaskError } from '../../base/errors.ts';
import { type Action, findAction, listActions } from '../../db/actions.ts';
import { readJson } from '../body.ts';
import { FilterSchema, toFilter } from '../filter.ts';
import { parseGiven } from '../parse.ts';
import type { Route } from '../route.ts';
import { PrioritySchema } from '../task-options.ts';
import { visibleUser } from '../who.ts';

const LISTED = 100;
/** The largest number of a column of type integer. */
const MAX_COUNT = 2 ** 31 - 1;

const ActionSchema = z.strictObject({
  action: z.enum(['cancel', 'retry', 'delete', 'priority']),
  filter: z.record(z.string(), z.unknown(), 'expected an object, such as {"status": "failed"}'),
  priority: PrioritySchema.optional(),
  expected_count: z.int().min(0).max(MAX_COUNT),
});

export const ACTION_ROUTES: readonly Route[] = [
  {
    method: 'POST',
    path: '/api/v1/actions',
    summary: 'Cancel, retry, delete or reprioritise all tasks that match a filter',
    body: ActionSchema,
    answers: 'application/json',
    may: 'change',
    about: 'all',
    answer: async ({ request, signal, caller, context: { actions } }) => {
      const given = parseGiven(ActionSchema, await readJson(request, signal), 'field');
      const { action, priority = null } = given;
      if ((action === 'priority') !== (priority !== null)) {
        throw new TaskError(
          'E_USAGE',
          'field priority: expected with the action "priority", and with no other one',
        );
      }
      const filter = toFilter(parseGiven(FilterSchema, given.filter, 'field of filter'), caller);
      const asked = await actions.ask({
        user: caller.user,
        action,
        priority,
        filter,
        expectedCount: given.expected_count,
      });
      return { status: 202, json: actionJson(asked), headers: { Location: `/api/v1/actions/${asked.id}` } };
    },
  },
  {
    method: 'GET',
    path: '/api/v1/actions',
    summary: 'The last actions on many tasks: who did what, and what it changed',
    answers: 'application/json',
    may: 'look',
    about: 'all',
    answer: async ({ caller, context: { db } }) => {
      const actions = await listActions(db, visibleUser(caller), LISTED);
      return { json: { actions: actions.map(actionJson) } };
    },
  },
  {
    method: 'GET',
    path: '/api/v1/actions/:id',
    summary: 'An action on many tasks: how far it is, and what it has changed',
    answers: 'application/json',
    may: 'look',
    about: 'all',
    answer: async ({ caller, params, context: { db } }) => {
      const id = params.get('id');
      const action = /^[1-9]\d{0,17}$/.test(id) ? await findAction(db, id) : undefined;
      const user = visibleUser(caller);
      if (action === undefined || (user !== null && action.user_uuid !== user)) {
        throw new TaskError('E_NOT_FOUND', `there is no action ${JSON.stringify(id)}`);
      }
      return { json: actionJson(action) };
    },
  },
];

function actionJson(action: Action) {
  const {
    id,
    user_uuid: user,
    priority,
    expected_count,
    created_at,
    ended_at,
    total,
    changed,
    error,
  } = action;
  return {
    id,
    user,
    action: action.action,
    priority,
    filter: filterJson(action.filter),
    expected_count,
    done: ended_at !== null,
    total,
    changed,
    skipped: total === null || changed === null ? null : total - changed,
    error,
    created_at,
    ended_at,
  };
}

/** As parameters of a URL, without those that are left out. */
function filterJson({ user, statuses, errorCode, lang, engine, search, since, before }: Action['filter']) {
  const all = {
    status: statuses?.join(',') ?? null,
    lang,
    engine,
    user,
    code: errorCode,
    q: search,
    since,
    until: before,
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null));
}
