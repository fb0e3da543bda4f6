import { element } from './element.ts';
import type { Layout } from './layout.ts';
import type { Model } from './model.ts';
import { Overview } from './overview.ts';
import { drawOverlay, drawPicture, type Sources } from './picture.ts';
import { readTheme } from './theme.ts';
import { TILE_HZ } from './tiles.ts';

/** Marks beside the spectrogram. */
const MARKED_KHZ = [1, 2, 3, 4];

export interface Screen {
  readonly root: HTMLElement;
  /** Holds the canvases; elements over them are placed from its upper left corner. */
  readonly stage: HTMLElement;
  /** Receives keys and mouse. */
  readonly canvas: HTMLCanvasElement;
  readonly overview: HTMLCanvasElement;
  /** Draws in the next frame: the overlay, and the picture if another part is on the screen. */
  update(): void;
  /** Draws everything in the next frame. */
  redraw(): void;
  focus(): void;
}

/** The canvases of a recording, drawn at most once in a frame. */
export function createScreen(
  name: string,
  help: string,
  model: Model,
  layout: Layout,
  sources: Sources,
  signal: AbortSignal,
): Screen {
  const overview = element('canvas', { className: 'viewer-overview', set: { 'aria-hidden': 'true' } });
  const picture = element('canvas', { className: 'viewer-picture', set: { 'aria-hidden': 'true' } });
  const canvas = element(
    'canvas',
    {
      className: 'viewer-overlay',
      tabIndex: 0,
      set: {
        role: 'application',
        'aria-label': `Waveform, spectrogram and tiers of ${name}`,
        'aria-description': help,
      },
    },
    `${name}: ${model.tiers.map((tier) => `${tier.name}, ${tier.labels.length} intervals`).join('; ')}`,
  );
  const stage = element('div', { className: 'viewer-stage' }, picture, canvas);
  stage.style.height = `${layout.height}px`;
  const names = element('div', { className: 'viewer-names', set: { 'aria-hidden': 'true' } });
  const addName = (text: string, top: number, className: string) => {
    // Of a long name the end is shown, since it says what the tier contains.
    const end = text.lastIndexOf(' - ');
    const parts = end === -1 ? [text] : [text.slice(0, end), text.slice(end)];
    const label = element(
      'div',
      { title: text, className },
      ...parts.map((part) => element('span', {}, part)),
    );
    label.style.top = `${top}px`;
    names.append(label);
  };
  for (const [index, tier] of model.tiers.entries())
    addName(tier.name, layout.tiers[index]?.top ?? 0, 'viewer-name');
  const { top, height } = layout.spectrogram;
  for (const khz of MARKED_KHZ)
    addName(`${khz} kHz`, top + height * (1 - (khz * 1000) / TILE_HZ), 'viewer-mark');
  const body = element('div', { className: 'viewer-body' }, stage, names);
  const root = element('div', { className: 'viewer-screen' }, overview, body);
  const strip = new Overview(overview, sources.peaks, model.doubtful);
  let frame = 0;
  let isStale = true;
  let drawn = '';
  const draw = () => {
    frame = 0;
    const width = stage.clientWidth;
    if (signal.aborted || width === 0) return;
    const { scale } = model;
    scale.width = width;
    const theme = readTheme(root);
    sources.tiles.recolour(theme.text);
    const now = [scale.from, scale.to, width, window.devicePixelRatio, theme.ground].join(' ');
    if (isStale || now !== drawn) {
      drawPicture(picture, model, layout, sources, theme);
      strip.draw(scale, theme);
    }
    isStale = false;
    drawn = now;
    drawOverlay(canvas, model, layout, theme);
  };
  const update = () => {
    if (frame === 0) frame = requestAnimationFrame(draw);
  };
  const redraw = () => {
    isStale = true;
    update();
  };
  const sizes = new ResizeObserver(redraw);
  sizes.observe(stage);
  signal.addEventListener('abort', () => sizes.disconnect(), { once: true });
  window.matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redraw, { signal });
  return {
    root,
    stage,
    canvas,
    overview,
    update,
    redraw,
    focus: () => canvas.focus({ preventScroll: true }),
  };
}
