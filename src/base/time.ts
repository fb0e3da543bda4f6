/** A duration as a clock shows it: hours, minutes and seconds, such as `1:23:45`. */
export function formatClock(durationSec: number): string {
  const total = Math.max(0, Math.floor(durationSec));
  const two = (value: number) => String(value).padStart(2, '0');
  return `${Math.floor(total / 3600)}:${two(Math.floor(total / 60) % 60)}:${two(total % 60)}`;
}

/** A duration in the largest unit that says enough, such as `0.4 s`, `12 s`, `3 min 20 s`, `2 h 5 min`. */
export function formatDuration(durationSec: number): string {
  if (durationSec < 10) return `${durationSec.toFixed(1)} s`;
  const total = Math.round(durationSec);
  if (total < 60) return `${total} s`;
  if (total < 3600) return `${Math.floor(total / 60)} min ${total % 60} s`;
  return `${Math.floor(total / 3600)} h ${Math.floor(total / 60) % 60} min`;
}

/** A moment in the time of this machine, with its zone: `2026-03-01 12:00:05 +0100`. */
export function formatTime(at: Date): string {
  const two = (value: number) => String(Math.trunc(value)).padStart(2, '0');
  const date = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  const eastMin = -at.getTimezoneOffset();
  const zone = `${eastMin < 0 ? '-' : '+'}${two(Math.abs(eastMin) / 60)}${two(Math.abs(eastMin) % 60)}`;
  return `${date} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())} ${zone}`;
}

/** Whether the time of a task has not come. */
export function isLater({ not_before }: { readonly not_before: Date | null }): boolean {
  return not_before !== null && not_before.getTime() > Date.now();
}

/** As `formatTime`, without seconds: `2026-03-01 12:00 +0100`. */
export function formatMinute(at: Date): string {
  return formatTime(at).replace(/:\d\d(?= )/, '');
}
