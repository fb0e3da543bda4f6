/**
 * Does work on items, some at a time, and yields the results in the order of the items. It ends only when no work runs any
 * more, also after an error or a `break` of its reader.
 * @param atOnce - how many items may be in work or wait as results
 * @throws what the work on the first item that failed throws
 */
export async function* inOrder<Item, Result>(
  items: Iterable<Item>,
  atOnce: number,
  work: (item: Item) => Promise<Result>,
): AsyncGenerator<Result, void> {
  const running: Promise<Result>[] = [];
  try {
    for (const item of items) {
      const started = work(item);
      // Its error is thrown when this item is next; until then it must not count as an unhandled rejection.
      started.catch(() => undefined);
      running.push(started);
      const [first] = running;
      if (first === undefined || running.length < atOnce) continue;
      yield await first;
      running.shift();
    }
    for (const one of running) yield await one;
  } finally {
    await Promise.allSettled(running);
  }
}
