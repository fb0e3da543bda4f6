import { type Band, sharp } from './canvas.ts';
import type { Theme } from './theme.ts';
import { endOf, indexAt, indexFrom, labelOf, startOf, type Tier } from './tier.ts';
import type { TimeScale } from './time-scale.ts';

/** Narrower intervals are not drawn one by one: they become a band, and the next visible interval is searched. */
const NARROWEST_PX = 3;
/** Beside a label. Phones are short, and stand close together. */
const PADDING_PX = 3;
const PHONE_PADDING_PX = 1;
const FONT_PX = 13;

/** Widths of labels. They are kept because measuring takes longer than everything else. */
export class LabelWidths {
  readonly #widths = new Map<string, number>();
  #font = '';

  of(drawing: CanvasRenderingContext2D, label: string): number {
    if (drawing.font !== this.#font) {
      this.#font = drawing.font;
      this.#widths.clear();
    }
    let width = this.#widths.get(label);
    if (width === undefined) {
      width = drawing.measureText(label).width;
      this.#widths.set(label, width);
    }
    return width;
  }
}

/** Draws a tier: the boundaries on the screen, and the labels that fit. */
export function drawTier(
  drawing: CanvasRenderingContext2D,
  band: Band,
  tier: Tier,
  scale: TimeScale,
  theme: Theme,
  options: { readonly isIpa: boolean; readonly widths: LabelWidths },
): void {
  const { top, height } = band;
  drawing.fillStyle = theme.line;
  drawing.fillRect(0, top, scale.width, 1);
  drawing.font = `${FONT_PX}px ${theme.font}`;
  drawing.textAlign = 'center';
  drawing.textBaseline = 'middle';
  let index = indexAt(tier, scale.from);
  while (index < tier.starts.length && startOf(tier, index) < scale.to) {
    const x = scale.toX(startOf(tier, index));
    const end = scale.toX(endOf(tier, index));
    if (end - x < NARROWEST_PX && !tier.isPoints) {
      index = drawDense(drawing, band, tier, scale, theme, index);
      continue;
    }
    drawing.fillStyle = theme.line;
    drawing.fillRect(Math.round(x), top, 1, height);
    drawing.fillStyle = theme.text;
    drawLabel(
      drawing,
      band,
      tier,
      index,
      tier.isPoints ? pointRoom(tier, index, scale) : [x, end],
      scale,
      options,
    );
    index += 1;
  }
}

/** A band over narrow intervals. @returns the first interval after it */
function drawDense(
  drawing: CanvasRenderingContext2D,
  { top, height }: Band,
  tier: Tier,
  scale: TimeScale,
  theme: Theme,
  first: number,
): number {
  const x = scale.toX(startOf(tier, first));
  const next = Math.max(first + 1, indexFrom(tier, scale.toSec(x + NARROWEST_PX)));
  const end = next < tier.starts.length ? scale.toX(startOf(tier, next)) : scale.toX(endOf(tier, next - 1));
  drawing.fillStyle = theme.dense;
  drawing.fillRect(x, top + 1, end - x, height - 1);
  return next;
}

/** A point has space up to the middle between it and the next point. */
function pointRoom(tier: Tier, index: number, scale: TimeScale): readonly [number, number] {
  const here = startOf(tier, index);
  const before = index === 0 ? -Infinity : startOf(tier, index - 1);
  const after = index + 1 < tier.starts.length ? startOf(tier, index + 1) : Infinity;
  const half = Math.min(here - before, after - here, scale.seconds) / 2;
  return [scale.toX(here - half), scale.toX(here + half)];
}

function drawLabel(
  drawing: CanvasRenderingContext2D,
  { top, height }: Band,
  tier: Tier,
  index: number,
  [start, end]: readonly [number, number],
  scale: TimeScale,
  { isIpa, widths }: { readonly isIpa: boolean; readonly widths: LabelWidths },
): void {
  const label = labelOf(tier, index, isIpa).trim();
  const padding = tier.role === 'phones' ? PHONE_PADDING_PX : PADDING_PX;
  const left = Math.max(start, 0) + padding;
  const right = Math.min(end, scale.width) - padding;
  if (label === '' || right - left < 4) return;
  const isLong = tier.role === 'transcript' || tier.role === 'other';
  const width = label.length > 300 ? Infinity : widths.of(drawing, label);
  const text = width <= right - left ? label : isLong ? shorten(drawing, label, right - left) : '';
  if (text !== '') drawing.fillText(text, (left + right) / 2, top + height / 2 + 1);
}

/** The longest beginning that fits, with dots; nothing if only a few letters fit. */
function shorten(drawing: CanvasRenderingContext2D, label: string, room: number): string {
  const signs = Array.from(label.slice(0, 400));
  let fits = 0;
  let tooLong = signs.length + 1;
  while (tooLong - fits > 1) {
    const middle = (fits + tooLong) >>> 1;
    if (drawing.measureText(`${signs.slice(0, middle).join('')}…`).width <= room) fits = middle;
    else tooLong = middle;
  }
  return fits < 3 ? '' : `${signs.slice(0, fits).join('').trimEnd()}…`;
}

/** Draws the selection through a tier; its boundaries are strong. */
export function drawSelectedInterval(
  drawing: CanvasRenderingContext2D,
  { top, height }: Band,
  from: number,
  to: number,
  theme: Theme,
): void {
  drawing.strokeStyle = theme.accent;
  drawing.lineWidth = 2;
  drawing.strokeRect(sharp(from), top + 1, Math.max(1, to - from), height - 2);
}
