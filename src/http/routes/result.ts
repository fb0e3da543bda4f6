import { openResult } from '../../tasks/result-file.ts';
import type { Route, TaskCall } from '../route.ts';
import { sendFile } from '../send-file.ts';

const RESULT = { path: '/api/v1/tasks/:id/result', may: 'look', about: 'task', answer: sendResult } as const;

export const RESULT_ROUTES: readonly Route[] = [
  { method: 'GET', ...RESULT },
  { method: 'HEAD', ...RESULT },
];

async function sendResult({ task, request, response, context }: TaskCall): Promise<null> {
  const result = await openResult(context.drafts.uploads, task.download_path);
  const saveAs = task.download_name ?? `${task.task_id}.zip`;
  await sendFile(request, response, { ...result, contentType: 'application/zip', saveAs });
  return null;
}
