import type { Edit, Edits } from './edit.ts';

const PREFIX = 'autophon-edits ';

/**
 * Keeps what is corrected in the browser until its tab is closed: another recording or a reload loses nothing.
 * @param url - of the recording
 */
export function keepEdits(url: string, edits: Edits, signal: AbortSignal): void {
  try {
    edits.restore(JSON.parse(sessionStorage.getItem(PREFIX + url) ?? '[]') as readonly Edit[]);
  } catch {
    // A browser may forbid it: then nothing is kept.
  }
  const keep = (): void => {
    try {
      if (edits.canUndo) sessionStorage.setItem(PREFIX + url, JSON.stringify(edits));
      else sessionStorage.removeItem(PREFIX + url);
    } catch {
      // As above; or there is no more room.
    }
  };
  // `pagehide` is the last that a page surely hears.
  window.addEventListener('pagehide', keep, { signal });
  signal.addEventListener('abort', keep, { once: true });
}
