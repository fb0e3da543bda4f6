/** Rounds seconds to whole milliseconds. */
export function toMs(seconds: number): number {
  return Math.round(seconds * 1000);
}

/** Formats a time as `00:01:02.500`. Hours may have more than two digits. */
export function formatCueTime(ms: number, point: ',' | '.'): string {
  const digits = (value: number, count: number) => String(value).padStart(count, '0');
  const seconds = Math.floor(ms / 1000);
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return `${digits(hours, 2)}:${digits(minutes, 2)}:${digits(seconds % 60, 2)}${point}${digits(ms % 1000, 3)}`;
}
