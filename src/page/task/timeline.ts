import { useState } from 'preact/hooks';
import { formatDuration } from '../../base/time.ts';
import { addressOf, ask } from '../api.ts';
import { html, type View } from '../html.ts';
import { useLoaded } from '../parts/load.ts';
import { exactTime } from '../times.ts';
import type { Delivery, History, HistoryEvent, Task } from '../types.ts';
import { STATUS_WORDS, stageWords } from '../words.ts';

/** The history of the task, oldest first. Requested when it is opened. */
export function Timeline({ task }: { task: Task }): View {
  const [isOpen, setOpen] = useState(false);
  return html`<details class="fold" onToggle=${(event: Event) => setOpen((event.target as HTMLDetailsElement).open)}>
    <summary>What happened</summary>
    ${isOpen && html`<${Events} key=${`${task.status} ${task.stage} ${task.attempts}`} taskId=${task.id} />`}
  </details>`;
}

function Events({ taskId }: { taskId: string }): View {
  const { value, problem } = useLoaded<History>(taskId, () => ask(addressOf('tasks', taskId, 'history')));
  if (problem !== null) return html`<p class="hint">${problem.message}</p>`;
  if (value === null) return html`<p class="hint">Reading</p>`;
  return html`<ol class="timeline">${value.events.map((event, index) => {
    const next = value.events[index + 1];
    const lastsSec = next === undefined ? null : (Date.parse(next.at) - Date.parse(event.at)) / 1000;
    return html`<li><time title=${exactTime(event.at)}>${exactTime(event.at)}</time>
      <span title=${event.instance === null ? undefined : `instance ${event.instance}`}>${wordsOf(event)}</span>${lastsSec !== null && lastsSec >= 0.05 && html`<span class="quiet">${formatDuration(lastsSec)}</span>`}</li>`;
  })}${value.deliveries.map((delivery) => {
    const at = exactTime(delivery.finished_at ?? delivery.next_at);
    return html`<li><time title=${at}>${at}</time><span>${toldWords(delivery)}</span></li>`;
  })}</ol>`;
}

function toldWords({ kind, url, state, answer }: Delivery): string {
  const receiver = kind === 'command' ? 'the program of this site' : (URL.parse(url ?? '')?.host ?? '');
  const what = {
    delivered: `${receiver} was told`,
    waiting: `${receiver} is to be told`,
    'given up': `${receiver} could not be told`,
  }[state];
  return [what, answer].filter((part) => part !== null).join(', ');
}

function wordsOf({ to_status: status, stage, note, fence }: HistoryEvent): string {
  const what = status === 'processing' ? stageWords(stage) : STATUS_WORDS[status].word;
  return [what, note, status === 'processing' && fence > 1 ? `attempt ${fence}` : null]
    .filter((part) => part !== null && part !== '')
    .join(', ');
}
