import { z } from 'zod';
import { TaskError } from '../../base/errors.ts';
import { listPauses, type Pause, removePause } from '../../db/pauses.ts';
import { drain, pause } from '../../tasks/pauses.ts';
import { PauseListSchema } from '../answers.ts';
import { readJson } from '../body.ts';
import { parseGiven } from '../parse.ts';
import type { Route } from '../route.ts';

const NewPauseSchema = z.strictObject({
  engine: z.string().min(1).max(200).nullish(),
  instance: z.string().min(1).max(200).nullish(),
  drain: z.boolean().optional(),
  reason: z.string().max(1000).nullish(),
});

export const PAUSE_ROUTES: readonly Route[] = [
  {
    method: 'GET',
    path: '/api/v1/pauses',
    summary: 'What operators have paused',
    answers: PauseListSchema,
    may: 'oversee',
    about: 'all',
    answer: async ({ context: { db } }) => ({ json: { pauses: (await listPauses(db)).map(pauseJson) } }),
  },
  {
    method: 'POST',
    path: '/api/v1/pauses',
    summary: 'Pause all tasks, those of an engine, or a worker; or drain a worker',
    body: NewPauseSchema,
    answers: PauseListSchema,
    may: 'operate',
    about: 'all',
    answer: async ({ request, signal, caller, context: { db } }) => {
      const given = parseGiven(NewPauseSchema, await readJson(request, signal), 'field');
      const { engine = null, instance = null, reason = null } = given;
      const asked = { engine, instance, reason: reason?.trim() === '' ? null : reason, by: caller.user };
      if (given.drain === true) {
        if (instance === null || engine !== null)
          throw new TaskError('E_USAGE', 'field drain: expected with the field instance alone');
        await drain(db, asked);
      } else await pause(db, asked);
      return { status: 201, json: { pauses: (await listPauses(db)).map(pauseJson) } };
    },
  },
  {
    method: 'DELETE',
    path: '/api/v1/pauses/:pause',
    summary: 'End a pause',
    may: 'operate',
    about: 'all',
    answer: async ({ params, context: { db } }) => {
      const id = params.get('pause');
      if (!/^[1-9]\d{0,17}$/.test(id) || !(await removePause(db, id)))
        throw new TaskError('E_NOT_FOUND', `there is no pause ${JSON.stringify(id)}`);
      return { status: 204 };
    },
  },
];

function pauseJson({ is_drain, paused_by: by, paused_at: since, ...one }: Pause) {
  return { ...one, drain: is_drain, by, since };
}
