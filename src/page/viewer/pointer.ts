import { doEdit } from './commands.ts';
import { moveBoundary } from './edit.ts';
import { type Layout, tierAtY } from './layout.ts';
import type { Model } from './model.ts';
import { cursorAt, extendTo, selectAt } from './selection.ts';
import { endOf, indexAt, startOf } from './tier.ts';
import { TimeScale } from './time-scale.ts';

/** Within this distance of a boundary, the mouse moves it. */
const NEAR_PX = 5;
const CLICK_PX = 3;
const WHEEL_ZOOM = 1.0015;

interface Grasp {
  readonly tier: number;
  /** Index of the interval that ends at the boundary. */
  readonly index: number;
}

type Drag =
  | { readonly kind: 'select'; readonly from: number; readonly x: number }
  | { readonly kind: 'pan'; x: number }
  | ({ readonly kind: 'boundary'; sec: number; readonly x: number } & Grasp);

export interface PointerListeners {
  readonly onChange: () => void;
  /** A boundary was moved. */
  readonly onEdited: () => void;
  /** The user wants to edit the selected label. */
  readonly onOpen: () => void;
}

/** Mouse, pen and touch on the picture. */
export function listenToPointer(
  canvas: HTMLCanvasElement,
  model: Model,
  layout: Layout,
  { onChange, onEdited, onOpen }: PointerListeners,
): void {
  let drag: Drag | null = null;
  const place = (event: MouseEvent) => {
    const box = canvas.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  canvas.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return;
    canvas.focus({ preventScroll: true });
    canvas.setPointerCapture(event.pointerId);
    const { x, y } = place(event);
    const sec = model.scale.toSec(x);
    const tier = tierAtY(layout, y);
    const grasp = tier === null ? null : graspAt(model, tier, x);
    if (y < layout.axis.height) drag = { kind: 'pan', x };
    else if (event.shiftKey) model.selection = extendTo(model.tiers, model.selection, sec);
    else if (grasp !== null) drag = { kind: 'boundary', ...grasp, sec, x };
    else if (tier !== null) model.selection = selectAt(model.tiers, tier, sec) ?? cursorAt(sec);
    else {
      model.selection = cursorAt(sec, model.selection.tier);
      drag = { kind: 'select', from: sec, x };
    }
    onChange();
  });
  canvas.addEventListener('pointermove', (event) => {
    const { x, y } = place(event);
    const { scale } = model;
    const sec = Math.min(scale.seconds, Math.max(0, scale.toSec(x)));
    model.hoverSec = sec;
    if (drag === null) {
      const tier = tierAtY(layout, y);
      canvas.style.cursor = tier !== null && graspAt(model, tier, x) !== null ? 'col-resize' : 'default';
    } else if (drag.kind === 'pan') {
      scale.move(((drag.x - x) / scale.width) * (scale.to - scale.from));
      drag.x = x;
    } else if (drag.kind === 'boundary') drag.sec = sec;
    else if (Math.abs(x - drag.x) > CLICK_PX)
      model.selection = {
        from: Math.min(drag.from, sec),
        to: Math.max(drag.from, sec),
        tier: null,
        index: null,
      };
    onChange();
  });
  canvas.addEventListener('pointerup', (event) => {
    const { x } = place(event);
    if (drag?.kind === 'boundary') {
      const { tier, index, sec } = drag;
      const isMoved = Math.abs(x - drag.x) > CLICK_PX;
      // A click beside a boundary selects, as elsewhere in the tier.
      if (isMoved) {
        doEdit(model, moveBoundary(model.tiers, tier, index, sec, event.altKey));
        onEdited();
      } else model.selection = selectAt(model.tiers, tier, model.scale.toSec(x)) ?? model.selection;
    }
    drag = null;
    onChange();
  });
  canvas.addEventListener('pointercancel', () => {
    drag = null;
  });
  canvas.addEventListener('pointerleave', () => {
    model.hoverSec = null;
    onChange();
  });
  canvas.addEventListener('dblclick', onOpen);
  canvas.addEventListener('wheel', (event) => turnWheel(event, canvas, model, place(event).x, onChange), {
    passive: false,
  });
}

/** The overview moves the part that is on the screen. */
export function listenToOverview(canvas: HTMLCanvasElement, model: Model, onChange: () => void): void {
  const go = (event: PointerEvent) => {
    const whole = new TimeScale(model.scale.seconds);
    whole.width = canvas.clientWidth;
    const half = (model.scale.to - model.scale.from) / 2;
    const sec = whole.toSec(event.clientX - canvas.getBoundingClientRect().left);
    model.scale.show(sec - half, sec + half);
    onChange();
  };
  canvas.addEventListener('pointerdown', (event) => {
    canvas.setPointerCapture(event.pointerId);
    go(event);
  });
  canvas.addEventListener('pointermove', (event) => {
    if (event.buttons === 1) go(event);
  });
}

/**
 * Sideways, or with Shift: moves. With Ctrl, or while the viewer has the focus: zooms. Otherwise the page scrolls, as
 * everywhere else.
 */
function turnWheel(
  event: WheelEvent,
  canvas: HTMLCanvasElement,
  model: Model,
  x: number,
  onChange: () => void,
): void {
  const { scale } = model;
  const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
  const isSideways = event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY);
  if (isSideways) {
    const px = (event.deltaX || event.deltaY) * unit;
    scale.move((px / scale.width) * (scale.to - scale.from));
  } else if (event.ctrlKey || event.metaKey || document.activeElement === canvas)
    scale.zoom(WHEEL_ZOOM ** (-event.deltaY * unit), scale.toSec(x));
  else return;
  event.preventDefault();
  onChange();
}

/** The boundary near a place, if it may be moved. None where intervals are too narrow to choose one. */
function graspAt(model: Model, tier: number, x: number): Grasp | null {
  const { scale } = model;
  const found = model.tiers[tier];
  if (found === undefined || found.isPoints) return null;
  const here = indexAt(found, scale.toSec(x));
  for (const index of [here - 1, here]) {
    if (index < 0 || index + 1 >= found.starts.length) continue;
    const at = scale.toX(endOf(found, index));
    const room = Math.min(at - scale.toX(startOf(found, index)), scale.toX(endOf(found, index + 1)) - at);
    if (Math.abs(at - x) <= NEAR_PX && room > 2 * NEAR_PX) return { tier, index };
  }
  return null;
}
