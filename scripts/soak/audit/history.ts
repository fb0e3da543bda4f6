import type { EventRow, TaskRow } from './final-rows.ts';

interface Told {
  status: string | null;
  fence: number;
  attempts: number;
  completions: number;
}

/**
 * Follows a task through its events and compares the result with its row.
 * @param edges - `from>to`, the allowed changes of status
 * @returns one sentence for each difference
 */
export function checkHistory(
  row: TaskRow,
  events: readonly EventRow[],
  edges: ReadonlySet<string>,
): string[] {
  const told: Told = { status: null, fence: 0, attempts: 0, completions: 0 };
  const faults = events.flatMap((event) => tell(told, event, edges));
  if (told.completions > 1) faults.push(`completed ${told.completions} times`);
  const said: readonly (readonly [string, unknown, unknown])[] = [
    ['status', told.status, row.task_status],
    ['fence', told.fence, row.fence],
    ['attempts', told.attempts, row.attempts],
  ];
  for (const [what, byEvents, byRow] of said) {
    if (byEvents !== byRow) faults.push(`${what}: ${byEvents} by its events, ${byRow} in its row`);
  }
  return faults;
}

function tell(told: Told, event: EventRow, edges: ReadonlySet<string>): string[] {
  const { from_status: from, to_status: to, fence } = event;
  const faults: string[] = [];
  if (from !== told.status) faults.push(`an event from ${from}, the one before led to ${told.status}`);
  if (from === null ? !/^upload(ing|ed)$/.test(to) : from !== to && !edges.has(`${from}>${to}`))
    faults.push(`${from} to ${to} is not allowed`);

  const isClaim = fence !== told.fence;
  if (isClaim && (fence !== told.fence + 1 || to !== 'processing'))
    faults.push(`fence ${told.fence} to ${fence} on the way from ${from} to ${to}`);
  if (from === 'uploaded' && to === 'processing' && !isClaim)
    faults.push(`claimed without a fence of its own`);

  if (isClaim) {
    told.attempts += 1;
  } else if (from === 'processing' && to === 'uploaded' && isHandBack(event)) {
    told.attempts -= 1;
  } else if ((from === 'failed' || from === 'cancelled') && to === 'uploaded') {
    told.attempts = 0;
  } else if (from === 'processing' && to === 'completed') {
    told.completions += 1;
  }
  told.status = to;
  told.fence = fence;
  return faults;
}

/** A note that repeats the one before is not written again; notes of retries count. */
function isHandBack({ note }: EventRow): boolean {
  return note === null || note.startsWith('handed back');
}
