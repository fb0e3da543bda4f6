import { useState } from 'preact/hooks';
import { addressOf, ask } from '../api.ts';
import { html, type View } from '../html.ts';
import { useLoaded } from '../parts/load.ts';
import { exactTime } from '../times.ts';
import type { Action } from '../types.ts';
import { outcomeWords, verbOf } from './actions.ts';

/** Actions on many tasks: what, by whom and when. Requested when it is opened. */
export function ActionHistory(): View {
  const [isOpen, setOpen] = useState(false);
  return html`<details class="fold" onToggle=${(event: Event) => setOpen((event.target as HTMLDetailsElement).open)}>
    <summary>Who did what</summary>${isOpen && html`<${Rows} />`}
  </details>`;
}

function Rows(): View {
  const { value, problem } = useLoaded('actions', () =>
    ask<{ actions: readonly Action[] }>(addressOf('actions')),
  );
  if (problem !== null) return html`<p class="hint">${problem.message}</p>`;
  if (value === null) return html`<p class="hint">Reading</p>`;
  if (value.actions.length === 0) return html`<p class="hint">No action on many tasks yet.</p>`;
  return html`<ol class="timeline">${value.actions.map(
    ({ id, action, user, created_at: at, done, error, changed, skipped }) => html`<li key=${id}>
      <time>${exactTime(at)}</time><span>${user}: ${error ?? (done ? outcomeWords(action, changed ?? 0, skipped ?? 0) : `${verbOf(action)}, not done yet`)}</span></li>`,
  )}</ol>`;
}
