import { usage } from './args.ts';

const AGE = /^(\d{1,6})(min|h|d)$/;
const UNIT_SEC: Readonly<Record<string, number>> = { min: 60, h: 3600, d: 86_400 };
const DAY = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:\d\d)?))?$/;

/**
 * A time as for `parseMoment`, or how long from now: `90min`, `8h`, `2d`. A day means its first moment. A time in the past
 * is not an error.
 * @throws TaskError E_USAGE
 */
export function parseLater(text: string | undefined): Date | null {
  if (text === undefined) return null;
  const [, count, unit = ''] = AGE.exec(text) ?? [];
  if (count !== undefined) return new Date(Date.now() + Number(count) * (UNIT_SEC[unit] ?? 0) * 1000);
  const moment = parseTime(text, 'start');
  if (moment !== null) return moment;
  throw usage(
    'submit',
    `--not-before: expected a time ("2026-03-01 22:00"), a day (2026-03-01) or how long from now (90min, 8h, 2d), ` +
      `found ${JSON.stringify(text)}`,
  );
}

/** Whether a day without a time means its first moment, or the first moment of the next day. */
export type DayEdge = 'start' | 'end';

/**
 * A moment as people write it: `2026-03-01`, `2026-03-01 15:54`, the same with seconds or with a zone (`Z`, `+02:00`), or
 * how long ago it was: `90min`, `24h`, `7d`. Without a zone it is local time.
 * @throws TaskError E_USAGE
 */
export function parseMoment(command: string, option: string, text: string, edge: DayEdge): Date {
  const [, count, unit = ''] = AGE.exec(text) ?? [];
  if (count !== undefined) return new Date(Date.now() - Number(count) * (UNIT_SEC[unit] ?? 0) * 1000);
  const moment = parseTime(text, edge);
  if (moment !== null) return moment;
  throw usage(
    command,
    `${option}: expected a day (2026-03-01), a time ("2026-03-01 15:54") or an age (90min, 24h, 7d), ` +
      `found ${JSON.stringify(text)}`,
  );
}

function parseTime(text: string, edge: DayEdge): Date | null {
  const [, year = '', month = '', day = '', time] = DAY.exec(text) ?? [];
  const moment = new Date(`${year}-${month}-${day}T${time ?? '00:00'}`);
  if (Number.isNaN(moment.getTime()) || !isInCalendar(Number(year), Number(month), Number(day))) return null;
  if (time === undefined && edge === 'end') moment.setDate(moment.getDate() + 1);
  return moment;
}

/** Date takes the 30th of February for the 2nd of March. */
function isInCalendar(year: number, month: number, day: number): boolean {
  return new Date(Date.UTC(year, month - 1, day)).getUTCDate() === day;
}
