import { parseFilter } from '../filter.ts';
import { html, type View } from '../html.ts';
import { FilterBar } from '../parts/filter-bar.ts';
import { attempt, ProblemBox, Skeleton } from '../parts/notices.ts';
import { TaskRows } from '../parts/task-rows.ts';
import { useTasks } from '../tasks.ts';

/** All tasks of all users, for those who run the site. */
export function OperatorView({ query }: { query: string }): View {
  const filter = parseFilter(query);
  const tasks = useTasks(filter);
  const all = tasks.value?.tasks ?? [];
  return html`<h1>Overview</h1>
    <${FilterBar} filter=${filter} isFull />
    ${tasks.isLoading && html`<${Skeleton} rows=${6} />`}
    ${tasks.problem !== null && tasks.value === null && html`<${ProblemBox} problem=${tasks.problem} />`}
    ${all.length > 0 && html`<${TaskRows} tasks=${all} isOfAll />`}
    ${tasks.value !== null && all.length === 0 && html`<section class="empty"><p>No task matches.</p></section>`}
    ${tasks.value !== null && tasks.value.next !== null && html`<p class="more"><button onClick=${() => attempt(tasks.more)}>Show older tasks</button></p>`}`;
}
