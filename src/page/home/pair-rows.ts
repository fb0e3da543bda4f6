import { formatBytes } from '../../base/bytes.ts';
import { plural } from '../../base/count-text.ts';
import { html, type View } from '../html.ts';
import { Findings, type FindingsProps } from '../parts/findings.ts';
import { type RowPlace, Windowed } from '../parts/windowed.ts';
import type { Draft } from './draft.ts';
import type { Pair, Paired } from './pairing.ts';
import type { Verdict, Verdicts } from './tray-state.ts';
import type { UploadEntry } from './upload.ts';

export interface PairRowsProps {
  readonly draft: Draft;
  readonly paired: Paired<UploadEntry>;
  readonly verdicts: Verdicts;
  readonly corrector: FindingsProps['corrector'];
}

/** A row per recording; those that need attention come first. */
export function PairRows({ draft, paired, verdicts, corrector }: PairRowsProps): View {
  const needs = (pair: Pair<UploadEntry>): boolean =>
    pair.problem !== null || (verdicts.byPair.get(pair)?.faults.length ?? 0) > 0;
  const sorted = [...paired.pairs.filter(needs), ...paired.pairs.filter((pair) => !needs(pair))];
  return html`<${Windowed} className="pairs" items=${sorted} row=${(pair: Pair<UploadEntry>, place: RowPlace) => html`<${PairRow} key=${pair.name} place=${place} draft=${draft} pair=${pair} verdict=${verdicts.byPair.get(pair)} isChecked=${verdicts.isKnown} corrector=${corrector} />`} />`;
}

interface PairRowProps extends Pick<PairRowsProps, 'corrector'> {
  readonly place: RowPlace;
  readonly draft: Draft;
  readonly pair: Pair<UploadEntry>;
  readonly verdict: Verdict | undefined;
  readonly isChecked: boolean;
}

function PairRow({ place, draft, pair, verdict, isChecked, corrector }: PairRowProps): View {
  const files = [...pair.audio, ...pair.transcripts];
  const faults = verdict?.faults ?? [];
  const warnings = verdict?.warnings ?? [];
  const refused = files.filter(({ problem }) => problem !== null);
  const isBad = pair.problem !== null || faults.length > 0 || refused.length > 0;
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const sent = files.reduce((sum, file) => sum + file.received, 0);
  const isSent = files.every(({ state }) => state === 'done');
  const [mark, word, tone] = isBad
    ? ['▲', 'needs attention', 'failed']
    : !isSent
      ? ['◌', bytes === 0 ? 'waiting' : `${Math.floor((100 * sent) / bytes)} %`, 'quiet']
      : isChecked
        ? ['●', warnings.length > 0 ? plural(warnings.length, 'warning') : 'no faults', 'done']
        : ['○', 'sent', 'waiting'];
  return html`<li class=${`pair ${isBad ? 'bad' : ''}`} ...${place}>
    <span class="name">${pair.name}</span>
    <span class="parts">
      ${pair.audio.map((file) => html`<span class="part">${extensionOf(file.name)}</span>`)}
      ${pair.transcripts.map((file) => html`<span class="part text">${extensionOf(file.name)}</span>`)}
      ${pair.problem !== null && (pair.audio.length === 0 || pair.transcripts.length === 0) && html`<span class="part missing">${pair.audio.length === 0 ? 'no recording' : 'no transcript'}</span>`}
    </span>
    <span class="size">${formatBytes(bytes)}</span>
    <span class=${`status ${tone}`}><span class="mark" aria-hidden="true">${mark}</span><span class="word">${word}</span></span>
    <button class="quiet small" aria-label=${`Remove ${pair.name}`} title="Remove" onClick=${() => draft.remove(files.map(({ name }) => name))}>×</button>
    ${
      (isBad || warnings.length > 0) &&
      html`<div class="under">
        ${pair.problem !== null && html`<p class="problem">${pair.problem}</p>`}
        ${refused.map(({ name, problem }) => html`<p class="problem">${name}: ${problem}</p>`)}
        <${Findings} findings=${faults} tone="failed" corrector=${corrector} />
        ${warnings.length > 0 && html`<details><summary>${plural(warnings.length, 'warning')}</summary><${Findings} findings=${warnings} tone="warning" corrector=${corrector} /></details>`}
      </div>`
    }
  </li>`;
}

function extensionOf(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1);
}
