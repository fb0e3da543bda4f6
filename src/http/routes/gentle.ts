import { z } from 'zod';
import { TaskError } from '../../base/errors.ts';
import { inTemporaryDir } from '../../base/make-folder.ts';
import { alignNow, queueNow } from '../../tasks/align-now.ts';
import {
  type GentleAlignment,
  gentleCsv,
  gentleStatus,
  readGentleAlignment,
  rewriteTranscript,
} from '../../tasks/gentle.ts';
import { pairedNames } from '../../tasks/webmaus.ts';
import { chooseForTag, nowServices, readTaskForm } from '../form-task.ts';
import { Refusal, toRefusal } from '../problem.ts';
import type { Answer, Route, RouteCall, TaskCall } from '../route.ts';
import { sendText } from '../send-text.ts';

const ROOT = '/transcriptions';
const ONE = `${ROOT}/:id`;
/** The only language of Gentle. */
const LANGUAGE = 'eng-US';
const AUDIO = 'audio';
const TRANSCRIPT = 'transcript';
const FOUND = 302;
const MOVED = 301;

/** Gentle accepts others, too, which have no meaning here. */
const ModeSchema = z.looseObject({
  async: z.string().optional().describe('false: the answer is the alignment; otherwise its address'),
});

const look = { method: 'GET', may: 'look', about: 'task' } as const;

/** The routes that scripts for Gentle use. Such scripts work here if their host is changed. */
export const GENTLE_ROUTES: readonly Route[] = [
  {
    method: 'POST',
    path: ROOT,
    summary: 'Align an English recording as Gentle does: audio, transcript',
    query: ModeSchema,
    body: 'multipart/form-data',
    answers: 'application/json',
    may: 'change',
    about: 'all',
    answer: transcribe,
  },
  {
    ...look,
    path: ONE,
    summary: 'Where the files of an alignment are, as Gentle answers it',
    answer: async ({ task }: TaskCall) => ({
      status: MOVED,
      headers: { Location: `${ROOT}/${encodeURIComponent(task.task_id)}/` },
    }),
  },
  {
    ...look,
    path: `${ONE}/`,
    summary: 'A link to the page of an alignment',
    answers: 'text/html',
    answer: async ({ task, response }: TaskCall) => {
      const page = `/tasks/${encodeURIComponent(task.task_id)}`;
      const files = ['status.json', 'align.json', 'align.csv'].map((name) => `<a href="${name}">${name}</a>`);
      return sendText(
        response,
        `<!doctype html><title>Alignment</title><p><a href="${page}">Show the alignment</a> ${files.join(' ')}</p>\n`,
        'text/html',
      );
    },
  },
  {
    ...look,
    path: `${ONE}/status.json`,
    summary: 'How far an alignment is, as Gentle says it',
    answers: 'application/json',
    answer: async ({ task }: TaskCall) => ({ json: gentleStatus(task) }),
  },
  {
    ...look,
    path: `${ONE}/align.json`,
    summary: 'An alignment as Gentle gives it',
    answers: 'application/json',
    answer: async (call: TaskCall) => ({ json: await readAlignment(call) }),
  },
  {
    ...look,
    path: `${ONE}/align.csv`,
    summary: 'The words of an alignment as Gentle gives them: word, aligned word, start, end',
    answers: 'text/csv',
    answer: async (call: TaskCall) =>
      sendText(call.response, gentleCsv(await readAlignment(call)), 'text/csv'),
  },
];

function readAlignment({ task, context }: TaskCall): Promise<GentleAlignment> {
  return readGentleAlignment(context.drafts.uploads, task);
}

async function transcribe(call: RouteCall): Promise<Answer> {
  try {
    return await inTemporaryDir('autophon-form-', (dir) => alignForm(call, dir));
  } catch (error) {
    call.signal.throwIfAborted();
    const { status, fault, headers, more } = toRefusal(error);
    // Clients search for it.
    throw new Refusal(status, fault, headers, { ...more, error: fault.message });
  }
}

/** @param dir - for the files of the form */
async function alignForm(call: RouteCall, dir: string): Promise<Answer> {
  const { signal, query, context } = call;
  const form = await readTaskForm(call, dir, [AUDIO, TRANSCRIPT]);
  const [audio, transcript] = [form.files.get(AUDIO), form.files.get(TRANSCRIPT)];
  if (audio === undefined || transcript === undefined) {
    throw new TaskError('E_USAGE', 'expected a form with audio, a recording, and transcript, its text');
  }
  await rewriteTranscript(transcript.path);
  const { choices, wanted } = await chooseForTag(call, LANGUAGE, ['json', 'textgrid']);
  const names = pairedNames(audio.name, 'transcript.txt');
  const files = [
    { name: names.signal, path: audio.path },
    { name: names.text, path: transcript.path },
  ];
  const isAsync = (query.get('async') ?? form.fields.get('async')) !== 'false';
  if (isAsync) {
    const { taskId } = await queueNow(choices, files, nowServices(call), signal);
    return { status: FOUND, headers: { Location: `${ROOT}/${taskId}` } };
  }
  const { task } = await alignNow(choices, wanted, files, nowServices(call), signal);
  if (task.task_status !== 'completed') {
    throw new TaskError('E_NOT_ALIGNED', task.error_message ?? `the task is ${task.task_status}`);
  }
  return { json: await readGentleAlignment(context.drafts.uploads, task) };
}
