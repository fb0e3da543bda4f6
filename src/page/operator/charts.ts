import { formatCount, plural } from '../../base/count-text.ts';
import { html, type View } from '../html.ts';
import { clockTime, exactTime } from '../times.ts';
import type { Statistics } from '../types.ts';
import { failedAddress } from './find-problems.ts';

const HEIGHT = 48;
/** Width of one bucket, with the gap after it. */
const STEP = 4;
const CODES_SHOWN = 6;

/** Small charts with one time axis: completed tasks, failed tasks, and the codes of failures. */
export function Charts({ statistics }: { statistics: Statistics }): View {
  const { buckets, failures, waiting } = statistics;
  const waits = waiting.reduce((sum, { ready, delayed }) => sum + ready + delayed, 0);
  return html`<div class="charts">
    <section><h3>Waiting now</h3><p class="figure">${formatCount(waits)}</p>
      <p class="quiet">${waiting.map(waitingWords).join(', ') || 'nothing waits'}</p></section>
    <${Bars} title="Done" of="completed" buckets=${buckets} />
    <${Bars} title="Failed" of="failed" buckets=${buckets} />
    <section><h3>Failures by code</h3>
      ${failures.length === 0 && html`<p class="quiet">none</p>`}
      <ul class="codes">${failures.slice(0, CODES_SHOWN).map(({ code, count }) => html`<li key=${code}><a href=${failedAddress(code)}>${code ?? 'no code'}</a> <span class="quiet">${formatCount(count)}</span></li>`)}</ul>
      ${failures.length > CODES_SHOWN && html`<p class="quiet">and ${plural(failures.length - CODES_SHOWN, 'other code')}</p>`}</section>
  </div>`;
}

function waitingWords({ engine, ready, delayed, later }: Statistics['waiting'][number]): string {
  return `${engine} ${formatCount(ready + delayed)}${later === 0 ? '' : ` and ${formatCount(later)} for later`}`;
}

interface BarsProps {
  readonly title: string;
  readonly of: 'completed' | 'failed';
  readonly buckets: Statistics['buckets'];
}

function Bars({ title, of, buckets }: BarsProps): View {
  const total = buckets.reduce((sum, bucket) => sum + bucket[of], 0);
  const most = Math.max(1, ...buckets.map((bucket) => bucket[of]));
  const width = buckets.length * STEP;
  const [first] = buckets;
  return html`<section><h3>${title}</h3><p class="figure">${formatCount(total)}</p>
    <svg class=${`bars ${of}`} viewBox=${`0 0 ${width} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label=${`${title}: ${total}, at most ${most} in one bar`}>
      <line x1="0" x2=${width} y1=${HEIGHT - 0.5} y2=${HEIGHT - 0.5} />
      ${buckets.map((bucket, index) => {
        const height = bucket[of] === 0 ? 0 : Math.max(2, (bucket[of] / most) * (HEIGHT - 2));
        return (
          height > 0 &&
          html`<rect x=${index * STEP} y=${HEIGHT - height} width=${STEP - 1} height=${height}><title>${`${exactTime(bucket.at)}: ${bucket[of]}`}</title></rect>`
        );
      })}
    </svg>
    <p class="axis quiet"><span>${first === undefined ? '' : axisTime(first.at, buckets)}</span><span>now</span></p></section>`;
}

/** For a single day, the time of day is enough. */
function axisTime(at: string, buckets: Statistics['buckets']): string {
  const spanMs = Date.parse(buckets.at(-1)?.at ?? at) - Date.parse(at);
  return spanMs > 86_400_000 ? exactTime(at).slice(0, 10) : clockTime(at);
}
