import { useEffect } from 'preact/hooks';
import { plural } from '../../base/count-text.ts';
import type { Finding } from '../../base/finding.ts';
import { formatDuration } from '../../base/time.ts';
import { addressOf, ask } from '../api.ts';
import { html, type View } from '../html.ts';
import { Findings, groupByFile } from '../parts/findings.ts';
import { useLoaded } from '../parts/load.ts';
import { setQuery } from '../router.ts';
import type { TaskDetail } from '../types.ts';

interface Recordings {
  readonly recordings: readonly { readonly name: string; readonly seconds: number }[];
}

/** Seconds of the surroundings that are shown. */
const AROUND_SEC = 0.5;

/** The recordings of the task, and the findings in each file. */
export function FileVerdicts({ task, query }: { task: TaskDetail; query: string }): View {
  const chosen = new URLSearchParams(query).get('recording');
  const isDone = task.status === 'completed';
  const { value } = useLoaded<Recordings>(`${task.id} ${isDone}`, async () =>
    isDone ? ask<Recordings>(addressOf('tasks', task.id, 'view')) : { recordings: [] },
  );
  const recordings = value?.recordings ?? [];
  const [first] = recordings;
  useEffect(() => {
    if (chosen === null && first !== undefined) show(first.name);
  }, [chosen, first?.name]);
  const jump = (fromSec: number, toSec: number, file: string | undefined): void => {
    show(
      recordingOf(file ?? '', recordings) ?? chosen ?? '',
      Math.max(0, fromSec - AROUND_SEC),
      toSec + AROUND_SEC,
    );
  };
  const onTime = recordings.length === 0 ? undefined : jump;
  const faults = groupByFile(task.faults);
  const warnings = groupByFile(task.warnings);
  if (recordings.length + faults.length + warnings.length === 0) return null;
  return html`<section class="verdicts" aria-label="Files">
    ${
      recordings.length > 0 &&
      html`<ul class="recordings">${recordings.map(
        ({
          name,
          seconds,
        }) => html`<li key=${name}><a href=${recordingAddress(task.id, name)} aria-current=${name === chosen ? 'true' : undefined}>
          <span class="name">${name}</span><span class="quiet">${formatDuration(seconds)}</span></a></li>`,
      )}</ul>`
    }
    ${faults.map(([file, list]) => html`<${OfFile} key=${`f${file}`} file=${file} list=${list} tone="failed" isOpen=${true} onTime=${onTime} />`)}
    ${warnings.map(([file, list]) => html`<${OfFile} key=${`w${file}`} file=${file} list=${list} tone="warning" isOpen=${warnings.length <= 3} onTime=${onTime} />`)}
  </section>`;
}

/** The recording to which a file belongs: with `talk` and `talk.2`, `talk.2.wav` belongs to the second. */
function recordingOf(file: string, recordings: Recordings['recordings']): string | null {
  const names = recordings
    .map(({ name }) => name)
    .filter((name) => file === name || file.startsWith(`${name}.`));
  return names.reduce<string | null>((best, name) => (name.length > (best?.length ?? 0) ? name : best), null);
}

interface OfFileProps {
  readonly file: string;
  readonly list: readonly Finding[];
  readonly tone: 'failed' | 'warning';
  readonly isOpen: boolean;
  readonly onTime?: (fromSec: number, toSec: number, file: string | undefined) => void;
}

function OfFile({ file, list, tone, isOpen, onTime }: OfFileProps): View {
  const count = plural(list.length, tone === 'failed' ? 'fault' : 'warning');
  return html`<details class=${`of-file ${tone}`} open=${isOpen}>
    <summary><span class="mark" aria-hidden="true">${tone === 'failed' ? '▲' : '△'}</span> <span class="name">${file === '' ? 'The whole task' : file}</span> <span class="quiet">${count}</span></summary>
    <${Findings} findings=${list} tone=${tone} onTime=${onTime} />
  </details>`;
}

function show(recording: string, fromSec?: number, toSec?: number): void {
  const query = new URLSearchParams({ recording });
  if (fromSec !== undefined && toSec !== undefined) {
    query.set('from', fromSec.toFixed(2));
    query.set('to', toSec.toFixed(2));
  }
  setQuery(`?${query}`);
}

function recordingAddress(taskId: string, name: string): string {
  return `/tasks/${encodeURIComponent(taskId)}?${new URLSearchParams({ recording: name })}`;
}
