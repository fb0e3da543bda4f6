import { pipeline } from 'node:stream/promises';
import { listResultFiles, openResult, withResultFile } from '../../tasks/result-file.ts';
import type { Route, TaskCall } from '../route.ts';
import { disposition, sendFile } from '../send-file.ts';

const RESULT = {
  path: '/api/v1/tasks/:id/result',
  summary: 'The result of a task as a zip, or the Range of it',
  answers: 'application/zip',
  headers: ['Range'],
  may: 'look',
  about: 'task',
  answer: sendResult,
} as const;

export const RESULT_ROUTES: readonly Route[] = [
  { method: 'GET', ...RESULT },
  { method: 'HEAD', ...RESULT },
  {
    method: 'GET',
    path: '/api/v1/tasks/:id/result/files',
    summary: 'The files in the result of a task',
    answers: 'application/json',
    may: 'look',
    about: 'task',
    answer: async ({ task, context }) => ({
      json: { files: await listResultFiles(context.drafts.uploads, task.download_path) },
    }),
  },
  {
    method: 'GET',
    path: '/api/v1/tasks/:id/result/files/*name',
    summary: 'One file of the result',
    answers: 'application/octet-stream',
    may: 'look',
    about: 'task',
    answer: sendResultFile,
  },
];

/** Files of a result are never shown as a page of this server. */
async function sendResultFile({ task, params, response, context }: TaskCall): Promise<null> {
  const name = params.get('name');
  await withResultFile(context.drafts.uploads, task.download_path, name, async ({ bytes, pieces }) => {
    response.writeHead(200, {
      'Content-Type': 'application/octet-stream',
      'Content-Length': bytes,
      'Content-Disposition': disposition(name.slice(name.lastIndexOf('/') + 1)),
    });
    await pipeline(pieces, response);
  });
  return null;
}

async function sendResult({ task, request, response, context }: TaskCall): Promise<null> {
  const result = await openResult(context.drafts.uploads, task.download_path);
  const saveAs = task.download_name ?? `${task.task_id}.zip`;
  await sendFile(request, response, { ...result, contentType: 'application/zip', saveAs });
  return null;
}
