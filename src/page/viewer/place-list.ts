import { plural } from '../../base/count-text.ts';
import { findingText } from '../parts/finding-words.ts';
import { element } from './element.ts';
import type { DoubtfulPlace } from './tier.ts';
import { formatTime } from './time-scale.ts';

/** Further places are reached by key; a list of thousands would block the page. */
const MAX_SHOWN = 500;

export interface PlaceList {
  readonly root: HTMLElement;
  /** Marks the place that is shown. */
  mark(index: number): void;
}

/** The list of places to look at. */
export function createPlaceList(
  places: readonly DoubtfulPlace[],
  onChoose: (index: number) => void,
): PlaceList {
  if (places.length === 0)
    return {
      root: element('p', { className: 'viewer-status' }, 'No doubtful places.'),
      mark: () => undefined,
    };
  const items = places
    .slice(0, MAX_SHOWN)
    .map(({ from, text }, index) =>
      element(
        'li',
        {},
        element(
          'button',
          { type: 'button', onclick: () => onChoose(index) },
          element('span', { className: 'viewer-time' }, formatTime(from, 2)),
          ` ${findingText(text)}`,
        ),
      ),
    );
  const rest = places.length - items.length;
  const count = plural(places.length, 'place to look at', 'places to look at');
  const list = element('ol', {}, ...items);
  const root = element(
    'details',
    { className: 'viewer-places', open: places.length <= 12 },
    element('summary', {}, `${count} `, element('kbd', {}, 'D'), ' next'),
    list,
    ...(rest > 0 ? [element('p', {}, `and ${rest} more: D steps through all of them`)] : []),
  );
  let marked: HTMLElement | undefined;
  return {
    root,
    mark(index) {
      marked?.removeAttribute('aria-current');
      marked = items[index];
      marked?.setAttribute('aria-current', 'true');
      if (root.open) marked?.scrollIntoView({ block: 'nearest' });
    },
  };
}
