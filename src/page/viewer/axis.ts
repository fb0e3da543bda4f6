import type { Band } from './canvas.ts';
import type { Theme } from './theme.ts';
import { formatTime, type TimeScale } from './time-scale.ts';

const LEAST_PX = 84;

export function drawAxis(
  drawing: CanvasRenderingContext2D,
  { top, height }: Band,
  scale: TimeScale,
  theme: Theme,
): void {
  const { times, digits } = scale.ticks(LEAST_PX);
  drawing.font = `11px ${theme.font}`;
  drawing.textBaseline = 'middle';
  drawing.textAlign = 'left';
  for (const sec of times) {
    const x = Math.round(scale.toX(sec));
    drawing.fillStyle = theme.line;
    drawing.fillRect(x, top + height - 8, 1, 8);
    drawing.fillStyle = theme.quiet;
    if (x < scale.width - 40) drawing.fillText(formatTime(sec, digits), x + 4, top + height / 2);
  }
}
