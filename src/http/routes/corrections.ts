import { createReadStream } from 'node:fs';
import { type FileHandle, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { inTemporaryDir } from '../../base/make-folder.ts';
import type { Correction } from '../../tasks/correction-file.ts';
import {
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
      const corrections = await listCorrections(context.drafts, task);
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
      const name = parseCorrectionName(params.get('name'));
      const conditions = parseConditions(request.headers);
      await removeCorrection(context.drafts, task, name, (version) => assertConditions(conditions, version));
      return { status: 204 };
    },
  },
];

/** Many large ones at the same time would not fit into memory. So each is kept in a file until its turn comes. */
async function keep({ task, caller, params, request, signal, context }: TaskCall): Promise<Answer> {
  const name = parseCorrectionName(params.get('name'));
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

/** Files that users sent are never shown as a page of this server. */
async function sendCorrection(call: TaskCall): Promise<null> {
  const { task, params, query, request, response, context } = call;
  const { as } = parseQuery(FormSchema, query);
  const name = parseCorrectionName(params.get('name'));
  const { file, bytes, version } = await openCorrection(context.drafts, task, name);
  try {
    const tag = as === undefined ? version : `${version}-${as}`;
    if (isKnown(request, tag)) return answerKnown(response, { ETag: `"${tag}"` });
    if (as === 'tiers') await sendTiers(call, file, { name, tag });
    else {
      response.writeHead(200, {
        ETag: `"${tag}"`,
        'Content-Length': bytes,
        'Content-Type': 'application/octet-stream',
        'Content-Disposition': disposition(name.slice(name.lastIndexOf('/') + 1)),
      });
      await pipeline(file.createReadStream({ autoClose: false }), response);
    }
    return null;
  } finally {
    await file.close();
  }
}

/** As for files that are sent here: made in turn and then kept in a file, since a client may read slowly. */
async function sendTiers(
  { caller, response, signal, context }: TaskCall,
  file: FileHandle,
  { name, tag }: { readonly name: string; readonly tag: string },
): Promise<void> {
  await inTemporaryDir('autophon-correction-', async (dir) => {
    const made = path.join(dir, 'tiers');
    const bytes = await context.work.run(caller.user, signal, async () => {
      const tiers = Buffer.from(await correctionTiers(await readFile(file), name));
      await writeFile(made, tiers);
      return tiers.length;
    });
    response.writeHead(200, {
      ETag: `"${tag}"`,
      'Content-Length': bytes,
      'Content-Type': 'application/json',
    });
    await pipeline(createReadStream(made), response);
  });
}

function correctionJson({ name, bytes, changedAt, version }: Correction) {
  return { name, bytes, changed_at: changedAt.toISOString(), etag: `"${version}"` };
}
