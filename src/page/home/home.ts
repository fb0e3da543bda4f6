import { useEffect } from 'preact/hooks';
import { addressOf, ask, Problem } from '../api.ts';
import { isEmpty, parseFilter } from '../filter.ts';
import { html, type View } from '../html.ts';
import { addKeys } from '../keys.ts';
import { FilterBar } from '../parts/filter-bar.ts';
import { attempt, ProblemBox, Skeleton } from '../parts/notices.ts';
import { TaskRows } from '../parts/task-rows.ts';
import { mayChange, session } from '../session.ts';
import { useStore } from '../store.ts';
import { useTasks } from '../tasks.ts';
import type { Task } from '../types.ts';
import { currentDraft, Draft } from './draft.ts';
import { DropZone, openFileDialog } from './drop-zone.ts';
import { QuotaLine } from './quota.ts';
import { recall, remember } from './remembered.ts';
import { Tray } from './tray.ts';
import { UnfinishedDrafts } from './unfinished.ts';

/** The first view: the user adds files, and sees own tasks. */
export function Home({ query }: { query: string }): View {
  const who = useStore(session);
  const draft = useStore(currentDraft);
  const filter = parseFilter(query);
  const user = who.state === 'ready' ? who.session.user : '';
  const tasks = useTasks({ ...filter, user });
  const may = mayChange(who);
  useEffect(() => {
    document.title = 'Autophon';
    void reopen();
    return addKeys([
      { key: 'n', does: 'choose files', run: () => openFileDialog('files') },
      { key: '/', does: 'search', run: () => document.getElementById('search')?.focus() },
    ]);
  }, []);
  const all = tasks.value?.tasks ?? [];
  const shown = filter.statuses.includes('uploading')
    ? all
    : all.filter(({ status }) => status !== 'uploading');
  const isNew = tasks.value !== null && shown.length === 0 && isEmpty(filter);
  return html`<h1 class="unseen">My tasks</h1>
    ${may && html`<${DropZone} isLarge=${isNew && draft === null} /><${QuotaLine} />`}
    ${draft === null ? may && html`<${UnfinishedDrafts} tasks=${all.filter(({ status }) => status === 'uploading')} />` : html`<${Tray} draft=${draft} />`}
    ${!isNew && html`<${FilterBar} filter=${filter} />`}
    ${tasks.isLoading && html`<${Skeleton} rows=${4} />`}
    ${tasks.problem !== null && tasks.value === null && html`<${ProblemBox} problem=${tasks.problem} />`}
    ${shown.length > 0 && html`<${TaskRows} tasks=${shown} />`}
    ${tasks.value !== null && shown.length === 0 && !isEmpty(filter) && html`<section class="empty"><p>${tasks.value.next === null ? 'No task matches.' : 'None of the newest tasks matches.'}</p></section>`}
    ${tasks.value !== null && tasks.value.next !== null && html`<p class="more"><button onClick=${() => attempt(tasks.more)}>Show older tasks</button></p>`}`;
}

/** After a reload, the draft of this browser is shown again. */
async function reopen(): Promise<void> {
  const { draft: taskId } = recall();
  if (taskId === null || currentDraft.get() !== null) return;
  try {
    const task = await ask<Task>(addressOf('tasks', taskId));
    if (task.status === 'uploading') currentDraft.set(await Draft.open(task.id));
    else remember({ draft: null });
  } catch (error) {
    if (error instanceof Problem && error.status === 404) remember({ draft: null });
  }
}
