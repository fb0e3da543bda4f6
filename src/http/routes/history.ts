import { z } from 'zod';
import { HIDES_NOTHING } from '../../base/hide-folders.ts';
import type { Delivery } from '../../db/deliveries.ts';
import { readHistory } from '../../tasks/history.ts';
import { readTaskLog } from '../../tasks/task-log.ts';
import { parseQuery } from '../parse.ts';
import type { Route, TaskCall } from '../route.ts';
import { type Caller, may } from '../who.ts';

const LogSchema = z
  .strictObject({
    from: z
      .string()
      .regex(/^\d{1,15}$/, 'expected a number of bytes')
      .transform(Number),
  })
  .partial();

export const HISTORY_ROUTES: readonly Route[] = [
  {
    method: 'GET',
    path: '/api/v1/tasks/:id/history',
    summary: 'What has happened to a task: events, stages, attempts, and who was told of its end',
    answers: 'application/json',
    may: 'look',
    about: 'task',
    answer: async ({ task, caller, context }) => {
      const { deliveries, ...history } = await readHistory(context.db, task.id);
      return { json: { ...history, deliveries: deliveries.map((one) => shownTo(caller, one)) } };
    },
  },
  {
    method: 'GET',
    path: '/api/v1/tasks/:id/log',
    summary: 'What the programs of a task have written, from a byte on',
    query: LogSchema,
    answers: 'text/plain',
    may: 'look',
    about: 'task',
    answer: sendLog,
  },
];

/**
 * The output of a site's command is for operators. So is a URL, which may be that for all users and contain a secret.
 */
function shownTo(caller: Caller, delivery: Delivery): Delivery {
  const { kind, url, answer } = delivery;
  if (may(caller, 'operate')) return delivery;
  return {
    ...delivery,
    url: url === null ? null : (URL.parse(url)?.origin ?? null),
    answer: kind === 'command' && caller.role === 'user' ? null : answer,
  };
}

async function sendLog({
  task,
  caller,
  query,
  response,
  context: { db, config, folders },
}: TaskCall): Promise<null> {
  const { from = 0 } = parseQuery(LogSchema, query);
  const hider = may(caller, 'operate') ? HIDES_NOTHING : folders;
  const { text, end, attempt } = await readTaskLog(db, task.task_id, config.logsDir, from, hider);
  response.writeHead(200, {
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Length': text.length,
    'X-Log-End': end,
    ...(attempt === null ? {} : { 'X-Log-Attempt': attempt }),
  });
  response.end(text);
  return null;
}
