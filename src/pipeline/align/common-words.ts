/** The limit of differences. Time grows with differences and words, memory with the square of the differences. */
const MAX_DIFFERENCES = 400;

/**
 * The words that a text and an engine's output have in common, in the order of both: as many as possible (a longest
 * common subsequence, by Myers' algorithm). With too many differences only those before the first and after the last.
 * @returns for each of the given words its place in the text; undefined: it has none
 */
export function placeWords(text: readonly string[], given: readonly string[]): (number | undefined)[] {
  const places: (number | undefined)[] = given.map(() => undefined);
  const shorter = Math.min(text.length, given.length);
  let head = 0;
  while (head < shorter && text[head] === given[head]) places[head] = head++;
  let tail = 0;
  while (tail < shorter - head && text.at(-1 - tail) === given.at(-1 - tail)) {
    places[given.length - 1 - tail] = text.length - 1 - tail;
    tail += 1;
  }
  const middle = findPath(text.slice(head, text.length - tail), given.slice(head, given.length - tail));
  for (const [at, index] of middle) places[head + index] = head + at;
  return places;
}

/** Pairs of places with the same word, the last one first; none when there are too many differences. */
function findPath(text: readonly string[], given: readonly string[]): [at: number, index: number][] {
  const max = Math.min(MAX_DIFFERENCES, text.length + given.length);
  // How far into the text each diagonal leads. Its number: words of the text that were skipped, minus given words.
  const reached = new Int32Array(2 * max + 3);
  const steps: Int32Array[] = [];
  const goal = text.length - given.length;
  for (let count = 0; count <= max; count++) {
    // Only these diagonals are needed on the way back.
    steps.push(reached.slice(max + 1 - count, max + 2 + count));
    for (let diagonal = -count; diagonal <= count; diagonal += 2) {
      let at = enter(reached, max + 1 + diagonal, diagonal, count);
      while (at < text.length && at - diagonal < given.length && text[at] === given[at - diagonal]) at += 1;
      reached[max + 1 + diagonal] = at;
      if (diagonal === goal && at >= text.length) return goBack(steps, text.length, given.length);
    }
  }
  return [];
}

/**
 * Where the path enters a diagonal after this number of differences; the last difference leads there from a diagonal
 * beside it.
 */
function enter(reached: Int32Array, center: number, diagonal: number, count: number): number {
  const below = reached[center - 1] ?? 0;
  const above = reached[center + 1] ?? 0;
  if (count === 0) return 0;
  return isFromAbove(below, above, diagonal, count) ? above : below + 1;
}

function isFromAbove(below: number, above: number, diagonal: number, count: number): boolean {
  return diagonal === -count || (diagonal !== count && below < above);
}

function goBack(
  steps: readonly Int32Array[],
  textLength: number,
  givenLength: number,
): [at: number, index: number][] {
  const pairs: [number, number][] = [];
  let at = textLength;
  let index = givenLength;
  for (let count = steps.length - 1; count >= 0; count--) {
    const reached = steps[count] ?? new Int32Array();
    const diagonal = at - index;
    const below = reached[count + diagonal - 1] ?? 0;
    const above = reached[count + diagonal + 1] ?? 0;
    const fromAbove = isFromAbove(below, above, diagonal, count);
    const entered = count === 0 ? 0 : fromAbove ? above : below + 1;
    while (at > entered) pairs.push([--at, --index]);
    if (count === 0) break;
    if (fromAbove) index -= 1;
    else at -= 1;
  }
  return pairs;
}
