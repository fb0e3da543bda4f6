import { useState } from 'preact/hooks';
import { formatCount, plural } from '../../base/count-text.ts';
import type { Problem } from '../api.ts';
import type { Filter } from '../filter.ts';
import { html, type View } from '../html.ts';
import { Dialog } from '../parts/dialog.ts';
import { tell } from '../parts/notices.ts';
import { ACTION_WORDS, actOnAll, actOnSome, outcomeWords, type PlainAction } from './actions.ts';

export interface SelectBarProps {
  readonly filter: Filter;
  /** Ids of tasks that are shown. */
  readonly ids: ReadonlySet<string>;
  /** How many tasks match, shown or not; null: not known. */
  readonly matchCount: number | null;
  /** There may be more than `matchCount`, because only the newest tasks were counted. */
  readonly mayBeMore: boolean;
  readonly onClear: () => void;
}

/** Appears when tasks are selected: actions for them, or for all that match the filter. */
export function SelectBar({ filter, ids, matchCount, mayBeMore, onClear }: SelectBarProps): View {
  const [isAll, setAll] = useState(false);
  const [asked, setAsked] = useState<PlainAction | null>(null);
  const count = isAll && matchCount !== null ? matchCount : ids.size;
  const atLeast = isAll && mayBeMore ? 'at least ' : '';
  const clear = (): void => {
    setAll(false);
    onClear();
  };
  return html`<div class="select-bar" role="region" aria-label="Selected tasks">
    <strong>${atLeast}${formatCount(count)} selected</strong>
    ${!isAll && matchCount !== null && matchCount > ids.size && html`<button class="link" onClick=${() => setAll(true)}>Select all ${mayBeMore ? 'at least ' : ''}${formatCount(matchCount)} that match</button>`}
    <span class="fill" />
    ${Object.entries(ACTION_WORDS).map(([action, { verb }]) => html`<button key=${action} class=${action === 'delete' ? 'small danger' : 'small'} onClick=${() => setAsked(action as PlainAction)}>${verb}</button>`)}
    <button class="small quiet" onClick=${clear}>Clear</button>
    ${
      asked !== null &&
      html`<${Confirm} action=${asked} count=${count} said=${`${atLeast}${plural(count, 'task')}`} filter=${isAll ? filter : null} ids=${[...ids]} onClose=${() => setAsked(null)}
        onDone=${() => {
          setAsked(null);
          clear();
        }} />`
    }
  </div>`;
}

interface ConfirmProps {
  readonly action: PlainAction;
  readonly count: number;
  /** The same in words. */
  readonly said: string;
  /** Null: only those of `ids`. */
  readonly filter: Filter | null;
  readonly ids: readonly string[];
  readonly onClose: () => void;
  readonly onDone: () => void;
}

/** Shows how many tasks will be changed, and then the progress. */
function Confirm({ action, count, said, filter, ids, onClose, onDone }: ConfirmProps): View {
  const [isRunning, setRunning] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const { verb } = ACTION_WORDS[action];
  const run = async (): Promise<void> => {
    setRunning(true);
    setProblem(null);
    try {
      if (filter === null) {
        const changed = await actOnSome(action, ids);
        tell(outcomeWords(action, changed, ids.length - changed));
      } else {
        const { changed, skipped } = await actOnAll(action, filter, count);
        tell(outcomeWords(action, changed ?? 0, skipped ?? 0));
      }
      onDone();
    } catch (error) {
      setRunning(false);
      setProblem((error as Problem).message);
    }
  };
  return html`<${Dialog} title=${`${verb}: ${said}`} onClose=${onClose}>
    <p>${explain(action)}</p>
    ${problem !== null && html`<p class="problem" role="alert">${problem}</p>`}
    ${isRunning && html`<p class="hint" role="status">Working on it.</p>`}
    <p class="row"><span class="fill" /><button onClick=${onClose}>Keep as they are</button>
      <button class=${action === 'delete' ? 'danger' : 'main'} disabled=${isRunning} onClick=${run}>${verb}: ${said}</button></p>
  <//>`;
}

function explain(action: PlainAction): string {
  if (action === 'cancel')
    return 'Tasks that wait leave the queue, and those that run are ended. Others stay as they are.';
  if (action === 'retry')
    return 'Tasks that failed or were cancelled go into the queue once more, as long as their files are there.';
  return 'Tasks are removed with their results. This cannot be undone. Those that run are ended first.';
}
