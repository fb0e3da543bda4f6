import { useEffect, useState } from 'preact/hooks';
import { addressOf, ask } from '../api.ts';
import { html, type View } from '../html.ts';
import { useNow } from '../parts/clock.ts';
import { useLoaded } from '../parts/load.ts';
import { Skeleton } from '../parts/notices.ts';
import { exactTime, momentWords } from '../times.ts';
import type { Instance, Pause, Statistics, Window } from '../types.ts';
import { Charts } from './charts.ts';
import { findProblems, type ServiceProblem } from './find-problems.ts';
import { Pauses } from './pauses.ts';

const WINDOWS: readonly Window[] = ['hour', 'day', 'week'];
const RELOAD_MS = 5_000;

interface ServiceState {
  readonly statistics: Statistics;
  readonly instances: readonly Instance[];
  readonly pauses: readonly Pause[];
}

/** The state of the service: first problems, then finished work, then workers. */
export function Service(): View {
  const [window, setWindow] = useState<Window>('hour');
  const { value, problem, reload } = useLoaded<ServiceState>(window, async (signal) => {
    const [statistics, { instances }, { pauses }] = await Promise.all([
      ask<Statistics>(`${addressOf('statistics')}?window=${window}`, { signal }),
      ask<{ instances: readonly Instance[] }>(addressOf('instances'), { signal }),
      ask<{ pauses: readonly Pause[] }>(addressOf('pauses'), { signal }),
    ]);
    return { statistics, instances, pauses };
  });
  useEffect(() => {
    const timer = setInterval(() => {
      if (!document.hidden) reload();
    }, RELOAD_MS);
    return () => clearInterval(timer);
  }, []);
  return html`<section class="service" aria-label="Service">
    ${value === null && (problem === null ? html`<${Skeleton} rows=${2} />` : html`<p class="problem">${problem.message}</p>`)}
    ${
      value !== null &&
      html`<${Problems} problems=${findProblems(value.statistics, value.instances)} />
      <${Pauses} pauses=${value.pauses} instances=${value.instances} onChange=${reload} />`
    }
    <div class="chips" role="group" aria-label="Time that is shown">${WINDOWS.map((one) => html`<button class="chip" key=${one} aria-pressed=${one === window ? 'true' : 'false'} onClick=${() => setWindow(one)}>last ${one}</button>`)}</div>
    ${value !== null && html`<${Charts} statistics=${value.statistics} /><${Workers} instances=${value.instances} />`}
  </section>`;
}

function Problems({ problems }: { problems: readonly ServiceProblem[] }): View {
  if (problems.length === 0)
    return html`<p class="status done"><span class="mark" aria-hidden="true">●</span> No problems.</p>`;
  return html`<ul class="service-problems" aria-label="Problems">${problems.map(
    ({ text, fix, tasks }) =>
      html`<li><span class="mark" aria-hidden="true">▲</span><span><strong>${text}</strong> ${fix} ${tasks !== undefined && html`<a href=${tasks}>Show the tasks</a>`}</span></li>`,
  )}</ul>`;
}

function Workers({ instances }: { instances: readonly Instance[] }): View {
  const nowMs = useNow();
  if (instances.length === 0) return null;
  return html`<div class="scroll"><table class="workers">
    <caption class="unseen">Workers</caption>
    <thead><tr><th scope="col">Worker</th><th scope="col">Busy</th><th scope="col">Engines</th><th scope="col">Started</th></tr></thead>
    <tbody>${instances.map(
      ({ id, host, pid, slots, busy, engines, paused, started_at: startedAt }) =>
        html`<tr key=${id}><th scope="row" title=${id}>${host}, process ${pid}</th>
          <td>${paused === null ? `${busy} of ${slots}` : `paused: ${paused}`}</td><td>${readyEngines(engines)}</td>
          <td><time title=${exactTime(startedAt)}>${momentWords(startedAt, nowMs)}</time></td></tr>`,
    )}</tbody></table></div>`;
}

function readyEngines(engines: Instance['engines']): string {
  const ready = Object.entries(engines ?? {}).filter(([, { state }]) => state === 'ready');
  return ready.map(([name]) => name).join(', ') || 'none is ready';
}
