import { formatCount, plural } from '../../base/count-text.ts';
import type { Instance, Statistics } from '../types.ts';
import { roughDuration } from '../words.ts';

/** A fault of the service that an operator can fix. */
export interface ServiceProblem {
  /** What is wrong. */
  readonly text: string;
  readonly fix: string;
  /** Address of the tasks that it is about. */
  readonly tasks?: string;
}

/** A longer wait is a problem. */
const LONG_WAIT_SEC = 600;
/** A single failure is mostly caused by a file. */
const MANY_FAILURES = 3;

/** Problems of the service, the most pressing first. */
export function findProblems(
  { waiting, buckets, failures }: Statistics,
  instances: readonly Instance[],
): ServiceProblem[] {
  const problems: ServiceProblem[] = [];
  if (instances.length === 0)
    problems.push({
      text: 'No worker runs, so no task is aligned.',
      fix: 'Start one with “make worker”.',
    });
  else for (const one of waiting) problems.push(...judgeWaiting(one, instances));
  for (const { host, pid, paused } of instances) {
    if (paused !== null)
      problems.push({ text: `The worker ${host}, process ${pid}, takes no tasks.`, fix: paused });
  }
  const sum = (of: 'completed' | 'failed'): number => buckets.reduce((total, one) => total + one[of], 0);
  const failed = sum('failed');
  const [most] = failures;
  if (failed >= MANY_FAILURES && failed > sum('completed') && most !== undefined)
    problems.push({
      text: `More tasks failed (${formatCount(failed)}) than were done (${formatCount(sum('completed'))}), most of them with ${most.code ?? 'no code'}.`,
      fix: 'Look at one of them, fix the cause, then select all and try again.',
      tasks: failedAddress(most.code),
    });
  return problems;
}

export function failedAddress(code: string | null): string {
  return `/operator?${new URLSearchParams({ state: 'failed', ...(code === null ? {} : { code }) })}`;
}

function judgeWaiting(
  { engine, ready, oldest_waits_sec: oldestSec }: Statistics['waiting'][number],
  instances: readonly Instance[],
): ServiceProblem[] {
  if (ready === 0) return [];
  const able = instances.filter(({ engines }) => engines?.[engine]?.state === 'ready');
  const waitsSec = oldestSec ?? 0;
  const since = ` for ${roughDuration(waitsSec)}`;
  if (able.length === 0) {
    const note = instances.map(({ engines }) => engines?.[engine]?.note ?? null).find((one) => one !== null);
    return [
      {
        text: `${plural(ready, 'task waits', 'tasks wait')}${waitsSec >= 1 ? since : ''}: no worker has the engine ${engine}.`,
        fix: `${note === null || note === undefined ? '' : `${note}. `}Start a worker where it is installed; “autophon doctor” says what is missing.`,
        tasks: '/operator?state=waiting',
      },
    ];
  }
  if (waitsSec < LONG_WAIT_SEC) return [];
  const slots = able.reduce((total, one) => total + one.slots, 0);
  return [
    {
      text: `The oldest of ${plural(ready, 'task')} for ${engine} has waited${since}; ${plural(slots, 'slot')} in all.`,
      fix: 'Start another worker, or wait.',
      tasks: '/operator?state=waiting',
    },
  ];
}
