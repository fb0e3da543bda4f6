import { createStore } from './store.ts';

/** A key with a function in the current view. */
export interface Key {
  /** The value of `KeyboardEvent.key`. */
  readonly key: string;
  readonly does: string;
  readonly run: () => void;
}

const groups = new Set<readonly Key[]>();
const TYPING =
  'input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable], dialog, canvas';

/** Whether the list of keys is open. */
export const isKeyListOpen = createStore(false);

/** @returns a function that removes them */
export function addKeys(keys: readonly Key[]): () => void {
  groups.add(keys);
  return () => groups.delete(keys);
}

/** All keys of the view, for the list. */
export function currentKeys(): Key[] {
  return [...groups].flat();
}

export function startKeys(): void {
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (event.target instanceof Element && event.target.closest(TYPING) !== null) return;
    const key = currentKeys().find((one) => one.key === event.key);
    if (key === undefined) return;
    event.preventDefault();
    key.run();
  });
}
