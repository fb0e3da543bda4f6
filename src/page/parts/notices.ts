import type { Problem } from '../api.ts';
import { html, type View } from '../html.ts';
import { createStore, useStore } from '../store.ts';

/** Short messages at the lower edge, read aloud by screen readers. */
const notice = createStore<{ text: string; tone: 'plain' | 'failed' } | null>(null);
const SHOWN_MS = 6_000;
let timer: ReturnType<typeof setTimeout> | undefined;

export function tell(text: string, tone: 'plain' | 'failed' = 'plain'): void {
  clearTimeout(timer);
  notice.set({ text, tone });
  timer = setTimeout(() => notice.set(null), SHOWN_MS);
}

/** Runs the function of a button and shows its errors. */
export async function attempt(work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    tell((error as Error).message, 'failed');
    return false;
  }
}

export function Notices(): View {
  const now = useStore(notice);
  return html`<div class="notices" role="status" aria-live="polite">
    ${now !== null && html`<p class=${now.tone}>${now.text}</p>`}
  </div>`;
}

/** Shown in place of data that could not be fetched. */
export function ProblemBox({ problem }: { problem: Problem }): View {
  const [title, text] = wordsFor(problem);
  return html`<section class="empty" role="alert"><h2>${title}</h2><p>${text}</p>
    ${problem.status === 404 && html`<p><a href="/">All tasks</a></p>`}</section>`;
}

function wordsFor({ status, message }: Problem): [title: string, text: string] {
  if (status === 0)
    return ['The server does not answer', 'Start it with “make web”. This page tries again by itself.'];
  if (status === 401) return ['Please sign in', message];
  if (status === 403) return ['You may not see this', message];
  if (status === 404) return ['This is gone', 'It was deleted, or it belongs to another user.'];
  return ['This did not work', message];
}

/** Grey lines where rows will be. */
export function Skeleton({ rows = 3 }: { rows?: number }): View {
  return html`<div class="skeleton" aria-label="loading" role="status">
    ${Array.from({ length: rows }, () => html`<div />`)}
  </div>`;
}
