import { useState } from 'preact/hooks';
import { shortId } from '../../base/short-id.ts';
import { addressOf, ask, type Problem } from '../api.ts';
import { html, type View } from '../html.ts';
import { Dialog } from '../parts/dialog.ts';
import { attempt } from '../parts/notices.ts';
import { mayChange, session } from '../session.ts';
import { useStore } from '../store.ts';
import { exactTime } from '../times.ts';
import type { Instance, Pause } from '../types.ts';

export interface PausesProps {
  readonly pauses: readonly Pause[];
  readonly instances: readonly Instance[];
  readonly onChange: () => void;
}

/** The pauses, each with a button that ends it, and a button that begins one. */
export function Pauses({ pauses, instances, onChange }: PausesProps): View {
  const may = mayChange(useStore(session));
  const [isOpen, setOpen] = useState(false);
  const resume = async (id: string): Promise<void> => {
    await attempt(() => ask(addressOf('pauses', id), { method: 'DELETE' }));
    onChange();
  };
  return html`<section class="pauses" aria-label="Pauses">
    ${
      pauses.length > 0 &&
      html`<ul class="service-problems">${pauses.map(
        (one) => html`<li key=${one.id}><span class="mark" aria-hidden="true">‖</span>
          <span><strong>${pausedPart(one)} ${one.drain ? 'drains' : 'paused'}</strong> by ${one.by} since ${exactTime(one.since)}${one.reason === null ? '' : `: ${one.reason}`}
          ${may && !one.drain && html` <button class="small" aria-label=${`Resume: ${pausedPart(one)}`} onClick=${() => resume(one.id)}>Resume</button>`}</span></li>`,
      )}</ul>`
    }
    ${may && html`<p class="row"><button class="small" onClick=${() => setOpen(true)}>Pause the work</button></p>`}
    ${
      isOpen &&
      html`<${PauseDialog} instances=${instances} onClose=${() => setOpen(false)}
        onDone=${() => {
          setOpen(false);
          onChange();
        }} />`
    }
  </section>`;
}

interface PauseDialogProps {
  readonly instances: readonly Instance[];
  readonly onClose: () => void;
  readonly onDone: () => void;
}

/** The choices: `all`, `engine NAME`, `instance ID`, `drain ID`. */
function PauseDialog({ instances, onClose, onDone }: PauseDialogProps): View {
  const [chosen, setChosen] = useState('all');
  const [reason, setReason] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const pause = async (): Promise<void> => {
    const [kind = '', name = ''] = chosen.split(' ');
    const part = kind === 'engine' ? { engine: name } : kind === 'all' ? {} : { instance: name };
    try {
      const body = { ...part, drain: kind === 'drain', reason };
      await ask(addressOf('pauses'), { method: 'POST', body });
      onDone();
    } catch (error) {
      setProblem((error as Problem).message);
    }
  };
  return html`<${Dialog} title="Pause the work" onClose=${onClose}>
    <p>Tasks that run go on, and new ones are queued as always. No worker takes them until the pause ends.</p>
    <p><label class="field">What<select onChange=${(event: Event) => setChosen((event.target as HTMLSelectElement).value)}>
      <option value="all">All tasks</option>
      ${readyEngines(instances).map((name) => html`<option value=${`engine ${name}`}>Tasks of engine ${name}</option>`)}
      ${instances.map(({ id, host, pid }) => html`<option value=${`instance ${id}`}>The worker on ${host}, process ${pid}</option>`)}
      ${instances.map(({ id, host, pid }) => html`<option value=${`drain ${id}`}>The worker on ${host}, process ${pid}, which then ends</option>`)}
    </select></label></p>
    <p><label class="field">Why, for others<input type="text" maxlength="1000" value=${reason} onInput=${(event: Event) => setReason((event.target as HTMLInputElement).value)} /></label></p>
    ${problem !== null && html`<p class="problem" role="alert">${problem}</p>`}
    <p class="row"><span class="fill" /><button onClick=${onClose}>Do not pause</button><button class="main" onClick=${pause}>Pause</button></p>
  <//>`;
}

function readyEngines(instances: readonly Instance[]): string[] {
  const names = instances.flatMap(({ engines }) =>
    Object.entries(engines ?? {})
      .filter(([, { state }]) => state === 'ready')
      .map(([name]) => name),
  );
  return [...new Set(names)].sort();
}

function pausedPart({ engine, instance, host }: Pause): string {
  const worker = instance === null ? null : `the worker ${shortId(instance)} on ${host}`;
  if (engine === null) return worker ?? 'All tasks';
  return worker === null ? `Tasks of engine ${engine}` : `Tasks of engine ${engine} on ${worker}`;
}
