/** Commands of keys. The buttons use the same names. */
export type Command =
  | 'play'
  | 'stop'
  | 'zoom-in'
  | 'zoom-out'
  | 'zoom-all'
  | 'zoom-selection'
  | 'next'
  | 'previous'
  | 'tier-down'
  | 'tier-up'
  | 'start-earlier'
  | 'start-later'
  | 'end-earlier'
  | 'end-later'
  | 'edit'
  | 'edit-or-insert'
  | 'insert'
  | 'insert-alone'
  | 'join-before'
  | 'join-after'
  | 'join-before-alone'
  | 'join-after-alone'
  | 'undo'
  | 'redo'
  | 'next-place'
  | 'previous-place'
  | 'page-back'
  | 'page-on'
  | 'go-start'
  | 'go-end'
  | 'loop'
  | 'leave';

type Keys = Readonly<Record<string, Command>>;

/** Praat's keys. Some browsers keep Ctrl-N and others for themselves, so the letters alone do the same. */
const PLAIN: Keys = {
  Tab: 'play',
  ' ': 'play',
  i: 'zoom-in',
  o: 'zoom-out',
  a: 'zoom-all',
  n: 'zoom-selection',
  '+': 'zoom-in',
  '-': 'zoom-out',
  ArrowRight: 'next',
  ArrowLeft: 'previous',
  ArrowDown: 'tier-down',
  ArrowUp: 'tier-up',
  PageDown: 'page-on',
  PageUp: 'page-back',
  Home: 'go-start',
  End: 'go-end',
  Enter: 'edit-or-insert',
  b: 'insert',
  B: 'insert-alone',
  F2: 'edit',
  d: 'next-place',
  D: 'previous-place',
  l: 'loop',
  Escape: 'leave',
};
const WITH_CONTROL: Keys = {
  i: 'zoom-in',
  o: 'zoom-out',
  a: 'zoom-all',
  n: 'zoom-selection',
  z: 'undo',
  Z: 'redo',
  y: 'redo',
};
const WITH_ALT: Keys = {
  ArrowDown: 'tier-down',
  ArrowUp: 'tier-up',
  ArrowLeft: 'start-earlier',
  ArrowRight: 'start-later',
  Backspace: 'join-before',
  Delete: 'join-after',
};
const WITH_ALT_AND_SHIFT: Keys = {
  ArrowLeft: 'end-earlier',
  ArrowRight: 'end-later',
  Backspace: 'join-before-alone',
  Delete: 'join-after-alone',
};

/** @returns null: the key is left to the browser */
export function commandOf({ key, ctrlKey, metaKey, altKey, shiftKey }: KeyboardEvent): Command | null {
  const has = (keys: Keys) => (Object.hasOwn(keys, key) ? (keys[key] ?? null) : null);
  if (ctrlKey || metaKey) return altKey ? null : has(WITH_CONTROL);
  if (altKey) return has(shiftKey ? WITH_ALT_AND_SHIFT : WITH_ALT);
  // With Shift, Tab leaves the viewer as it does everywhere.
  return key === 'Tab' && shiftKey ? null : has(PLAIN);
}
