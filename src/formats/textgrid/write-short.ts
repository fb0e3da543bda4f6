import { type InPieces, Piece } from '../../base/pieces.ts';
import { secondsText } from '../seconds-text.ts';
import type { TextGrid } from './model.ts';
import { assertGapless, formatNumber, quote } from './write.ts';

/**
 * Writes a TextGrid in Praat's short text form: the values of the long form, one on each line. To be stored as UTF-8.
 * @throws TaskError E_OUTPUT_INVALID as `writeTextGrid`
 */
export function* writeShortTextGridInPieces(grid: TextGrid): InPieces<string> {
  const lines = ['File type = "ooTextFile"', 'Object class = "TextGrid"', ''];
  lines.push(formatNumber(grid.startSec), formatNumber(grid.endSec), '<exists>', String(grid.tiers.length));
  const piece = new Piece();
  const timeText = secondsText(formatNumber);
  for (const tier of grid.tiers) {
    assertGapless(tier, grid);
    lines.push(tier.kind === 'interval' ? '"IntervalTier"' : '"TextTier"', quote(tier.name));
    lines.push(formatNumber(tier.startSec), formatNumber(tier.endSec));
    if (tier.kind === 'point') {
      lines.push(String(tier.points.length));
      for (const { timeSec, text } of tier.points) {
        lines.push(timeText(timeSec), quote(text));
        if (piece.add(text)) yield;
      }
      continue;
    }
    lines.push(String(tier.intervals.length));
    for (const { startSec, endSec, text } of tier.intervals) {
      lines.push(timeText(startSec), timeText(endSec), quote(text));
      if (piece.add(text)) yield;
    }
  }
  lines.push('');
  return lines.join('\n');
}
