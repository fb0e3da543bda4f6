import { plural } from '../../base/count-text.ts';
import { formatDuration } from '../../base/time.ts';
import { addressOf, ask } from '../api.ts';
import { html, type View } from '../html.ts';
import { languageName, languages } from '../languages.ts';
import { mayChange, session } from '../session.ts';
import { useStore } from '../store.ts';
import { exactTime, groupByDay, relativeTime } from '../times.ts';
import type { Task } from '../types.ts';
import { taskName } from '../words.ts';
import { useNow } from './clock.ts';
import { attempt, tell } from './notices.ts';
import { RunningBar, StateText, StatusOf } from './status.ts';
import { type RowPlace, Windowed } from './windowed.ts';

export interface Selection {
  readonly ids: ReadonlySet<string>;
  readonly toggle: (id: string) => void;
}

export interface TaskRowsProps {
  readonly tasks: readonly Task[];
  /** Whether to show their users. */
  readonly isOfAll?: boolean;
  /** With a check box at each. */
  readonly selection?: Selection;
}

/** Tasks under the days when they were made. */
export function TaskRows({ tasks, isOfAll = false, selection }: TaskRowsProps): View {
  const nowMs = useNow();
  return html`<div class="days">
    ${groupByDay(tasks, (task) => task.created_at, nowMs).map(
      ([day, ofDay]) => html`<section key=${day}>
        <h2 class="day">${day}</h2>
        <${Windowed} className="tasks" items=${ofDay} row=${(task: Task, place: RowPlace) => html`<${TaskRow} key=${task.id} task=${task} place=${place} nowMs=${nowMs} isOfAll=${isOfAll} selection=${selection} />`} />
      </section>`,
    )}
  </div>`;
}

interface TaskRowProps {
  readonly task: Task;
  readonly place: RowPlace;
  readonly nowMs: number;
  readonly isOfAll: boolean;
  readonly selection: Selection | undefined;
}

function TaskRow({ task, place, nowMs, isOfAll, selection }: TaskRowProps): View {
  const may = mayChange(useStore(session));
  const known = useStore(languages);
  return html`<li class=${selection === undefined ? 'task' : 'task chosen-by-box'} ...${place}>
    ${selection !== undefined && html`<input type="checkbox" aria-label=${`Select ${taskName(task)}`} checked=${selection.ids.has(task.id)} onChange=${() => selection.toggle(task.id)} />`}
    <div class="about">
      <a class="name" href=${`/tasks/${encodeURIComponent(task.id)}`}>${taskName(task)}</a>
      <span class="facts">
        ${isOfAll && html`<span class="owner">${task.user}</span>`}
        <span title=${task.lang}>${languageName(known, task.lang)}</span>
        ${task.files !== null && html`<span>${plural(task.files, task.status === 'uploading' ? 'file' : 'recording')}</span>`}
        ${task.audio_seconds !== null && task.audio_seconds > 0 && html`<span>${formatDuration(task.audio_seconds)} of audio</span>`}
        <time datetime=${task.created_at} title=${exactTime(task.created_at)}>${relativeTime(task.created_at, nowMs)}</time>
      </span>
    </div>
    <div class="state"><${StatusOf} task=${task} /><${StateText} task=${task} /><${RunningBar} task=${task} /></div>
    <div class="actions">${may && html`<${TaskAction} task=${task} />`}</div>
  </li>`;
}

/** The most usual action for a task with its status. */
export function TaskAction({ task }: { task: Task }): View {
  const name = taskName(task);
  if (task.status === 'completed' && task.result !== null)
    return html`<a class="button small" download href=${addressOf('tasks', task.id, 'result')} aria-label=${`Download the result of ${name}`}>Download</a>`;
  if (task.status === 'uploaded' || (task.status === 'processing' && !task.cancel_requested))
    return html`<button class="small quiet" aria-label=${`Cancel: ${name}`} onClick=${() => act(task, 'cancel')}>Cancel</button>`;
  if (task.status === 'failed' || task.status === 'cancelled')
    return html`<button class="small" aria-label=${`Try again: ${name}`} onClick=${() => act(task, 'retry')}>Try again</button>`;
  return null;
}

async function act(task: Task, action: 'cancel' | 'retry'): Promise<void> {
  const isDone = await attempt(() => ask(addressOf('tasks', task.id, action), { method: 'POST' }));
  if (isDone)
    tell(action === 'cancel' ? `${taskName(task)} is cancelled` : `${taskName(task)} is queued again`);
}
