import { formatCount } from '../../base/count-text.ts';
import { DAY, type Filter, formatFilter, isEmpty, NO_FILTER, parseFilter } from '../filter.ts';
import { html, type View } from '../html.ts';
import { setQuery } from '../router.ts';
import type { Status } from '../types.ts';
import { STATUS_WORDS } from '../words.ts';
import { TypedInput } from './typed-input.ts';

const SHOWN: readonly Status[] = ['uploaded', 'processing', 'completed', 'failed', 'cancelled', 'expired'];
const SEARCH_PAUSE_MS = 250;

export interface FilterBarProps {
  readonly filter: Filter;
  /** With the fields that only an operator needs. */
  readonly isFull?: boolean;
  readonly counts?: Readonly<Partial<Record<Status, number>>> | null;
}

/** Search and statuses. The choices are in the address, so that it can be kept and sent. */
export function FilterBar({ filter, isFull = false, counts = null }: FilterBarProps): View {
  // Starts from the current address: a search that is applied after a pause must not undo choices that were made
  // meanwhile.
  const set = (changes: Partial<Filter>): void =>
    setQuery(formatFilter({ ...parseFilter(location.search), ...changes }));
  const toggle = (status: Status): void =>
    set({
      statuses: filter.statuses.includes(status)
        ? filter.statuses.filter((one) => one !== status)
        : [...filter.statuses, status],
    });
  const field = (name: 'lang' | 'user' | 'code', label: string) => html`<label class="field">${label}
    <${TypedInput} value=${filter[name]} onTake=${(text: string) => set({ [name]: text })} /></label>`;
  // A text field, because the browser's own date field uses the format of the user's country.
  const day = (name: 'since' | 'until', label: string) => html`<label class="field">${label}
    <${TypedInput} value=${filter[name]} inputmode="numeric" placeholder="YYYY-MM-DD" pattern=${DAY.source} title="a day as YYYY-MM-DD, such as 2026-03-01"
      onTake=${(text: string) => set({ [name]: text })} /></label>`;
  return html`<form class="filters" role="search" aria-label="Tasks" onSubmit=${(event: Event) => event.preventDefault()}>
    <${TypedInput} type="search" id="search" class="search" placeholder="Search names" aria-label="Search names" value=${filter.q}
      pauseMs=${SEARCH_PAUSE_MS} onTake=${(text: string) => set({ q: text })} />
    <div class="chips" role="group" aria-label="States">
      ${SHOWN.map((status) => {
        const { word, mark } = STATUS_WORDS[status];
        const count = counts?.[status];
        return html`<button type="button" key=${status} class="chip" aria-pressed=${filter.statuses.includes(status) ? 'true' : 'false'} onClick=${() => toggle(status)}>
          <span class="mark" aria-hidden="true">${mark}</span>${word}${count !== undefined && html` <span class="count">${formatCount(count)}</span>`}</button>`;
      })}
      ${!isEmpty(filter) && html`<button type="button" class="link" onClick=${() => setQuery(formatFilter(NO_FILTER))}>Show all</button>`}
    </div>
    ${isFull && html`<div class="fields">${field('user', 'User')}${field('lang', 'Language')}${field('code', 'Error code')}${day('since', 'From')}${day('until', 'To')}</div>`}
  </form>`;
}
