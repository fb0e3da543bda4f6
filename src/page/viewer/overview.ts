import { fitCanvas, sharp } from './canvas.ts';
import type { Peaks } from './peaks.ts';
import type { Theme } from './theme.ts';
import type { DoubtfulPlace } from './tier.ts';
import { TimeScale } from './time-scale.ts';
import { drawWaveform } from './waveform.ts';

const OVERVIEW_HEIGHT = 40;
const TICKS_HEIGHT = 6;

/** The whole recording: its waveform, ticks at places to look at, and the part that is on the screen below. */
export class Overview {
  readonly #canvas: HTMLCanvasElement;
  readonly #peaks: Peaks;
  readonly #doubtful: readonly DoubtfulPlace[];
  /** Everything except the part on the screen, which changes with each frame. */
  readonly #whole = document.createElement('canvas');
  #drawn = '';

  constructor(canvas: HTMLCanvasElement, peaks: Peaks, doubtful: readonly DoubtfulPlace[]) {
    this.#canvas = canvas;
    this.#peaks = peaks;
    this.#doubtful = doubtful;
  }

  draw(scale: TimeScale, theme: Theme): void {
    const width = this.#canvas.clientWidth;
    const whole = new TimeScale(scale.seconds);
    whole.width = width;
    this.#drawWhole(whole, theme);
    const drawing = fitCanvas(this.#canvas, width, OVERVIEW_HEIGHT);
    drawing.drawImage(this.#whole, 0, 0, width, OVERVIEW_HEIGHT);
    const left = whole.toX(scale.from);
    const right = Math.max(left + 3, whole.toX(scale.to));
    drawing.fillStyle = theme.selected;
    drawing.fillRect(left, 0, right - left, OVERVIEW_HEIGHT);
    drawing.strokeStyle = theme.accent;
    drawing.lineWidth = 1;
    const box = [sharp(left), 0.5, Math.max(2, Math.round(right - left) - 1), OVERVIEW_HEIGHT - 1] as const;
    drawing.strokeRect(...box);
  }

  #drawWhole(scale: TimeScale, theme: Theme): void {
    const now = [scale.width, window.devicePixelRatio, theme.ground, this.#peaks.loudest].join(' ');
    if (now === this.#drawn) return;
    this.#drawn = now;
    const drawing = fitCanvas(this.#whole, scale.width, OVERVIEW_HEIGHT);
    drawing.fillStyle = theme.ground;
    drawing.fillRect(0, 0, scale.width, OVERVIEW_HEIGHT);
    const band = { top: TICKS_HEIGHT, height: OVERVIEW_HEIGHT - TICKS_HEIGHT };
    drawWaveform(drawing, band, this.#peaks, scale, { ...theme, wave: theme.quiet });
    drawing.fillStyle = theme.doubtful;
    let reached = -1;
    for (const { from } of this.#doubtful) {
      const x = Math.round(scale.toX(from));
      // There is space for some hundred ticks, but there may be thousands of places.
      if (x - reached < 2) continue;
      reached = x;
      drawing.fillRect(x, 0, 2, TICKS_HEIGHT);
    }
  }
}
