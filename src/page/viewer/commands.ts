import { type CutsEdit, insertBoundaries, removeBoundary } from './cuts.ts';
import { type Edit, moveBoundary } from './edit.ts';
import type { Command } from './keys.ts';
import type { Model } from './model.ts';
import { cursorAt, nextInterval, otherTier, type Selection, selectInterval } from './selection.ts';
import { endOf, indexAt } from './tier.ts';

const ZOOM = 2;
const NUDGE_SEC = 0.005;
/** Within this distance of a boundary, the cursor means the boundary. */
const NEAR_PX = 5;

/**
 * Changes the model by a command. Commands that need more than the model are not handled.
 * @returns whether it was handled
 */
export function runOnModel(model: Model, command: Command): boolean {
  const { scale, selection, tiers, edits } = model;
  const middle = (selection.from + selection.to) / 2;
  const around = middle >= scale.from && middle <= scale.to ? middle : (scale.from + scale.to) / 2;
  const page = (scale.to - scale.from) * 0.8;
  switch (command) {
    case 'zoom-in':
      scale.zoom(ZOOM, around);
      return true;
    case 'zoom-out':
      scale.zoom(1 / ZOOM, around);
      return true;
    case 'zoom-all':
      scale.show(0, scale.seconds);
      return true;
    case 'zoom-selection':
      if (selection.to > selection.from) scale.show(selection.from, selection.to);
      return true;
    case 'next':
      select(model, nextInterval(tiers, selection, 1));
      return true;
    case 'previous':
      select(model, nextInterval(tiers, selection, -1));
      return true;
    case 'tier-down':
      select(model, otherTier(tiers, selection, 1));
      return true;
    case 'tier-up':
      select(model, otherTier(tiers, selection, -1));
      return true;
    case 'start-earlier':
      nudge(model, -1, -NUDGE_SEC);
      return true;
    case 'start-later':
      nudge(model, -1, NUDGE_SEC);
      return true;
    case 'end-earlier':
      nudge(model, 0, -NUDGE_SEC);
      return true;
    case 'end-later':
      nudge(model, 0, NUDGE_SEC);
      return true;
    case 'insert':
      insert(model, false);
      return true;
    case 'insert-alone':
      insert(model, true);
      return true;
    case 'join-before':
      join(model, -1, false);
      return true;
    case 'join-before-alone':
      join(model, -1, true);
      return true;
    case 'join-after':
      join(model, 0, false);
      return true;
    case 'join-after-alone':
      join(model, 0, true);
      return true;
    case 'undo':
      showEdit(model, edits.undo());
      return true;
    case 'redo':
      showEdit(model, edits.redo());
      return true;
    case 'next-place':
      stepToPlace(model, 1);
      return true;
    case 'previous-place':
      stepToPlace(model, -1);
      return true;
    case 'page-on':
      scale.move(page);
      return true;
    case 'page-back':
      scale.move(-page);
      return true;
    case 'go-start':
      select(model, cursorAt(0, selection.tier));
      return true;
    case 'go-end':
      select(model, cursorAt(scale.seconds, selection.tier));
      return true;
    case 'loop':
      model.isLooping = !model.isLooping;
      return true;
    default:
      return false;
  }
}

function select(model: Model, selection: Selection | null): void {
  if (selection === null) return;
  model.selection = selection;
  model.scale.reveal(selection.from, selection.to);
}

/** Goes to one of the places to look at. */
export function goToPlace(model: Model, index: number): void {
  const place = model.doubtful[index];
  if (place === undefined) return;
  model.place = index;
  const tier = model.tiers.findIndex(({ role, name }) => role === 'words' && name === `${place.tier} - word`);
  showStretch(model, place.from, place.to, tier === -1 ? null : tier);
}

/** Selects a stretch, and shows its surroundings. */
export function showStretch(model: Model, from: number, to: number, tier: number | null = null): void {
  model.selection = { from, to, tier, index: null };
  const { scale } = model;
  const length = to - from;
  if (length > (scale.to - scale.from) * 0.8 || scale.to - scale.from > 60)
    scale.show(from - Math.max(1, length * 0.25), to + Math.max(1, length * 0.25));
  else scale.reveal(from, to);
}

export function doEdit(model: Model, edit: Edit | null): void {
  if (edit === null) return;
  model.edits.do(edit);
  showEdit(model, edit);
}

/** @param offset - which interval ends at the boundary: -1 for the start of the selected one, 0 for its end */
function nudge(model: Model, offset: -1 | 0, bySec: number): void {
  const { tier, index, from, to } = model.selection;
  if (tier === null || index === null) return;
  const sec = (offset === -1 ? from : to) + bySec;
  doEdit(model, moveBoundary(model.tiers, tier, index + offset, sec, false));
}

/** Inserts a boundary at the cursor or in the middle of the selected interval, or two around a selected stretch. */
function insert(model: Model, isAlone: boolean): void {
  const { tier, index, from, to } = model.selection;
  if (tier === null) return;
  const secs = index === null ? [from, to] : [(from + to) / 2];
  doEdit(model, insertBoundaries(model.tiers, tier, secs, isAlone));
}

/** @param offset - which interval ends at the removed boundary: -1 for the start of the selected one, 0 for its end */
function join(model: Model, offset: -1 | 0, isAlone: boolean): void {
  const { tier, index, from } = model.selection;
  if (tier === null) return;
  const ending = index === null ? boundaryNear(model, tier, from) : index + offset;
  if (ending !== null) doEdit(model, removeBoundary(model.tiers, tier, ending, isAlone));
}

/** The interval that ends nearest to a time, if its end is so near on the screen that both look the same. */
function boundaryNear({ tiers, scale }: Model, tier: number, sec: number): number | null {
  const found = tiers[tier];
  if (found === undefined) return null;
  const here = indexAt(found, sec);
  const distance = (at: number): number => Math.abs(scale.toX(endOf(found, at)) - scale.toX(sec));
  const near = here > 0 && distance(here - 1) < distance(here) ? here - 1 : here;
  return distance(near) <= NEAR_PX ? near : null;
}

/** After a change, the selection gets the current times of the interval. */
function showEdit(model: Model, edit: Edit | undefined): void {
  if (edit === undefined) return;
  if (edit.kind === 'cuts') {
    showCuts(model, edit);
    return;
  }
  const { tier, index } = model.selection;
  if (tier !== null && index !== null)
    model.selection = selectInterval(model.tiers, tier, index) ?? model.selection;
  const [first] = edit.kind === 'label' ? [edit] : edit.moves;
  const at = first === undefined ? undefined : model.tiers[first.tier]?.ends[first.index];
  if (at !== undefined) model.scale.reveal(Math.max(0, at - 0.01), Math.min(model.scale.seconds, at + 0.01));
}

/**
 * Selects the interval that was divided or joined. Of a divided one, the right part is selected, which waits for its
 * label.
 */
function showCuts(model: Model, { cuts }: CutsEdit): void {
  const cut = cuts.find(({ tier }) => tier === model.selection.tier) ?? cuts[0];
  if (cut === undefined) return;
  const tier = model.tiers[cut.tier];
  const isDivided = tier !== undefined && endOf(tier, cut.index) === cut.sec;
  select(model, selectInterval(model.tiers, cut.tier, cut.index + (isDivided ? 1 : 0)));
}

function stepToPlace(model: Model, step: 1 | -1): void {
  const { doubtful, selection, place } = model;
  const found = doubtful.findIndex(({ from }) => from >= selection.from);
  const after = found === -1 ? doubtful.length : found;
  if (place !== null) goToPlace(model, place + step);
  else goToPlace(model, step === 1 ? after % Math.max(1, doubtful.length) : after - 1);
}
