/** The texts `.001` to `.999`, without zeros at the end. The first text, for 0 ms, is empty. */
const FRACTIONS = Array.from({ length: 1_000 }, (_, ms) => (ms === 0 ? '' : String(ms / 1_000).slice(1)));
/** From here on, the text that is joined from whole milliseconds may differ from that of `String`. */
const LAST_EXACT_SEC = 1e9;

/**
 * Makes a function that writes seconds as `String` does, but faster: in a large result, writing numbers takes most of
 * the time. It joins two texts for a time in whole milliseconds, as most are, and keeps the last text, since times are
 * repeated.
 * @param other - writes all other times
 */
export function secondsText(other: (sec: number) => string = String): (sec: number) => string {
  let lastSec = Number.NaN;
  let last = '';
  let lastWhole = 0;
  let whole = '0';
  return (sec) => {
    if (sec === lastSec) return last;
    lastSec = sec;
    const ms = Math.round(sec * 1_000);
    if (!(sec >= 0 && sec < LAST_EXACT_SEC && ms / 1_000 === sec)) {
      last = other(sec);
      return last;
    }
    const wholeSec = Math.floor(ms / 1_000);
    if (wholeSec !== lastWhole) whole = String(wholeSec);
    lastWhole = wholeSec;
    last = whole + FRACTIONS[ms - wholeSec * 1_000];
    return last;
  };
}
