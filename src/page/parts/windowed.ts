import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { html, type View } from '../html.ts';

/** Rows are added and removed in blocks of this size. */
const BLOCK = 40;
/** A list up to this length is drawn completely. */
const SHORT = 100;
/** The assumed height of a block until it was drawn once. */
const GUESSED_ROW_PX = 64;
/** State that would be lost with its row. */
const IN_USE = ':focus, details[open]';

/**
 * For the `<li>` of a row: its position in the whole list, since a screen reader cannot count rows that are not in the
 * page.
 */
export interface RowPlace {
  readonly 'aria-setsize'?: number;
  readonly 'aria-posinset'?: number;
}

export interface WindowedProps<Item> {
  readonly items: readonly Item[];
  readonly className: string;
  /** An `<li>` with a key. */
  readonly row: (item: Item, place: RowPlace) => View;
}

/** A list in which only the rows near the screen, and those in use, are in the page. Blanks replace the others. */
export function Windowed<Item>({ items, className, row }: WindowedProps<Item>): View {
  const list = useRef<HTMLUListElement>(null);
  const heights = useRef<number[]>([]);
  const [near, setNear] = useState<readonly number[]>([0]);
  const [, setMeasured] = useState({});
  const isLong = items.length > SHORT;
  const blocks = isLong ? blocksOf(Math.ceil(items.length / BLOCK), near) : [];
  const look = (): void => {
    if (list.current === null || !isLong) return;
    const found = findNear(list.current, items.length, heights.current);
    setNear((old) => (old.join() === found.join() ? old : found));
  };
  useLayoutEffect(() => {
    // The heights of the blanks have changed.
    if (list.current !== null && measure(list.current, blocks, heights.current)) setMeasured({});
    look();
  });
  useEffect(() => {
    if (!isLong) return;
    const end = new AbortController();
    let frame = 0;
    const lookSoon = (): void => {
      cancelAnimationFrame(frame);
      frame = requestAnimationFrame(look);
    };
    const resize = (): void => {
      heights.current = [];
      lookSoon();
    };
    window.addEventListener('scroll', lookSoon, { signal: end.signal, passive: true });
    window.addEventListener('resize', resize, { signal: end.signal });
    return () => {
      cancelAnimationFrame(frame);
      end.abort();
    };
  }, [items.length, isLong]);
  if (!isLong) return html`<ul class=${className}>${items.map((item) => row(item, {}))}</ul>`;
  // Not nested: a list inside the list would be drawn again, and lose the focus, when a blank before it is removed.
  const drawn = blocks.flatMap(({ first, count, isShown }) => {
    if (!isShown) {
      const height = sum(heights.current, first, first + count);
      return html`<li key=${`blank ${first}`} class="blank" aria-hidden="true" style=${{ height: `${height}px` }} />`;
    }
    const start = first * BLOCK;
    return items
      .slice(start, start + count * BLOCK)
      .map((item, at) => row(item, { 'aria-setsize': items.length, 'aria-posinset': start + at + 1 }));
  });
  return html`<ul class=${className} ref=${list}>${drawn}</ul>`;
}

/** Hidden blocks that follow each other become one blank. */
interface Run {
  readonly first: number;
  readonly count: number;
  readonly isShown: boolean;
}

function blocksOf(count: number, near: readonly number[]): Run[] {
  const runs: Run[] = [];
  let first = 0;
  for (const block of near.filter((one) => one < count)) {
    if (block > first) runs.push({ first, count: block - first, isShown: false });
    runs.push({ first: block, count: 1, isShown: true });
    first = block + 1;
  }
  if (first < count) runs.push({ first, count: count - first, isShown: false });
  return runs;
}

/** Blocks on the screen, one screen above and below it, and those in use. */
function findNear(list: HTMLUListElement, itemCount: number, heights: readonly number[]): number[] {
  const found = new Set<number>();
  const { innerHeight } = window;
  const count = Math.ceil(itemCount / BLOCK);
  let top = list.getBoundingClientRect().top;
  for (let block = 0; block < count; block++) {
    const bottom = top + heightOf(heights, block);
    if (bottom >= -innerHeight && top <= 2 * innerHeight) found.add(block);
    top = bottom;
  }
  const used = [...list.querySelectorAll(IN_USE)].flatMap((part) => part.closest('[aria-posinset]') ?? []);
  for (const one of used) found.add(Math.floor((Number(one.getAttribute('aria-posinset')) - 1) / BLOCK));
  return [...found].sort((a, b) => a - b);
}

/**
 * Measures the drawn blocks.
 * @returns whether the height of one has changed
 */
function measure(list: HTMLUListElement, runs: readonly Run[], heights: number[]): boolean {
  let isOther = false;
  const rows = [...list.children];
  let at = 0;
  for (const { first, isShown } of runs) {
    const start = rows[at];
    at += isShown ? BLOCK : 1;
    const next = rows[at];
    if (!isShown || start === undefined) continue;
    const bottom = next?.getBoundingClientRect().top ?? list.getBoundingClientRect().bottom;
    const height = bottom - start.getBoundingClientRect().top;
    isOther ||= Math.abs(height - heightOf(heights, first)) > 1;
    heights[first] = height;
  }
  return isOther;
}

function heightOf(heights: readonly number[], block: number): number {
  // The height of the first block, until the block itself was drawn.
  return heights[block] ?? heights[0] ?? BLOCK * GUESSED_ROW_PX;
}

function sum(heights: readonly number[], from: number, to: number): number {
  let total = 0;
  for (let block = from; block < to; block++) total += heightOf(heights, block);
  return total;
}
