import { useEffect, useState } from 'preact/hooks';
import { addressOf, ask } from '../api.ts';
import { apiFilter, formatFilter, parseFilter } from '../filter.ts';
import { html, type View } from '../html.ts';
import { addKeys } from '../keys.ts';
import { FilterBar } from '../parts/filter-bar.ts';
import { useLoaded } from '../parts/load.ts';
import { attempt, ProblemBox, Skeleton } from '../parts/notices.ts';
import { TaskRows } from '../parts/task-rows.ts';
import { mayChange, seesAll, session } from '../session.ts';
import { useStore } from '../store.ts';
import { useTasks } from '../tasks.ts';
import type { TaskCount } from '../types.ts';
import { ActionHistory } from './action-history.ts';
import { SelectBar } from './select-bar.ts';
import { Service } from './service.ts';

/** All tasks of all users, for those who run the site. */
export function OperatorView({ query }: { query: string }): View {
  const who = useStore(session);
  const filter = parseFilter(query);
  const tasks = useTasks(filter);
  const [ids, setIds] = useState<ReadonlySet<string>>(new Set());
  const all = tasks.value?.tasks ?? [];
  const counted = useLoaded<TaskCount>(formatFilter(filter), () =>
    ask(`${addressOf('tasks', 'count')}?${new URLSearchParams(apiFilter(filter))}`),
  );
  useEffect(() => {
    document.title = 'Overview · Autophon';
    return addKeys([{ key: '/', does: 'search', run: () => document.getElementById('search')?.focus() }]);
  }, []);
  useEffect(() => setIds(new Set()), [query]);
  // A user without the right to see it sends no request.
  if (who.state === 'loading') return html`<${Skeleton} rows=${6} />`;
  if (who.state === 'ready' && !seesAll(who))
    return html`<section class="empty"><h2>This is for operators</h2><p>Your own tasks are <a href="/">here</a>.</p></section>`;
  const toggle = (id: string): void =>
    setIds((old) => (old.has(id) ? new Set([...old].filter((one) => one !== id)) : new Set([...old, id])));
  const clear = (): void => {
    setIds(new Set());
    tasks.reload();
    counted.reload();
  };
  return html`<h1>Overview</h1>
    <${Service} />
    <${FilterBar} filter=${filter} isFull counts=${counted.value?.by_status ?? null} />
    ${ids.size > 0 && html`<${SelectBar} filter=${filter} ids=${ids} matchCount=${counted.value?.count ?? null} mayBeMore=${counted.value?.complete === false} onClear=${clear} />`}
    ${mayChange(who) && all.length > 0 && ids.size === 0 && html`<p class="row"><button class="small" onClick=${() => setIds(new Set(all.map(({ id }) => id)))}>Select all that are shown</button></p>`}
    ${tasks.isLoading && html`<${Skeleton} rows=${6} />`}
    ${tasks.problem !== null && tasks.value === null && html`<${ProblemBox} problem=${tasks.problem} />`}
    ${all.length > 0 && html`<${TaskRows} tasks=${all} isOfAll selection=${mayChange(who) ? { ids, toggle } : undefined} />`}
    ${tasks.value !== null && all.length === 0 && html`<section class="empty"><p>${tasks.value.next === null ? 'No task matches.' : 'None of the newest tasks matches.'}</p></section>`}
    ${tasks.value !== null && tasks.value.next !== null && html`<p class="more"><button onClick=${() => attempt(tasks.more)}>Show older tasks</button></p>`}
    <${ActionHistory} />`;
}
