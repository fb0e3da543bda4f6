import { z } from 'zod';
import { readHistory } from '../../tasks/history.ts';
import { readTaskLog } from '../../tasks/task-log.ts';
import { parseQuery } from '../parse.ts';
import type { Route, TaskCall } from '../route.ts';

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
    summary: 'What has happened to a task: events, stages, attempts',
    answers: 'application/json',
    may: 'look',
    about: 'task',
    answer: async ({ task, context }) => ({ json: await readHistory(context.db, task.id) }),
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

async function sendLog({ task, query, response, context: { db, config } }: TaskCall): Promise<null> {
  const { from = 0 } = parseQuery(LogSchema, query);
  const { text, end, attempt } = await readTaskLog(db, task.task_id, config.logsDir, from);
  response.writeHead(200, {
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Length': text.length,
    'X-Log-End': end,
    ...(attempt === null ? {} : { 'X-Log-Attempt': attempt }),
  });
  response.end(text);
  return null;
}
