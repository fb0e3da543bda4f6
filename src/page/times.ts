const DAY_MS = 86_400_000;

/** `just now`, `4 min ago`, `2 h ago`, then the time of day. */
export function relativeTime(at: string, nowMs: number): string {
  const agoSec = (nowMs - Date.parse(at)) / 1000;
  if (agoSec < 45) return 'just now';
  if (agoSec < 3600) return `${Math.max(1, Math.round(agoSec / 60))} min ago`;
  if (agoSec < 6 * 3600) return `${Math.round(agoSec / 3600)} h ago`;
  return clockTime(at);
}

/** Like `relativeTime`, with the day if it is not today: for places without a heading of the day. */
export function momentWords(at: string, nowMs: number): string {
  const said = relativeTime(at, nowMs);
  const isTimeOfDay = said === clockTime(at);
  const day = dayName(at, nowMs);
  return isTimeOfDay && day !== 'Today' ? `${day}, ${said}` : said;
}

/** `14:05`, in the time of the reader. */
export function clockTime(at: string | number): string {
  const date = new Date(at);
  return `${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** `2026-03-01 14:05:09`, in the time of the reader. */
export function exactTime(at: string): string {
  const date = new Date(at);
  return `${isoDay(date)} ${clockTime(at)}:${two(date.getSeconds())}`;
}

/** The day of a time as a heading: `Today`, `Yesterday`, `Monday`, `2 March`, `2 March 2025`. @internal */
export function dayName(at: string, nowMs: number): string {
  const date = new Date(at);
  const days = Math.round((startOfDay(nowMs) - startOfDay(date.getTime())) / DAY_MS);
  if (days <= 0) return 'Today';
  if (days === 1) return 'Yesterday';
  if (days < 7) return date.toLocaleDateString('en-GB', { weekday: 'long' });
  const isThisYear = date.getFullYear() === new Date(nowMs).getFullYear();
  return date.toLocaleDateString('en-GB', {
    day: 'numeric',
    month: 'long',
    ...(isThisYear ? {} : { year: 'numeric' }),
  });
}

/** Things with a time, in their order, under the names of their days. */
export function groupByDay<Item>(
  items: readonly Item[],
  timeOf: (item: Item) => string,
  nowMs: number,
): [day: string, items: Item[]][] {
  // Formatting thousands of days takes long.
  const names = new Map<string, string>();
  return [
    ...Map.groupBy(items, (item) => {
      const at = timeOf(item);
      const day = isoDay(new Date(at));
      const name = names.get(day) ?? dayName(at, nowMs);
      names.set(day, name);
      return name;
    }),
  ];
}

/** `YYYY-MM-DD`, in the time of the reader. */
function isoDay(date: Date): string {
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

function startOfDay(ms: number): number {
  return new Date(ms).setHours(0, 0, 0, 0);
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
