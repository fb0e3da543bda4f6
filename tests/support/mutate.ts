/** Numbers from 0 to 1 that are the same for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const MAX_CHANGES = 6;
const MAX_CHARS = 20_000;

/**
 * A text that is nearly valid: some pieces of a valid text are removed, doubled, moved, or replaced by pieces that are
 * hard for readers.
 * @param pieces - such pieces
 */
export function mutate(good: string, pieces: readonly string[], random: () => number): string {
  const below = (limit: number) => Math.floor(random() * limit);
  let text = good;
  for (let changes = 1 + below(MAX_CHANGES); changes > 0; changes--) {
    const at = below(text.length + 1);
    const length = below(random() < 0.5 ? 4 : text.length - at + 1);
    const piece = pieces[below(pieces.length)] ?? '';
    const [head, cut, tail] = [text.slice(0, at), text.slice(at, at + length), text.slice(at + length)];
    switch (below(6)) {
      case 0:
        text = head + tail;
        break;
      case 1:
        text = head + cut + cut + tail;
        break;
      case 2:
        text = head + piece + tail;
        break;
      case 3:
        text = head + String.fromCharCode(below(random() < 0.7 ? 256 : 65_536)) + tail;
        break;
      case 4:
        text = head + cut + piece.repeat(below(50)) + tail;
        break;
      default:
        text = tail + cut + head;
    }
    text = text.slice(0, MAX_CHARS);
  }
  return text;
}
