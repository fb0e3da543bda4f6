import { useEffect } from 'preact/hooks';
import { formatCount, plural } from '../../base/count-text.ts';
import { formatDuration } from '../../base/time.ts';
import { addressOf, ask } from '../api.ts';
import { html, type View } from '../html.ts';
import { languageName, languages } from '../languages.ts';
import { listen } from '../live.ts';
import { useNow } from '../parts/clock.ts';
import { findingText } from '../parts/finding-words.ts';
import { useLoaded } from '../parts/load.ts';
import { attempt, ProblemBox, Skeleton, tell } from '../parts/notices.ts';
import { RunningBar, StateText, StatusOf } from '../parts/status.ts';
import { TaskAction } from '../parts/task-rows.ts';
import { goTo } from '../router.ts';
import { mayChange, session } from '../session.ts';
import { useStore } from '../store.ts';
import { exactTime, momentWords } from '../times.ts';
import type { TaskDetail } from '../types.ts';
import { FORMAT_WORDS, STATUS_WORDS, taskName } from '../words.ts';
import { Downloads } from './downloads.ts';
import { FileVerdicts } from './file-verdicts.ts';
import { LogPart } from './log-part.ts';
import { Timeline } from './timeline.ts';
import { ViewerPlace } from './viewer-place.ts';

/** One task: the outcome of each file, the viewer, and the history. */
export function TaskView({ taskId, query }: { taskId: string; query: string }): View {
  const address = addressOf('tasks', taskId);
  const {
    value: task,
    problem,
    reload,
    change,
  } = useLoaded<TaskDetail>(taskId, (signal) => ask(address, { signal }));
  useEffect(
    () =>
      listen({
        task: (changed) => {
          if (changed.id !== taskId) return;
          if (changed.status === 'deleted') {
            tell('This task was deleted');
            reload();
            return;
          }
          change((old) => {
            // Findings and texts of errors are not in the stream.
            if (old.status !== changed.status || old.fault_count !== changed.fault_count) reload();
            return { ...old, ...changed, position: changed.position ?? old.position };
          });
        },
        many: reload,
      }),
    [taskId],
  );
  useEffect(() => {
    document.title = task === null ? 'Autophon' : `${taskName(task)} · Autophon`;
  }, [task?.name]);
  if (task === null)
    return problem === null ? html`<${Skeleton} rows=${5} />` : html`<${ProblemBox} problem=${problem} />`;
  if (problem?.status === 404) {
    // The viewer has the same place as below: if there are corrections in it, it stays.
    return html`<article class="task-view">
      <${ProblemBox} problem=${problem} />
      ${null}
      <div class="columns">${null}<${ViewerPlace} task=${task} query=${query} isGone=${true} /></div>
    </article>`;
  }
  return html`<article class="task-view">
    <${Head} task=${task} />
    ${task.error !== null && task.faults.length === 0 && html`<section class="problem" role="alert">${findingText(task.error.message)} <code class="code">${task.error.code}</code></section>`}
    <div class="columns">
      <${FileVerdicts} task=${task} query=${query} />
      <${ViewerPlace} task=${task} query=${query} isGone=${false} />
    </div>
    <${Timeline} task=${task} />
    <${LogPart} task=${task} />
    <${Settings} task=${task} />
  </article>`;
}

function Head({ task }: { task: TaskDetail }): View {
  const may = mayChange(useStore(session));
  const nowMs = useNow();
  const known = useStore(languages);
  const isOver = ['completed', 'failed', 'cancelled', 'expired'].includes(task.status);
  const remove = async (): Promise<void> => {
    if (!window.confirm(`Delete ${taskName(task)} with its result? This cannot be undone.`)) return;
    if (await attempt(() => ask(addressOf('tasks', task.id), { method: 'DELETE' }))) goTo('/');
  };
  return html`<header class="task-head">
    <p class="back"><a href="/">← All tasks</a></p>
    <div class="row">
      <h1>${taskName(task)}</h1>
      <span class="fill" />
      ${task.status === 'completed' && task.result !== null ? html`<${Downloads} task=${task} />` : may && html`<${TaskAction} task=${task} />`}
      ${may && isOver && html`<button class="quiet" onClick=${remove}>Delete</button>`}
    </div>
    <p class="row">
      <${StatusOf} task=${task} />${task.status !== 'failed' && html`<${StateText} task=${task} />`}
    </p>
    <p class="facts">
      <span title=${task.lang}>${languageName(known, task.lang)}</span>
      ${task.files !== null && html`<span>${plural(task.files, 'recording')}</span>`}
      ${task.audio_seconds !== null && html`<span>${formatDuration(task.audio_seconds)} of audio</span>`}
      ${task.words !== null && html`<span>${plural(task.words, 'word')}</span>`}
      <time title=${exactTime(task.created_at)}>${momentWords(task.created_at, nowMs)}</time>
    </p>
    <div aria-live="polite" class="unseen">${STATUS_WORDS[task.status].word}</div>
    <${RunningBar} task=${task} />
  </header>`;
}

/** Names and values of options in plain words. */
const OPTION_WORDS: Readonly<Record<string, string>> = {
  partial_results: 'If some parts cannot be aligned',
  'partial_results fail': 'the task fails',
  'partial_results allow': 'the result has the others',
  speakers: 'Speakers',
  'speakers tiers': 'one for each tier',
  search: 'Search',
  channels: 'Channels',
};

function Settings({ task }: { task: TaskDetail }): View {
  const who = useStore(session);
  const known = useStore(languages);
  const formats = task.formats ?? (who.state === 'ready' ? who.session.formats.default : []);
  const rows: [string, string][] = [
    ['Id', task.id],
    ['User', task.user],
    ['Language', `${languageName(known, task.lang)}, ${task.lang}`],
    ['Engine', task.engine ?? 'chosen by the language'],
    ['Files of the result', formats.map((format) => FORMAT_WORDS[format] ?? format).join(', ')],
    ['Priority', formatCount(task.priority)],
    ['Attempts', formatCount(task.attempts)],
    ...Object.entries(task.options ?? {}).flatMap(([name, value]): [string, string][] =>
      value === null
        ? []
        : [
            [
              OPTION_WORDS[name] ?? name.replaceAll('_', ' '),
              OPTION_WORDS[`${name} ${value}`] ?? String(value),
            ],
          ],
    ),
  ];
  return html`<details class="fold"><summary>Settings</summary>
    <dl>${rows.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
  </details>`;
}
