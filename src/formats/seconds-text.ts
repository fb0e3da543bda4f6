/** `.001` to `.999` without zeros at the end, as numbers are written; the first is empty. */
const FRACTIONS = Array.from({ length: 1_000 }, (_, ms) => (ms === 0 ? '' : String(ms / 1_000).slice(1)));
/** Above, a number may have digits that its milliseconds do not show. */
const LAST_EXACT_SEC = 1e9;

/**
 * Writes times in seconds as `String` does. To write a number is what takes longest in a large result: whole
 * milliseconds, which most times are, are put together from parts, and a time that comes twice in a row is kept.
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
