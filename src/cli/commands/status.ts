import { setTimeout as delay } from 'node:timers/promises';
import { type App, openApp } from '../../app/open.ts';
import { shortId } from '../../base/short-id.ts';
import { formatDuration, formatMinute, formatTime } from '../../base/time.ts';
import { unlessAborted } from '../../base/unless-aborted.ts';
import { type Overview, readOverview } from '../../tasks/overview.ts';
import { describePause } from '../../tasks/pauses.ts';
import { assertCount, usage } from '../args.ts';
import { configOf, defineCommand, type ExitCode, personalLog } from '../command.ts';
import { formatEngines } from '../engines-text.ts';
import type { Output } from '../output.ts';
import { pauseDocument } from '../pause-options.ts';
import { formatBar, formatPercent } from '../progress-bar.ts';
import { formatTable } from '../table.ts';
import { formatLeft, paintStatus } from '../task-text.ts';

const BAR_WIDTH = 12;
/** On a narrower terminal there is no space for bars beside the time left. */
const MIN_COLUMNS_FOR_BARS = 100;
const INDENT = '  ';
const WATCH_PAUSE_MS = 1_000;

export const statusCommand = defineCommand({
  name: 'status',
  usage: '',
  details: ['Shows how many tasks have each status, what waits, which workers run, and what they do.'],
  options: {
    watch: { type: 'boolean', help: 'show it again every second, until Ctrl-C' },
  },
  examples: ['autophon status', 'autophon status --watch'],
  run: async ({ values: { watch }, positionals }, context): Promise<ExitCode> => {
    assertCount('status', positionals, { min: 0, max: 0, what: 'no arguments' });
    const { output } = context;
    if (watch && !output.isTerminal) throw usage('status', '--watch needs a terminal, and no --json');
    const config = configOf(context);
    await using app = await openApp(config, personalLog(output, config), 'status');
    if (watch) await watchOverview(app, output);
    else {
      const overview = await readOverview(app.db);
      output.lines(formatOverview(overview, output));
      output.json(toDocument(overview));
    }
    return 0;
  },
});

async function watchOverview(app: App, output: Output): Promise<void> {
  const interrupt = new AbortController();
  process.once('SIGINT', () => interrupt.abort());
  while (!interrupt.signal.aborted) {
    const reading = unlessAborted(interrupt.signal, readOverview(app.db));
    const overview = await reading.catch((error) => {
      if (interrupt.signal.aborted) return null;
      throw error;
    });
    if (overview === null) break;
    output.draw(formatOverview(overview, output));
    await delay(WATCH_PAUSE_MS, undefined, { signal: interrupt.signal }).catch(() => undefined);
  }
  output.keepDrawn();
}

function formatOverview(overview: Overview, output: Output): string[] {
  const heading = (text: string) => output.paint(text, 'bold');
  const width = output.width === null ? null : output.width - INDENT.length;
  return [
    heading('Tasks'),
    ...indent(formatCounts(overview, output)),
    '',
    heading('Queue'),
    ...indent(formatQueue(overview, width)),
    '',
    heading('Workers'),
    ...indent(formatInstances(overview, width)),
    '',
    ...(overview.pauses.length === 0
      ? []
      : [heading('Paused'), ...indent(overview.pauses.map(describePause)), '']),
    heading('Running'),
    ...indent(formatRunning(overview, width)),
    ...overview.hints.map((hint) => `\n${output.paint(hint, 'yellow')}`),
  ].flatMap((line) => line.split('\n'));
}

function formatCounts({ counts }: Overview, output: Output): string[] {
  if (counts.length === 0) return ['none yet; queue one with "autophon submit"'];
  return formatTable(
    [{ title: 'status' }, { title: 'tasks', align: 'right' }],
    counts.map(({ task_status, tasks }) => [paintStatus(task_status, output), String(tasks)]),
  );
}

function formatQueue({ queue }: Overview, width: number | null): string[] {
  if (queue.length === 0) return ['empty'];
  return formatTable(
    [
      { title: 'engine' },
      { title: 'ready', align: 'right' },
      { title: 'waits for its next attempt', align: 'right', shrinks: true },
      { title: 'oldest waits', align: 'right' },
      { title: 'for later', align: 'right' },
      { title: 'next of them' },
    ],
    queue.map(({ engine, ready, delayed, oldest_waits_sec, later, next_later }) => [
      engine ?? '',
      String(ready),
      String(delayed),
      ready + delayed === 0 ? '' : formatDuration(Math.max(0, oldest_waits_sec)),
      String(later),
      next_later === null ? '' : formatMinute(next_later),
    ]),
    width,
  );
}

function formatInstances({ instances, running }: Overview, width: number | null): string[] {
  if (instances.length === 0) return ['none'];
  const table = formatTable(
    [
      { title: 'instance' },
      { title: 'host', shrinks: true },
      { title: 'pid', align: 'right' },
      { title: 'busy' },
      { title: 'up' },
      { title: 'engines' },
    ],
    instances.map(({ id, host, pid, slots, started_at, engines }) => [
      shortId(id),
      host,
      String(pid),
      slots === 0 ? 'by hand' : `${countBusy(id, running)} of ${slots}`,
      formatDuration(Math.max(0, Date.now() - started_at.getTime()) / 1000),
      formatEngines(engines),
    ]),
    width,
  );
  const pauses = instances.flatMap(({ id, paused, paused_since }) =>
    paused === null ? [] : [`${shortId(id)} takes no new tasks${formatSince(paused_since)}: ${paused}`],
  );
  const lacks = instances.flatMap(({ id, engines }) =>
    Object.entries(engines)
      .filter(([, { state }]) => state === 'missing' || state === 'sick')
      .map(([name, { note }]) => `${shortId(id)} cannot run ${name}: ${note}`),
  );
  return [...table, ...pauses, ...lacks];
}

function formatSince(at: Date | null): string {
  return at === null ? '' : ` since ${formatTime(at)}`;
}

function formatRunning({ running, forecasts }: Overview, width: number | null): string[] {
  if (running.length === 0) return ['none'];
  const hasBars = width === null || width >= MIN_COLUMNS_FOR_BARS;
  return formatTable(
    [
      { title: 'task' },
      { title: 'user', shrinks: true },
      { title: 'language', shrinks: true },
      { title: 'stage' },
      { title: 'progress', align: hasBars ? 'left' : 'right' },
      { title: 'left', align: 'right' },
      { title: 'instance' },
    ],
    running.map((task) => [
      shortId(task.task_id),
      task.user_uuid,
      task.lang ?? '',
      task.stage ?? '',
      hasBars ? formatBar(task.progress, BAR_WIDTH) : formatPercent(task.progress),
      formatLeft(task, forecasts.get(task.task_id)?.left_sec ?? null),
      task.instance === null ? '' : shortId(task.instance),
    ]),
    width,
  );
}

/** Counted here, since an instance updates its own count only every ten seconds. */
function countBusy(instanceId: string, running: Overview['running']): number {
  return running.filter(({ instance }) => instance === instanceId).length;
}

function indent(lines: readonly string[]): string[] {
  return lines.map((line) => INDENT + line);
}

function toDocument({ counts, queue, instances, pauses, running, forecasts, hints }: Overview) {
  return {
    tasks: Object.fromEntries(counts.map(({ task_status, tasks }) => [task_status, tasks])),
    queue: queue.map(({ engine, ready, delayed, oldest_waits_sec, later, next_later }) => ({
      engine,
      ready,
      delayed,
      oldestWaitsSec: oldest_waits_sec,
      later,
      nextLater: next_later,
    })),
    instances: instances.map(({ started_at, seen_at, paused_since, ...instance }) => ({
      ...instance,
      busy: countBusy(instance.id, running),
      startedAt: started_at,
      seenAt: seen_at,
      pausedSince: paused_since,
    })),
    running: running.map((task) => ({
      taskId: task.task_id,
      user: task.user_uuid,
      lang: task.lang,
      stage: task.stage,
      progress: task.progress,
      fence: task.fence,
      instance: task.instance,
      startedAt: task.started_at,
      leftSec: forecasts.get(task.task_id)?.left_sec ?? null,
    })),
    pauses: pauses.map(pauseDocument),
    hints,
  };
}
