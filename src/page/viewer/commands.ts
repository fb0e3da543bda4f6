import { type Edit, moveBoundary } from './edit.ts';
import type { Command } from './keys.ts';
import type { Model } from './model.ts';
import { cursorAt, nextInterval, otherTier, type Selection, selectInterval } from './selection.ts';

const ZOOM = 2;
const NUDGE_SEC = 0.005;

/** Changes the model as a command says. Those that need more than the model are not handled. @returns whether it was one */
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

/** Goes to one of the places where to look. */
export function goToPlace(model: Model, index: number): void {
  const place = model.doubtful[index];
  if (place === undefined) return;
  model.place = index;
  const tier = model.tiers.findIndex(({ role, name }) => role === 'words' && name === `${place.tier} - word`);
  showStretch(model, place.from, place.to, tier === -1 ? null : tier);
}

/** Selects a stretch, with what is around it on the screen. */
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

/** After a change, the selected interval has the times that it has now. */
function showEdit(model: Model, edit: Edit | undefined): void {
  if (edit === undefined) return;
  const { tier, index } = model.selection;
  if (tier !== null && index !== null)
    model.selection = selectInterval(model.tiers, tier, index) ?? model.selection;
  const [first] = edit.kind === 'label' ? [edit] : edit.moves;
  const at = first === undefined ? undefined : model.tiers[first.tier]?.ends[first.index];
  if (at !== undefined) model.scale.reveal(Math.max(0, at - 0.01), Math.min(model.scale.seconds, at + 0.01));
}

function stepToPlace(model: Model, step: 1 | -1): void {
  const { doubtful, selection, place } = model;
  const found = doubtful.findIndex(({ from }) => from >= selection.from);
  const after = found === -1 ? doubtful.length : found;
  if (place !== null) goToPlace(model, place + step);
  else goToPlace(model, step === 1 ? after % Math.max(1, doubtful.length) : after - 1);
}
