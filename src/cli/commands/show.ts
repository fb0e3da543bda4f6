import { openApp } from '../../app/open.ts';
import { formatBytes } from '../../base/bytes.ts';
import { plural } from '../../base/count-text.ts';
import { shortId } from '../../base/short-id.ts';
import { formatDuration, formatTime, isLater } from '../../base/time.ts';
import { describeTask, type TaskDescription } from '../../tasks/describe.ts';
import { findOneTask } from '../../tasks/find.ts';
import { assertCount, usage } from '../args.ts';
import { configOf, defineCommand, type ExitCode, personalLog } from '../command.ts';
import type { Output } from '../output.ts';
import { formatPercent } from '../progress-bar.ts';
import { followLog, showLog } from '../show-log.ts';
import { formatTable, type ShownColumn } from '../table.ts';
import {
  formatAhead,
  formatLater,
  formatLeft,
  formatTaskError,
  formatWarnings,
  joinLeft,
  paintStatus,
  taskDocument,
} from '../task-text.ts';
import { pad } from '../terminal-text.ts';

const LABEL_WIDTH = 10;
const INDENT = '  ';

export const showCommand = defineCommand({
  name: 'show',
  usage: 'TASK',
  details: [
    'TASK is a task id, or the beginning of one if it is unique. The fence is the number of the last attempt; it grows',
    'when the task is tried again or taken over.',
  ],
  options: {
    log: { type: 'boolean', help: 'show the log of the last attempt instead: what its programs printed' },
    follow: {
      type: 'boolean',
      help: 'with --log: go on until the task has ended; Ctrl-C ends only the display',
    },
  },
  examples: [
    'autophon show 3f2a9c1e',
    'autophon show 3f2a9c1e --json',
    'autophon show 3f2a9c1e --log --follow',
  ],
  run: async ({ values, positionals }, context): Promise<ExitCode> => {
    assertCount('show', positionals, { min: 1, max: 1, what: 'one task id' });
    const { output } = context;
    if (values.follow && !values.log) throw usage('show', '--follow: expected --log with it');
    if (values.follow && output.isJson)
      throw usage('show', '--follow prints lines as they come; leave out --json');
    const config = configOf(context);
    await using app = await openApp(config, personalLog(output, config), 'show');
    const task = await findOneTask(app.db, positionals[0] ?? '');
    if (values.log) return await (values.follow ? followLog : showLog)(task.task_id, app, output);
    const description = await describeTask(app.db, task, config);
    printDescription(description, output);
    output.json(toDocument(description));
    return 0;
  },
});

function printDescription(description: TaskDescription, output: Output): void {
  const { task, places, events, stages, files, deliveries } = description;
  const fact = (label: string, text: string | null) => {
    if (text !== null) output.line(`${output.paint(pad(label, LABEL_WIDTH), 'dim')}  ${text}`);
  };
  output.line(`${output.paint(`task ${task.task_id}`, 'bold')}  ${paintStatus(task.task_status, output)}`);
  fact('user', task.user_uuid);
  fact('language', [task.lang, task.engine].filter((text) => text !== null).join(', engine '));
  fact('size', formatSize(description));
  fact('channels', task.channels);
  fact('formats', task.formats);
  fact('columns', task.columns);
  fact('tells', task.notify_url);
  const isOpen = task.task_status === 'processing' || task.task_status === 'uploaded';
  fact(isOpen ? 'now' : 'note', formatNow(description));
  fact('attempts', formatAttempts(description));
  fact('input', places.inputDir);
  fact('result', places.resultPath);
  fact('log', places.logPath);

  const section = (title: string, lines: readonly string[]) => {
    if (lines.length > 0)
      output.lines(['', output.paint(title, 'bold'), ...lines.map((line) => INDENT + line)]);
  };
  section('Error', formatTaskError(task, output));
  section(
    `Warnings: ${task.warnings.length}`,
    formatWarnings(task.warnings, output, Number.POSITIVE_INFINITY),
  );
  const width = output.width === null ? null : output.width - INDENT.length;
  if (events.length > 0) section('History', formatEvents(events, width));
  if (stages.length > 0) section('Stages', formatStages(description, width));
  if (files.length > 0) section('Files', formatFiles(files, width));
  if (deliveries.length > 0) section('Told', formatDeliveries(deliveries, width));
}

function formatSize({ task }: TaskDescription): string | null {
  const parts = [
    task.no_of_files === null ? null : plural(task.no_of_files, 'file'),
    task.no_of_tiers === null ? null : plural(task.no_of_tiers, 'tier'),
    task.words === null ? null : plural(task.words, 'word'),
    task.missing_words === null || task.missing_words === 0 ? null : `${task.missing_words} of them unknown`,
    task.audio_seconds === null ? null : `${formatDuration(task.audio_seconds)} of audio`,
    task.size_bytes === null ? null : formatBytes(Number(task.size_bytes)),
  ].filter((part) => part !== null);
  return parts.length === 0 ? null : parts.join(', ');
}

function formatNow({ task, queuePlace, leftSec, waitReason }: TaskDescription): string | null {
  if (task.task_status === 'processing') {
    const done = `${task.stage}, ${formatPercent(task.progress)} done`;
    const left = formatLeft(task, leftSec);
    const parts = [left === '' ? done : `${done}, about ${left} left`, task.status_note];
    return parts.filter((text) => text !== null).join('; ');
  }
  if (queuePlace === null) return task.status_note;
  if (isLater(task)) return [task.status_note, formatLater(task)].filter((text) => text !== null).join('; ');
  const wait =
    queuePlace.delay_sec >= 1
      ? `next attempt in ${formatDuration(queuePlace.delay_sec)}`
      : joinLeft(formatAhead(queuePlace.ahead), waitReason === null ? leftSec : null);
  return [task.status_note, wait, waitReason].filter((text) => text !== null).join('; ');
}

function formatAttempts({ task }: TaskDescription): string | null {
  if (task.fence === 0) return null;
  const crashes = task.crashes === 0 ? '' : `, ${plural(task.crashes, 'crash', 'crashes')} of its worker`;
  return `${task.attempts}${crashes}; fence ${task.fence}`;
}

function formatEvents(events: TaskDescription['events'], width: number | null): string[] {
  const rows = events.map(({ at, from_status, to_status, stage, fence, instance, note }) => [
    formatTime(at),
    from_status === to_status ? '' : to_status,
    stage ?? '',
    fence === 0 ? '' : String(fence),
    instance === null ? '' : shortId(instance),
    (note ?? '').split('\n')[0] ?? '',
  ]);
  const columns: ShownColumn[] = ['at', 'status', 'stage', 'fence', 'instance'].map((title) => ({ title }));
  return formatTable([...columns, { title: 'note', shrinks: true }], rows, width);
}

function formatStages({ task, stages }: TaskDescription, width: number | null): string[] {
  const isRunning = task.task_status === 'processing';
  const rows = stages.map(({ fence, stage, seconds, outcome }) => [
    String(fence),
    stage,
    seconds === null ? '' : seconds.toFixed(2),
    outcome ?? (isRunning ? 'running' : 'not done yet'),
  ]);
  return formatTable(
    [{ title: 'fence' }, { title: 'stage' }, { title: 'seconds', align: 'right' }, { title: 'outcome' }],
    rows,
    width,
  );
}

function formatFiles(files: TaskDescription['files'], width: number | null): string[] {
  const rows = files.map(({ kind, original_name, bytes, sha256, deleted_at }) => [
    kind,
    original_name,
    bytes === null ? '' : formatBytes(Number(bytes)),
    sha256 === null ? '' : sha256.slice(0, 12),
    deleted_at === null ? '' : `deleted ${formatTime(deleted_at)}`,
  ]);
  return formatTable(
    [
      { title: 'kind' },
      { title: 'name', shrinks: true },
      { title: 'size', align: 'right' },
      { title: 'sha256' },
      { title: 'receipt' },
    ],
    rows,
    width,
  );
}

function formatDeliveries(deliveries: TaskDescription['deliveries'], width: number | null): string[] {
  const rows = deliveries.map(({ kind, url, status, state, attempts, next_at, finished_at, answer }) => [
    url ?? kind,
    status,
    state,
    String(attempts),
    finished_at === null ? `due ${formatTime(next_at)}` : formatTime(finished_at),
    answer ?? '',
  ]);
  return formatTable(
    [
      { title: 'receiver', shrinks: true },
      { title: 'of' },
      { title: 'state' },
      { title: 'attempts', align: 'right' },
      { title: 'at' },
      { title: 'answer', shrinks: true },
    ],
    rows,
    width,
  );
}

function toDocument({
  task,
  places,
  queuePlace,
  leftSec,
  events,
  stages,
  files,
  deliveries,
}: TaskDescription) {
  return {
    ...taskDocument(task, places),
    queuePlace: queuePlace === null ? null : { ahead: queuePlace.ahead, delaySec: queuePlace.delay_sec },
    leftSec,
    history: events.map(({ from_status, to_status, ...event }) => ({
      ...event,
      from: from_status,
      to: to_status,
    })),
    stages: stages.map(({ started_at, ...stage }) => ({ ...stage, startedAt: started_at })),
    fileList: files.map(({ original_name, deleted_at, bytes, ...file }) => ({
      ...file,
      originalName: original_name,
      bytes: bytes === null ? null : Number(bytes),
      deletedAt: deleted_at,
    })),
    deliveries: deliveries.map(({ message_id, next_at, finished_at, ...delivery }) => ({
      messageId: message_id,
      ...delivery,
      nextAt: next_at,
      finishedAt: finished_at,
    })),
  };
}
