import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { inTemporaryDir } from '../../base/make-folder.ts';
import {
  type Correction,
  correctionTiers,
  keepCorrection,
  listCorrections,
  MAX_CORRECTION_BYTES,
  openCorrection,
  parseCorrectionName,
  removeCorrection,
} from '../../tasks/corrections.ts';
import { CorrectionListSchema, CorrectionSchema } from '../answers.ts';
import { letWait, saveBody } from '../body.ts';
import { answerKnown, assertConditions, isKnown, parseConditions } from '../conditions.ts';
import { parseQuery } from '../parse.ts';
import type { Answer, Route, TaskCall } from '../route.ts';
import { disposition } from '../send-file.ts';

const ALL = '/api/v1/tasks/:id/corrections';
const ONE = `${ALL}/*name`;

const FormSchema = z.strictObject({ as: z.enum(['tiers'], 'expected tiers') }).partial();

/** Corrected TextGrids, kept beside the result of a task. */
export const CORRECTION_ROUTES: readonly Route[] = [
  {
    method: 'GET',
    path: ALL,
    summary: 'The corrected TextGrids that are kept beside the result of a task, the newest first',
    answers: CorrectionListSchema,
    may: 'look',
    about: 'task',
    answer: async ({ task, context }) => {
      const corrections = await listCorrections(context.drafts.uploads, task);
      return { json: { corrections: corrections.map(correctionJson) } };
    },
  },
  {
    method: 'PUT',
    path: ONE,
    summary: 'Keep a corrected TextGrid beside the result; If-Match and If-None-Match: * as conditions',
    body: 'application/octet-stream',
    answers: CorrectionSchema,
    headers: ['If-Match', 'If-None-Match'],
    may: 'change',
    about: 'task',
    answer: keep,
  },
  {
    method: 'GET',
    path: ONE,
    summary: 'A corrected TextGrid as it was sent, or as tiers for the viewer',
    query: FormSchema,
    answers: 'application/octet-stream',
    headers: ['If-None-Match'],
    may: 'look',
    about: 'task',
    answer: sendCorrection,
  },
  {
    method: 'DELETE',
    path: ONE,
    summary: 'Delete a corrected TextGrid',
    headers: ['If-Match'],
    may: 'change',
    about: 'task',
    answer: async ({ task, params, request, context }) => {
      const name = parseCorrectionName(params['name'] ?? '');
      const conditions = parseConditions(request.headers);
      await removeCorrection(context.drafts, task, name, (version) => assertConditions(conditions, version));
      return { status: 204 };
    },
  },
];

/** Many large ones that come at once would not fit into memory: each is in a file until its turn comes. */
async function keep({ task, caller, params, request, signal, context }: TaskCall): Promise<Answer> {
  const name = parseCorrectionName(params['name'] ?? '');
  const conditions = parseConditions(request.headers);
  return await inTemporaryDir('autophon-correction-', async (dir) => {
    const file = path.join(dir, 'body');
    await saveBody(request, signal, file, MAX_CORRECTION_BYTES);
    letWait(request);
    const services = { ...context.drafts, quota: context.quota };
    const { correction, isNew } = await context.work.run(caller.user, signal, async () =>
      keepCorrection(services, task, name, await readFile(file), (version) =>
        assertConditions(conditions, version),
      ),
    );
    const json = correctionJson(correction);
    return { status: isNew ? 201 : 200, json, headers: { ETag: json.etag } };
  });
}

/** Nothing that was sent is shown as a page of this server. */
async function sendCorrection({ task, params, query, request, response, context }: TaskCall): Promise<null> {
  const { as } = parseQuery(FormSchema, query);
  const name = parseCorrectionName(params['name'] ?? '');
  const { file, version } = await openCorrection(context.drafts.uploads, task, name);
  try {
    const tag = as === undefined ? version : `${version}-${as}`;
    if (isKnown(request, tag)) return answerKnown(response, { ETag: `"${tag}"` });
    const given = await readFile(file);
    const body = as === undefined ? given : Buffer.from(await correctionTiers(given, name));
    response.writeHead(200, {
      ETag: `"${tag}"`,
      'Content-Length': body.length,
      ...(as === undefined
        ? {
            'Content-Type': 'application/octet-stream',
            'Content-Disposition': disposition(name.slice(name.lastIndexOf('/') + 1)),
          }
        : { 'Content-Type': 'application/json' }),
    });
    response.end(body);
    return null;
  } finally {
    await file.close();
  }
}

function correctionJson({ name, bytes, changedAt, version }: Correction) {
  return { name, bytes, changed_at: changedAt.toISOString(), etag: `"${version}"` };
}
