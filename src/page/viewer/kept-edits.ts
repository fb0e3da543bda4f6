import type { Edit, Edits } from './edit.ts';

const PREFIX = 'autophon-edits ';

/**
 * Keeps corrections in the browser until its tab is closed, so that another recording or a reload loses nothing.
 * @param url - of the recording
 */
export function keepEdits(url: string, edits: Edits, signal: AbortSignal): void {
  try {
    edits.restore(JSON.parse(sessionStorage.getItem(PREFIX + url) ?? '[]') as readonly Edit[]);
  } catch {
    // A browser may forbid it; then nothing is kept.
  }
  const keep = (): void => {
    try {
      if (edits.canUndo) sessionStorage.setItem(PREFIX + url, JSON.stringify(edits));
      else sessionStorage.removeItem(PREFIX + url);
    } catch {
      // As above; or the browser's storage is full.
    }
  };
  // `pagehide` is the last event that a page gets for certain.
  window.addEventListener('pagehide', keep, { signal });
  signal.addEventListener('abort', keep, { once: true });
}
