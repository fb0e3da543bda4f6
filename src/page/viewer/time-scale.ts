/** No shorter time is shown: a pitch period is some milliseconds long. */
const SHORTEST_SEC = 0.02;
const STEPS = [1, 2, 5];
const NICE_STEPS_SEC = [0.001, 0.01, 0.1, 1].flatMap((unit) => STEPS.map((step) => step * unit)).slice(0, -1);
const LONG_STEPS_SEC = [5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400];

/** Which part of a recording is on the screen, and where. Seconds, and pixels from the left edge. */
export class TimeScale {
  readonly seconds: number;
  from = 0;
  to: number;
  width = 1;

  constructor(seconds: number) {
    this.seconds = Math.max(seconds, SHORTEST_SEC);
    this.to = this.seconds;
  }

  toX(sec: number): number {
    return ((sec - this.from) / (this.to - this.from)) * this.width;
  }

  toSec(x: number): number {
    return this.from + (x / this.width) * (this.to - this.from);
  }

  /** Shows a stretch, moved so that it does not reach beyond the recording. */
  show(from: number, to: number): void {
    const length = Math.min(this.seconds, Math.max(SHORTEST_SEC, to - from));
    const start = Math.min(Math.max(0, from), this.seconds - length);
    this.from = start;
    this.to = start + length;
  }

  /** @param factor - above 1: less time on the screen @param aroundSec - keeps its place on the screen */
  zoom(factor: number, aroundSec: number): void {
    const length = Math.min(this.seconds, Math.max(SHORTEST_SEC, (this.to - this.from) / factor));
    const share = (aroundSec - this.from) / (this.to - this.from);
    this.show(aroundSec - share * length, aroundSec + (1 - share) * length);
  }

  /** @param sec - above 0: later */
  move(sec: number): void {
    this.show(this.from + sec, this.to + sec);
  }

  /** Shows a stretch without a change of scale, if it fits. */
  reveal(from: number, to: number): void {
    const length = this.to - this.from;
    if (from >= this.from && to <= this.to) return;
    if (to - from > length) this.show(from - (to - from) * 0.1, to + (to - from) * 0.1);
    else this.show((from + to - length) / 2, (from + to + length) / 2);
  }

  /** Times of the marks of an axis, and how many digits they need to differ. @param leastPx - between two marks */
  ticks(leastPx: number): { readonly times: readonly number[]; readonly digits: number } {
    const leastSec = (leastPx / this.width) * (this.to - this.from);
    const steps = [...NICE_STEPS_SEC, ...LONG_STEPS_SEC];
    const step = steps.find((one) => one >= leastSec) ?? 86_400;
    const first = Math.ceil(this.from / step);
    const last = Math.floor(this.to / step);
    const times = Array.from({ length: Math.max(0, last - first + 1) }, (_, at) => (first + at) * step);
    return { times, digits: step >= 1 ? 0 : Math.ceil(-Math.log10(step)) };
  }
}

/** As `1:02:03.45`. */
export function formatTime(sec: number, digits: number): string {
  const scale = 10 ** digits;
  const rounded = Math.round(sec * scale) / scale;
  const hours = Math.floor(rounded / 3600);
  const minutes = Math.floor((rounded % 3600) / 60);
  const rest = (rounded % 60).toFixed(digits).padStart(digits === 0 ? 2 : digits + 3, '0');
  return hours === 0 ? `${minutes}:${rest}` : `${hours}:${String(minutes).padStart(2, '0')}:${rest}`;
}
