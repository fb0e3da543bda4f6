import { useState } from 'preact/hooks';
import { plural } from '../../base/count-text.ts';
import { type Finding, formatPlace } from '../../base/finding.ts';
import { visibleLine } from '../../base/visible-text.ts';
import { html, type View } from '../html.ts';
import { findingText } from './finding-words.ts';

const SHOWN_AT_FIRST = 20;

export interface FindingsProps {
  readonly findings: readonly Finding[];
  readonly tone: 'failed' | 'warning';
  /** With the names of the files, if nothing above shows them. */
  readonly isOfMany?: boolean;
  /** Called with the time of a finding when it is clicked. */
  readonly onTime?: (fromSec: number, toSec: number, file: string | undefined) => void;
  /** Opens the file of a finding for correction; null: not possible here. */
  readonly corrector?: (finding: Finding) => (() => void) | null;
}

/** Findings, one a row: the place, then what to do. */
export function Findings({ findings, tone, isOfMany = false, onTime, corrector }: FindingsProps): View {
  const [isAll, setAll] = useState(false);
  if (findings.length === 0) return null;
  const shown = isAll ? findings : findings.slice(0, SHOWN_AT_FIRST);
  const more = findings.length - shown.length;
  return html`<ul class=${`findings ${tone}`}>
    ${shown.map((finding) => html`<li><${OneFinding} finding=${finding} isOfMany=${isOfMany} onTime=${onTime} correct=${corrector?.(finding) ?? null} /></li>`)}
    ${
      more > 0 &&
      html`<li><button class="link" onClick=${() => setAll(true)}>${plural(more, 'more', 'more')}</button></li>`
    }
  </ul>`;
}

interface OneFindingProps extends Pick<FindingsProps, 'isOfMany' | 'onTime'> {
  readonly finding: Finding;
  readonly correct: (() => void) | null;
}

function OneFinding({ finding, isOfMany, onTime, correct }: OneFindingProps): View {
  const { file, ...within } = finding.place ?? {};
  // The name of a tier must not reverse the text beside it.
  const where = visibleLine(formatPlace(isOfMany ? (finding.place ?? {}) : within));
  const { timeSec, endSec = timeSec } = within;
  const isLink = onTime !== undefined && timeSec !== undefined && endSec !== undefined;
  return html`
    ${where !== '' && (isLink ? html`<button class="place link" onClick=${() => onTime(timeSec, endSec, file)}>${where}</button>` : html`<span class="place">${where}</span>`)}
    <span class="text">${visibleLine(findingText(finding.text))}</span>
    <code class="code">${finding.code}</code>
    ${correct !== null && html`<button class="link" onClick=${correct}>Correct it here</button>`}`;
}

/** Findings under the names of their files, those about no file first. */
export function groupByFile(findings: readonly Finding[]): [file: string, findings: Finding[]][] {
  const groups = Map.groupBy(findings, ({ place }) => place?.file ?? '');
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1));
}
