import type { IncomingMessage } from 'node:http';
import { TaskError } from '../../base/errors.ts';
import { parseFileName } from '../../tasks/draft-files.ts';
import type { UploadPart } from '../../tasks/receive-file.ts';
import { FileListSchema, FileSchema } from '../answers.ts';
import { readBody } from '../body.ts';
import { assertConditions, parseConditions } from '../conditions.ts';
import { refuse } from '../problem.ts';
import type { Route } from '../route.ts';
import { fileTag, sendFile } from '../send-file.ts';

const FILE_PATH = '/api/v1/tasks/:id/files/*name';

export const FILE_ROUTES: readonly Route[] = [
  {
    method: 'GET',
    path: '/api/v1/tasks/:id/files',
    summary: 'The files of a task that is not queued yet',
    answers: FileListSchema,
    may: 'look',
    about: 'task',
    answer: async ({ task, context }) => {
      const files = await context.receiver.list(task.id);
      return { json: { files: files.map((file) => fileJson({ ...file, sha256: null })) } };
    },
  },
  {
    method: 'PUT',
    path: FILE_PATH,
    summary: 'Send a file, or the part of it that Content-Range names',
    body: 'application/octet-stream',
    answers: FileSchema,
    headers: ['Content-Range', 'If-Match', 'If-None-Match'],
    may: 'change',
    about: 'task',
    answer: async ({ task, params, request, signal, context }) => {
      const name = parseFileName(params.get('name'));
      const part = parsePart(request.headers);
      const conditions = parseConditions(request.headers);
      const body = readBody(request, signal);
      const received = await context.receiver.receive(task.id, name, part, body, (whole) =>
        assertConditions(conditions, whole === null ? null : fileTag(whole)),
      );
      return { status: received.isNew ? 201 : 200, json: fileJson(received) };
    },
  },
  {
    method: 'GET',
    path: FILE_PATH,
    summary: 'A file of a task that is not queued yet, or the Range of it',
    answers: 'application/octet-stream',
    may: 'look',
    about: 'task',
    answer: async ({ task, params, request, response, context }) => {
      const name = parseFileName(params.get('name'));
      const found = await context.receiver.open(task.id, name);
      const saveAs = name.slice(name.lastIndexOf('/') + 1);
      await sendFile(request, response, { ...found, contentType: 'application/octet-stream', saveAs });
      return null;
    },
  },
  {
    method: 'HEAD',
    path: FILE_PATH,
    summary: 'How much of a file has arrived (Upload-Offset)',
    may: 'look',
    about: 'task',
    answer: async ({ task, params, context }) => {
      const found = await context.receiver.find(task.id, parseFileName(params.get('name')));
      const headers = {
        'Upload-Offset': String(found?.bytes ?? 0),
        'Upload-Complete': found?.isComplete ? '?1' : '?0',
      };
      return { status: found === null ? 404 : 204, headers };
    },
  },
  {
    method: 'DELETE',
    path: FILE_PATH,
    summary: 'Remove a file of a task that is not queued yet',
    may: 'change',
    about: 'task',
    answer: async ({ task, params, context }) => {
      const name = parseFileName(params.get('name'));
      if (await context.receiver.remove(task.id, name)) return { status: 204 };
      throw new TaskError('E_NOT_FOUND', `the task has no file ${JSON.stringify(name)}`);
    },
  },
];

interface FileFields {
  readonly name: string;
  readonly bytes: number;
  readonly isComplete: boolean;
  readonly sha256: string | null;
}

function fileJson({ name, bytes, isComplete, sha256 }: FileFields) {
  return { name, bytes, complete: isComplete, sha256 };
}

/**
 * How many bytes come, and where they belong.
 * @throws Refusal, TaskError E_USAGE
 */
function parsePart(headers: IncomingMessage['headers']): UploadPart {
  const length = headers['content-length'];
  if (length === undefined || !/^\d{1,15}$/.test(length)) {
    throw refuse(411, 'expected a Content-Length: without it a file that was cut short would look complete');
  }
  const bytes = Number(length);
  const range = headers['content-range'];
  if (range === undefined) return { offset: 0, bytes, total: bytes };
  const [, first = '', last = '', total = ''] = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15})$/.exec(range) ?? [];
  const part = { offset: Number(first), bytes, total: Number(total) };
  if (first === '' || Number(last) - part.offset + 1 !== bytes || Number(last) >= part.total) {
    throw new TaskError(
      'E_USAGE',
      `Content-Range: expected bytes FIRST-LAST/TOTAL that fits a Content-Length of ${bytes}, found ${JSON.stringify(range)}`,
    );
  }
  return part;
}
