import { storableText } from '../base/storable-text.ts';
import type { TaskEnd } from '../db/deliveries.ts';

/**
 * What a receiver gets, as JSON. It has no words of a transcript, and no file name except in the name that a user gave
 * the task.
 * @param publicUrl - of the page, without `/` at the end; null: there are no links
 */
export function makeMessage(end: TaskEnd, publicUrl: string | null): string {
  const { taskId, user, name, status, errorCode, endedAt } = end;
  return JSON.stringify({
    type: `task.${status}`,
    timestamp: endedAt,
    data: {
      id: taskId,
      user,
      name: name === null ? null : storableText(name),
      status,
      error_code: errorCode,
      links: publicUrl === null ? null : linksOf(publicUrl, taskId, status),
    },
  });
}

function linksOf(publicUrl: string, taskId: string, status: string) {
  const task = `${publicUrl}/api/v1/tasks/${encodeURIComponent(taskId)}`;
  return {
    page: `${publicUrl}/tasks/${encodeURIComponent(taskId)}`,
    task,
    result: status === 'completed' ? `${task}/result` : null,
  };
}
