import { TaskError } from '../../base/errors.ts';
import { formatFinding } from '../../base/finding.ts';
import { inTemporaryDir } from '../../base/make-folder.ts';
import { programVersion } from '../../base/version.ts';
import { visibleLine } from '../../base/visible-text.ts';
import { listActiveInstances } from '../../db/instances.ts';
import { countTasks } from '../../db/task-list.ts';
import { type AlignedTask, alignNow } from '../../tasks/align-now.ts';
import { listResultFiles } from '../../tasks/result-file.ts';
import { formatOfWebMaus, pairedNames, wantedResult } from '../../tasks/webmaus.ts';
import { NO_FILTER } from '../filter.ts';
import { chooseForTag, nowServices, readTaskForm } from '../form-task.ts';
import type { Form, FormFile } from '../multipart.ts';
import type { Route, RouteCall } from '../route.ts';
import { sendText } from '../send-text.ts';

/** Paths that the scripts of WebMAUS's users expect. */
const ROOTS = ['/services', '/BASWebServices/services'] as const;
const SIGNAL = 'SIGNAL';
const TEXT = 'TEXT';
/** With this number of waiting tasks for each slot, the load is high. */
const HIGH_LOAD = 10;

/** The routes that scripts for WebMAUS use. Such scripts work here if their host is changed. */
export const WEBMAUS_ROUTES: readonly Route[] = ROOTS.flatMap((root): Route[] => [
  {
    method: 'POST',
    path: `${root}/runMAUSBasic`,
    summary: 'Align a recording as WebMAUS does: SIGNAL, TEXT, LANGUAGE, OUTFORMAT',
    body: 'multipart/form-data',
    answers: 'application/xml',
    may: 'change',
    about: 'all',
    answer: runMausBasic,
  },
  {
    method: 'GET',
    path: `${root}/getLoadIndicator`,
    summary: 'How busy the workers are: 0 low, 1 middle, 2 high',
    answers: 'text/plain',
    may: 'look',
    about: 'all',
    answer: async ({ response, context: { db } }) => sendText(response, String(await measureLoad(db))),
  },
  {
    method: 'GET',
    path: `${root}/runGetVersion`,
    summary: 'The version of this program, as WebMAUS tells its own',
    answers: 'text/plain',
    may: 'look',
    about: 'all',
    answer: async ({ response }) => sendText(response, `Autophon ${programVersion()}`),
  },
]);

interface Outcome {
  /** Null: it failed. */
  readonly link: string | null;
  readonly output: string;
  readonly warnings: string;
}

async function runMausBasic(call: RouteCall): Promise<null> {
  const outcome = await inTemporaryDir('autophon-form-', (dir) => alignForm(call, dir));
  sendText(call.response, toXml(outcome), 'application/xml');
  return null;
}

/** @param dir - for the files of the form */
async function alignForm(call: RouteCall, dir: string): Promise<Outcome> {
  try {
    return await align(await readTaskForm(call, dir, [SIGNAL, TEXT]), call);
  } catch (error) {
    call.signal.throwIfAborted();
    if (!(error instanceof TaskError) || error.code === 'E_INTERNAL') throw error;
    return { link: null, output: error.faults.map(formatFinding).join('; '), warnings: '' };
  }
}

async function align({ fields, files }: Form, call: RouteCall): Promise<Outcome> {
  const sound = fileOf(files, SIGNAL);
  const text = fileOf(files, TEXT);
  const format = formatOfWebMaus(fields.get('OUTFORMAT') ?? 'TextGrid');
  const { choices, wanted } = await chooseForTag(call, fields.get('LANGUAGE') ?? '', [format]);
  const names = pairedNames(sound.name, text.name);
  const given = [
    { name: names.signal, path: sound.path },
    { name: names.text, path: text.path },
  ];
  const { task, warnings } = await alignNow(choices, wanted, given, nowServices(call), call.signal);
  return describe(task, warnings, format, fields.get('OUTSYMBOL') === 'ipa', call);
}

async function describe(
  task: AlignedTask['task'],
  found: AlignedTask['warnings'],
  format: Parameters<typeof wantedResult>[1],
  isIpa: boolean,
  { request, context }: RouteCall,
): Promise<Outcome> {
  const warnings = found.map(formatFinding).join('; ');
  if (task.task_status !== 'completed') {
    return { link: null, output: task.error_message ?? `the task is ${task.task_status}`, warnings };
  }
  const entries = await listResultFiles(context.drafts.uploads, task.download_path);
  const wanted = wantedResult(
    entries.map(({ name }) => name),
    format,
    isIpa,
  );
  const part = wanted === null ? '' : `/files/${wanted.split('/').map(encodeURIComponent).join('/')}`;
  const scheme = context.gate.isHttps(request) ? 'https' : 'http';
  const link = `${scheme}://${request.headers.host}/api/v1/tasks/${encodeURIComponent(task.task_id)}/result${part}`;
  return { link, output: '', warnings };
}

function fileOf(files: Form['files'], field: string): FormFile {
  const file = files.get(field);
  if (file !== undefined) return file;
  throw new TaskError('E_USAGE', `expected a file ${field}: SIGNAL is the recording, TEXT its transcript`);
}

/** On one line and without CDATA, because clients search for its parts with regular expressions. */
function toXml({ link, output, warnings }: Outcome): string {
  const element = (name: string, text: string) => `<${name}>${escapeXml(text)}</${name}>`;
  const parts = [
    element('success', String(link !== null)),
    element('downloadLink', link ?? ''),
    element('output', output),
    element('warnings', warnings),
  ];
  return `<WebServiceResponseLink>${parts.join('')}</WebServiceResponseLink>`;
}

function escapeXml(text: string): string {
  return visibleLine(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

async function measureLoad(db: RouteCall['context']['db']): Promise<0 | 1 | 2> {
  const [{ counts }, instances] = await Promise.all([
    countTasks(db, { ...NO_FILTER, statuses: ['uploaded'] }),
    listActiveInstances(db),
  ]);
  const waiting = counts.reduce((sum, { count }) => sum + count, 0);
  const slots = instances.reduce((sum, one) => sum + one.slots, 0);
  if (slots === 0 || waiting > slots * HIGH_LOAD) return 2;
  return waiting > 0 ? 1 : 0;
}
