/** Tiles of a spectrogram: pictures of 7 s with 40 rows of 125 Hz, the lowest one around 0 Hz. */
export const TILE_SEC = 7;
export const TILE_HZ = 5_000;
export const LOWEST_HZ = -62.5;

const COLUMN_SEC = 0.007;
/** Some minutes of audio: 160 kB each. */
const MAX_KEPT = 96;

export interface Tiles {
  /** The tile in the colour of the theme; undefined: it is requested now, or does not exist. */
  tile(index: number): HTMLCanvasElement | undefined;
  recolour(colour: string): void;
}

interface Kept {
  readonly darkness: ImageData | null;
  picture: HTMLCanvasElement | null;
}

export function secondsOf({ width }: HTMLCanvasElement): number {
  return width * COLUMN_SEC;
}

export function createTiles(url: string, count: number, onLoaded: () => void, signal: AbortSignal): Tiles {
  const kept = new Map<number, Kept>();
  let colour = '#000';
  const load = async (index: number) => {
    kept.set(index, { darkness: null, picture: null });
    const response = await fetch(`${url}/${index}.png`, { signal });
    if (!response.ok) return;
    const bitmap = await createImageBitmap(await response.blob());
    kept.set(index, { darkness: readDarkness(bitmap), picture: null });
    onLoaded();
  };
  return {
    tile(index) {
      if (index < 0 || index >= count) return undefined;
      const found = kept.get(index);
      if (found === undefined) {
        forgetOldest(kept);
        void load(index).catch(() => kept.delete(index));
        return undefined;
      }
      // The tile that was used last is dropped last.
      kept.delete(index);
      kept.set(index, found);
      if (found.darkness === null) return undefined;
      found.picture ??= paint(found.darkness, colour);
      return found.picture;
    },
    recolour(next) {
      if (next === colour) return;
      colour = next;
      for (const one of kept.values()) one.picture = null;
    },
  };
}

function forgetOldest(kept: Map<number, Kept>): void {
  const [oldest] = kept.keys();
  if (kept.size >= MAX_KEPT && oldest !== undefined) kept.delete(oldest);
}

/** Grey as transparency: dark is opaque. So a tile has the colour of any theme. */
function readDarkness(bitmap: ImageBitmap): ImageData | null {
  const canvas = document.createElement('canvas');
  canvas.width = bitmap.width;
  canvas.height = bitmap.height;
  const drawing = canvas.getContext('2d', { willReadFrequently: true });
  if (drawing === null) return null;
  drawing.drawImage(bitmap, 0, 0);
  const { data } = drawing.getImageData(0, 0, canvas.width, canvas.height);
  for (let at = 0; at < data.length; at += 4) data[at + 3] = 255 - (data[at] ?? 255);
  return new ImageData(data, canvas.width, canvas.height);
}

function paint(darkness: ImageData, colour: string): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.width = darkness.width;
  canvas.height = darkness.height;
  const drawing = canvas.getContext('2d');
  if (drawing === null) return canvas;
  drawing.putImageData(darkness, 0, 0);
  drawing.globalCompositeOperation = 'source-in';
  drawing.fillStyle = colour;
  drawing.fillRect(0, 0, canvas.width, canvas.height);
  return canvas;
}
