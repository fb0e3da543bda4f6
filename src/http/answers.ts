import { z } from 'zod';
import { RESULT_FORMATS } from '../base/result-kinds.ts';
import { ROLES } from '../base/role.ts';
import { TASK_STATUSES } from '../db/schema.ts';

/** The answers of the API, for its description. Tests compare real answers with it. */
export const ANSWERS = z.registry<{ id: string }>();

const named = <Schema extends z.ZodType>(id: string, schema: Schema): Schema => {
  ANSWERS.add(schema, { id });
  return schema;
};
const text = z.string();
const time = z.iso.datetime().nullable();
const count = z.int().min(0);
const share = z.number().min(0).max(1);

const FindingSchema = named(
  'Finding',
  z.strictObject({
    code: text,
    text: text.describe('what was expected, what was found, and the fix'),
    place: z
      .strictObject({
        file: text,
        line: z.int(),
        column: z.int(),
        tier: text,
        interval: z.int(),
        point: z.int(),
        timeSec: z.number(),
        endSec: z.number(),
      })
      .partial()
      .optional(),
  }),
);

export const ProblemSchema = named(
  'Problem',
  z.strictObject({
    type: text,
    title: text,
    status: z.int(),
    detail: text.describe('what is wrong, and what to do'),
    code: text.describe('as in docs/errors.md'),
    faults: z.array(FindingSchema).optional(),
    mode: text.optional().describe('with 401: the setting WEB_MODE'),
    hint: text.optional().describe('with 401: what to do when no user can sign in yet'),
  }),
);

const TASK_SHAPE = {
  id: text,
  user: text,
  name: text,
  lang: text.nullable(),
  engine: text.nullable(),
  status: z.enum(TASK_STATUSES),
  stage: text.nullable(),
  progress: share,
  priority: z.int(),
  cancel_requested: z.boolean(),
  files: count.nullable(),
  words: count.nullable(),
  missing_words: count.nullable(),
  audio_seconds: z.number().nullable(),
  size_bytes: count.nullable(),
  created_at: z.iso.datetime(),
  not_before: time.describe('no worker takes it before'),
  queued_at: time,
  started_at: time,
  finished_at: time,
  attempts: count,
  note: text.nullable(),
  error: z.strictObject({ code: text, message: text.nullable() }).nullable(),
  fault_count: count,
  warning_count: count,
  position: z.int().min(1).nullable().describe('place in the queue; 1 is next'),
  seconds_left: z.number().nullable().describe('until its end, as far as is known from other tasks'),
  result: z.strictObject({ name: text, bytes: count.nullable() }).nullable(),
  formats: z.array(text).nullable(),
} as const;

const TaskSchema = named('Task', z.strictObject(TASK_SHAPE));

export const WholeTaskSchema = named(
  'WholeTask',
  z.strictObject({
    ...TASK_SHAPE,
    faults: z.array(FindingSchema),
    warnings: z.array(FindingSchema),
    options: z.record(text, z.unknown()),
  }),
);

export const PauseListSchema = named(
  'PauseList',
  z.strictObject({
    pauses: z.array(
      z.strictObject({
        id: text,
        engine: text.nullable().describe('null: all'),
        instance: text.nullable().describe('null: all workers'),
        host: text.nullable().describe('machine of the worker'),
        drain: z.boolean().describe('the worker ends when its tasks have ended'),
        reason: text.nullable(),
        by: text,
        since: z.iso.datetime(),
      }),
    ),
  }),
);

export const WebhookSchema = named('Webhook', z.strictObject({ url: text.nullable() }));

export const TaskListSchema = named(
  'TaskList',
  z.strictObject({
    tasks: z.array(TaskSchema),
    next: text
      .nullable()
      .describe('the cursor of the next page, also when this one has no tasks; null: this is the last one'),
  }),
);

export const TaskCountSchema = named(
  'TaskCount',
  z.strictObject({
    count,
    by_status: z.partialRecord(z.enum(TASK_STATUSES), count),
    complete: z.boolean().describe('false: only the newest tasks were looked at, and there may be more'),
  }),
);

export const FileSchema = named(
  'File',
  z.strictObject({ name: text, bytes: count, complete: z.boolean(), sha256: text.nullable() }),
);

export const FileListSchema = named('FileList', z.strictObject({ files: z.array(FileSchema) }));

export const CorrectionSchema = named(
  'Correction',
  z.strictObject({ name: text, bytes: count, changed_at: z.iso.datetime(), etag: text }),
);

export const CorrectionListSchema = named(
  'CorrectionList',
  z.strictObject({ corrections: z.array(CorrectionSchema) }),
);

export const SignedInSchema = named('SignedIn', z.strictObject({ user: text, role: z.enum(ROLES) }));

export const SessionSchema = named(
  'Session',
  z.strictObject({
    user: text,
    role: z.enum(ROLES),
    mode: z.enum(['local', 'proxy', 'token']),
    version: text,
    limits: z.record(text, z.number()),
    formats: z.strictObject({
      known: z.array(z.enum(RESULT_FORMATS)),
      default: z.array(z.enum(RESULT_FORMATS)),
    }),
    keep_sound_sec: z.number(),
    quota: z
      .strictObject({ used_bytes: count, limit_bytes: count })
      .nullable()
      .describe('of your files; null: there is no limit'),
    languages_url: text,
  }),
);

export const PhoneListSchema = named('PhoneList', z.strictObject({ phones: z.array(text) }));

export const LanguageListSchema = named(
  'LanguageList',
  z.strictObject({
    languages: z.array(z.looseObject({ code: text, name: text, engines: z.array(text), alphabet: text })),
  }),
);
