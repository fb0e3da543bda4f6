import { plural } from '../../base/count-text.ts';
import { addressOf, ask } from '../api.ts';
import { html, type View } from '../html.ts';
import { attempt } from '../parts/notices.ts';
import { exactTime, momentWords } from '../times.ts';
import type { Task } from '../types.ts';
import { currentDraft, Draft } from './draft.ts';

/** Drafts that wait for their files, of this or another browser. */
export function UnfinishedDrafts({ tasks }: { tasks: readonly Task[] }): View {
  if (tasks.length === 0) return null;
  const open = (task: Task): Promise<boolean> =>
    attempt(async () => currentDraft.set(await Draft.open(task.id)));
  const discard = async (task: Task): Promise<void> => {
    if (!window.confirm('Delete this draft and the files that were sent?')) return;
    await attempt(() => ask(addressOf('tasks', task.id), { method: 'DELETE' }));
  };
  return html`<section class="drafts" aria-label="Unfinished">
    ${tasks.map(
      (task) => html`<p key=${task.id}><span class="mark" aria-hidden="true">◌</span>
        <span class="grow">Not queued yet: <strong>${task.name === task.id ? plural(task.files ?? 0, 'file') : task.name}</strong>, <time title=${exactTime(task.created_at)}>${momentWords(task.created_at, Date.now())}</time></span>
        <button class="small" onClick=${() => open(task)}>Continue</button>
        <button class="small quiet" onClick=${() => discard(task)}>Delete the draft</button></p>`,
    )}
  </section>`;
}
