import { useState } from 'preact/hooks';
import { formatBytes } from '../../base/bytes.ts';
import { plural } from '../../base/count-text.ts';
import { html, type View } from '../html.ts';
import { connection } from '../live.ts';
import { Findings } from '../parts/findings.ts';
import { tell } from '../parts/notices.ts';
import { Bar } from '../parts/status.ts';
import { goTo } from '../router.ts';
import { useStore } from '../store.ts';
import { taskName } from '../words.ts';
import { type Draft, draftChanges } from './draft.ts';
import { LanguagePicker } from './language-picker.ts';
import { Options } from './options.ts';
import { PairRows } from './pair-rows.ts';
import type { Paired } from './pairing.ts';
import { canCorrect, type ToCorrect, TranscriptEditor } from './transcript-editor.ts';
import { nextStep, pairFindings, type Step } from './tray-state.ts';
import { UnknownWords } from './unknown-words.ts';
import type { UploadEntry } from './upload.ts';

/** The task that the user is preparing. */
export function Tray({ draft }: { draft: Draft }): View {
  useStore(draftChanges);
  const [isAsking, setAsking] = useState(false);
  const { paired } = draft;
  const report = draft.check.state === 'ready' ? draft.check.report : null;
  const verdicts = pairFindings(paired, report, draft.refusal);
  const step = nextStep(draft, paired, verdicts);
  const [wrong, setWrong] = useState<ToCorrect | null>(null);
  const corrector = (one: ToCorrect) => (canCorrect(draft, one) ? () => setWrong(one) : null);
  return html`<section class="tray" aria-label="New task">
    <header>
      <h2>New task</h2>
      <span class="fill" />
      ${
        isAsking
          ? html`<span>Delete this draft and the files that were sent?</span><button class="small danger" onClick=${() => draft.discard()}>Delete the draft</button><button class="small quiet" onClick=${() => setAsking(false)}>Keep it</button>`
          : html`<button class="small quiet" onClick=${() => setAsking(true)}>Delete the draft</button>`
      }
    </header>
    <div class="settings">
      <${LanguagePicker} value=${draft.choices.lang} onChange=${(lang: string) => draft.choose({ lang })} />
      <${Options} draft=${draft} />
    </div>
    ${draft.problem !== null && html`<p class="problem" role="alert">${draft.problem}</p>`}
    <${Progress} draft=${draft} />
    <${PairRows} draft=${draft} paired=${paired} verdicts=${verdicts} corrector=${corrector} />
    <${Unused} draft=${draft} paired=${paired} />
    ${draft.check.state === 'failed' && html`<p class="problem" role="alert">${draft.check.problem} <button class="small" onClick=${() => draft.forgetCheck()}>Check again</button></p>`}
    <${Findings} findings=${verdicts.general} tone="failed" isOfMany corrector=${corrector} />
    ${report !== null && html`<${UnknownWords} draft=${draft} words=${report.unknown} lang=${report.lang} corrector=${corrector} />`}
    ${wrong !== null && html`<${TranscriptEditor} draft=${draft} finding=${wrong} onClose=${() => setWrong(null)} />`}
    <${Footer} draft=${draft} step=${step} />
  </section>`;
}

function Progress({ draft }: { draft: Draft }): View {
  const { state: connected } = useStore(connection);
  const entries = [...draft.entries.values()];
  const open = entries.filter(({ state }) => state !== 'done');
  const { uploader } = draft;
  if (uploader === null || open.length === 0) return null;
  const lost = open.filter(({ file, state }) => file === null && state === 'waiting');
  const sum = (of: (entry: UploadEntry) => number): number =>
    entries.reduce((total, one) => total + of(one), 0);
  const total = sum(({ bytes }) => bytes);
  const received = sum(({ received: bytes }) => bytes);
  if (lost.length === open.length)
    return html`<p class="sending lost" role="status">${plural(lost.length, 'file')} had not arrived when the page was closed or reloaded. <b>Drop the same files or folder again</b>: the upload continues where it stopped.</p>`;
  return html`<div class="sending">
    <${Bar} share=${total === 0 ? 0 : received / total} label="files sent" />
    <span role="status">${
      uploader.isPaused
        ? 'Paused'
        : uploader.isWaiting || connected === 'lost'
          ? `${waitWords(uploader.refusal)} The upload continues by itself`
          : `Sending ${plural(open.length, 'file')}`
    }</span>
    <span class="fill quiet">${formatBytes(received)} of ${formatBytes(total)}</span>
    <button class="small quiet" onClick=${() => (uploader.isPaused ? uploader.resume() : uploader.pause())}>${uploader.isPaused ? 'Continue' : 'Pause'}</button>
  </div>`;
}

function waitWords(refusal: string | null): string {
  return refusal === null ? 'No connection.' : `The server says: ${refusal.replace(/\.$/, '')}.`;
}

function Unused({ draft, paired }: { draft: Draft; paired: Paired<UploadEntry> }): View {
  const names = [...draft.ignored, ...paired.ignored.map(({ name }) => name)];
  if (names.length === 0 && paired.tables.length === 0) return null;
  return html`
    ${paired.tables.length > 0 && html`<p class="quiet">Tables that describe recordings: ${paired.tables.map(({ name }) => name).join(', ')}</p>`}
    ${
      names.length > 0 &&
      html`<details class="unused"><summary>${plural(names.length, 'other file is', 'other files are')} not used</summary><p>${names.slice(0, 200).join(', ')}</p></details>`
    }`;
}

function Footer({ draft, step }: { draft: Draft; step: Step }): View {
  const queue = async (): Promise<void> => {
    const task = await draft.queue();
    if (task === null) return;
    tell(`${taskName(task)} is queued`);
    goTo('/');
  };
  return html`<footer>
    <span class="summary" role="status" aria-live="polite">${step.says}</span>
    <span class="fill" />
    ${step.leaveOut.length > 0 && html`<button onClick=${() => draft.remove(step.leaveOut)}>${step.leaveOutSays}</button>`}
    <button class="main" disabled=${!step.isReady || draft.isQueueing} onClick=${queue}>${step.button}</button>
  </footer>`;
}
