import type { SoakFigures, Spread } from './figures.ts';
import { LEASE_SEC, type SoakReport } from './run.ts';

const SHOWN_VIOLATIONS = 20;
const MB = 1024 ** 2;
/** Events in the logs that show how much was disturbed. */
const TELLING_EVENTS = [
  'task.lost',
  'lease.heartbeat_failed',
  'task.end_delayed',
  'task.end_left_to_lease',
  'notifications.lost',
  'task.requeued',
  'audio.removed',
  'workspace.removed',
];

/** The counts, then the verdict. */
export function formatReport(report: SoakReport): string[] {
  const { figures, evidenceDir } = report;
  return [
    ...(figures === null ? [] : [...formatFigures(figures), '']),
    ...formatVerdict(report),
    ...(evidenceDir === null ? [] : [`logs and findings: ${evidenceDir}`]),
  ];
}

function formatFigures(figures: SoakFigures): string[] {
  const { memory, events } = figures;
  const total = Object.values(figures.fates).reduce((sum, count) => sum + count, 0);
  const telling = TELLING_EVENTS.flatMap((event) =>
    events[event] === undefined ? [] : [`${event} ${events[event]}`],
  );
  const mb = (bytes: number) => `${Math.round(bytes / MB)} MB`;
  const lines: readonly (readonly [string, string])[] = [
    ['tasks', `${total} in ${figures.waves} waves: ${list(figures.fates)}`],
    ['users', `${figures.cancelRequests} cancels, ${figures.retries} retries`],
    ['faults', list(figures.faults) || 'none: a calm soak'],
    ['instances ended', list(figures.ends)],
    ['reclaimed', `${spread(figures.reclaims)} from kill -9 to the next claim (lease ${LEASE_SEC} s)`],
    ['cancelled', `${spread(figures.cancels)} from the request to the engine's death`],
    ['', `${spread(figures.disturbedCancels)} on instances that were frozen, cut off or stopping`],
    ['stopped', `${spread(figures.stops)} from SIGTERM to the end (grace 1 s)`],
    [
      'memory',
      `${mb(memory.startBytes)} at the start, ${mb(memory.middleBytes)} half-way, ${mb(memory.endBytes)} at the end, peak ${mb(memory.peakBytes)} (instance 0)`,
    ],
    ['throughput', `${figures.tasksPerSec.toFixed(2)} tasks completed per second`],
    [
      'all done',
      figures.settledSec === null ? 'NOT within the limit' : `after ${figures.settledSec.toFixed(0)} s`,
    ],
    ['logs', telling.join(', ')],
  ];
  return lines.map(([name, text]) => `  ${name.padEnd(16)}${text}`);
}

function formatVerdict({ verdict, reason, violations }: SoakReport): string[] {
  if (verdict === 'held')
    return ['It held: nothing lost, nothing doubled, nothing left behind; every history is in order.'];
  const heading =
    verdict === 'broken off'
      ? `It was BROKEN OFF: ${reason}\nWhat was wrong by then: ${violations.length === 0 ? 'nothing that is known.' : `${violations.length} findings.`}`
      : `It did NOT hold: ${violations.length} findings.`;
  const rules = Map.groupBy(violations, ({ rule }) => rule);
  return [
    heading,
    ...[...rules].flatMap(([rule, found]) => [
      `- ${rule}: ${found.length}`,
      ...found
        .slice(0, SHOWN_VIOLATIONS)
        .map(({ taskId, message }) => `    ${taskId === null ? '' : `${taskId}: `}${message}`),
    ]),
  ];
}

function list(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .sort(([, a], [, b]) => b - a)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ');
}

function spread({ count, p50, max }: Spread): string {
  return count === 0 ? 'none' : `${count}: p50 ${p50.toFixed(2)} s, max ${max.toFixed(2)} s`;
}
