import { html, type View } from '../html.ts';
import type { Task } from '../types.ts';
import { describeState, STATUS_WORDS } from '../words.ts';

/** The status of a task: a mark, its word, and a thin bar while it runs. */
export function StatusOf({ task }: { task: Task }): View {
  const { word, mark, tone } = STATUS_WORDS[task.status];
  return html`<span class=${`status ${tone}`}>
    <span class="mark" aria-hidden="true">${mark}</span><span class="word">${word}</span>
  </span>`;
}

/** The text beside the status. */
export function StateText({ task }: { task: Task }): View {
  const text = describeState(task);
  if (text === '') return null;
  return html`<span class=${`state-text ${STATUS_WORDS[task.status].tone}`} title=${text}>${text}</span>`;
}

export function RunningBar({ task }: { task: Task }): View {
  if (task.status !== 'processing') return null;
  return html`<${Bar} share=${task.progress} label="progress" />`;
}

/** @param share - from 0 to 1 */
export function Bar({ share, label }: { share: number; label: string }): View {
  const percent = Math.round(Math.min(1, Math.max(0, share)) * 100);
  return html`<span
    class="bar"
    role="progressbar"
    aria-label=${label}
    aria-valuenow=${percent}
    aria-valuemin="0"
    aria-valuemax="100"
  ><span style=${{ width: `${percent}%` }} /></span>`;
}
