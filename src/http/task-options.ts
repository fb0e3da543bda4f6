import { z } from 'zod';
import { findChannelsFault, parseChannels } from '../base/channels.ts';
import { RESULT_FORMATS } from '../base/result-kinds.ts';

const MAX_PRIORITY = 1000;

/** Higher goes first. */
export const PrioritySchema = z.int().min(-MAX_PRIORITY).max(MAX_PRIORITY);

const lang = z.string('expected the code of a language, such as engUS_SPHINX_v010').min(1).max(200);

const ChannelsSchema = z
  .string()
  .superRefine((text, problems) => {
    const fault = findChannelsFault(text);
    if (fault !== null) problems.addIssue(fault);
  })
  .transform(parseChannels);

const MomentSchema = z.iso
  .datetime({ offset: true, error: 'expected a time with its zone, such as 2026-03-01T22:00:00+01:00' })
  .transform((text) => new Date(text));

/** Further checks are done where the hosts of the site are known. */
export const NotifyUrlSchema = z.string().max(2000);

/** Options of a task in addition to its language. */
const OPTIONS = {
  engine: z.string().max(200).nullish(),
  partial_results: z.enum(['allow', 'fail']).nullish(),
  speakers: z.enum(['tiers', 'names']).optional(),
  search: z.enum(['usual', 'wide']).nullish(),
  channels: ChannelsSchema.nullish(),
  formats: z.array(z.enum(RESULT_FORMATS)).min(1).nullish(),
  priority: PrioritySchema.optional(),
  columns: z.string().max(1000).nullish(),
  name: z.string().max(200).nullish(),
  not_before: MomentSchema.nullish(),
  notify_url: NotifyUrlSchema.nullish(),
} as const;

export const NewTaskSchema = z.strictObject({ lang, ...OPTIONS });
export const ChangeSchema = z.strictObject({ lang: lang.optional(), ...OPTIONS });
