import { z } from 'zod';
import { findWebhook, setWebhook } from '../../db/deliveries.ts';
import { assertNotifyUrl } from '../../tasks/new-task.ts';
import { WebhookSchema } from '../answers.ts';
import { readJson } from '../body.ts';
import { parseGiven } from '../parse.ts';
import type { Route } from '../route.ts';
import { NotifyUrlSchema } from '../task-options.ts';

const GivenSchema = z.strictObject({ url: NotifyUrlSchema.nullable() });

/** The URL that is told of the ends of those tasks of the caller that name no URL themselves. */
export const WEBHOOK_ROUTES: readonly Route[] = [
  {
    method: 'GET',
    path: '/api/v1/webhook',
    summary: 'The URL that is told when a task of yours has ended',
    answers: WebhookSchema,
    may: 'look',
    about: 'all',
    answer: async ({ caller, context: { db } }) => ({ json: { url: await findWebhook(db, caller.user) } }),
  },
  {
    method: 'PUT',
    path: '/api/v1/webhook',
    summary: 'Set the URL that is told when a task of yours has ended, or null',
    body: GivenSchema,
    answers: WebhookSchema,
    may: 'change',
    about: 'all',
    answer: async ({ caller, request, signal, context: { db, drafts } }) => {
      const { url } = parseGiven(GivenSchema, await readJson(request, signal), 'field');
      assertNotifyUrl(url, drafts.webhookOrigins);
      await setWebhook(db, caller.user, url);
      return { json: { url } };
    },
  },
];
