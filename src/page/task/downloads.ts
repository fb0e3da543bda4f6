import { useState } from 'preact/hooks';
import { formatBytes } from '../../base/bytes.ts';
import { addressOf, ask } from '../api.ts';
import { html, type View } from '../html.ts';
import { useLoaded } from '../parts/load.ts';
import type { ResultFile, Task } from '../types.ts';

/** The whole result, and a menu of its single files. */
export function Downloads({ task }: { task: Task }): View {
  const [isOpen, setOpen] = useState(false);
  const bytes = task.result?.bytes ?? null;
  return html`<span class="downloads">
    <a class="button main" download href=${addressOf('tasks', task.id, 'result')}>Download the result${bytes !== null && html` <span class="size">${formatBytes(bytes)}</span>`}</a>
    <details class="menu" open=${isOpen} onToggle=${(event: Event) => setOpen((event.target as HTMLDetailsElement).open)}>
      <summary class="button" aria-label="Single files of the result">Single files</summary>
      ${isOpen && html`<${Files} task=${task} />`}
    </details>
  </span>`;
}

function Files({ task }: { task: Task }): View {
  const address = addressOf('tasks', task.id, 'result', 'files');
  const { value, problem } = useLoaded(task.id, () => ask<{ files: ResultFile[] }>(address));
  if (problem !== null) return html`<p class="hint">${problem.message}</p>`;
  if (value === null) return html`<p class="hint">Reading the result</p>`;
  return html`<ul>${value.files.map(
    ({ name, bytes }) =>
      html`<li><a download href=${`${address}/${name.split('/').map(encodeURIComponent).join('/')}`}>${name}</a> <span class="size">${formatBytes(bytes)}</span></li>`,
  )}</ul>`;
}
