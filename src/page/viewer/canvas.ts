/** Sets the size of a canvas in CSS pixels; it gets as many device pixels as it needs to be sharp. */
export function fitCanvas(
  canvas: HTMLCanvasElement,
  width: number,
  height: number,
): CanvasRenderingContext2D {
  const ratio = window.devicePixelRatio || 1;
  const [pixelWidth, pixelHeight] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== pixelWidth || canvas.height !== pixelHeight) {
    canvas.width = pixelWidth;
    canvas.height = pixelHeight;
  }
  const drawing = canvas.getContext('2d');
  if (drawing === null) throw new Error('this browser has no canvas');
  drawing.setTransform(pixelWidth / width, 0, 0, pixelHeight / height, 0, 0);
  return drawing;
}

/** The middle of the nearest pixel, where a line of one pixel is sharp. */
export function sharp(x: number): number {
  return Math.round(x) + 0.5;
}

/** A horizontal part of the drawing, over its whole width. */
export interface Band {
  readonly top: number;
  readonly height: number;
}
