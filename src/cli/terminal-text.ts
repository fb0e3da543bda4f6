import { stripVTControlCharacters } from 'node:util';
import { showCharacter, UNSAFE_CHARACTERS } from '../base/visible-text.ts';

/** The only control sequences that texts may hold, see `paint` in output.ts. */
const STYLE = '\\x1b\\[(?:0|1|2|31|32|33|34|36)m';
const STYLE_OR_UNSAFE = new RegExp(`${STYLE}|${UNSAFE_CHARACTERS}`, 'gu');

const WIDE =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}|\ufe0f/u;
/** Drawn over or into the character before it, or not at all. */
const WITHOUT_WIDTH = /^[\p{Mark}\p{Format}]+$/u;
const ELLIPSIS = '…';

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** Text that is safe on a terminal: a user's file name must not move the cursor or forge a line. */
export function escapeControls(text: string): string {
  return text.replace(STYLE_OR_UNSAFE, (match) => (match.startsWith('\x1b[') ? match : showCharacter(match)));
}

/** As `escapeControls`, for one line: line breaks are escaped, too. */
export function singleLine(text: string): string {
  return escapeControls(text).replaceAll('\n', '\\n');
}

/** Columns that a text takes on a terminal, styles not counted. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const { segment } of graphemes.segment(stripVTControlCharacters(text))) width += widthOf(segment);
  return width;
}

/** Adds blanks to a text, up to a number of columns. */
export function pad(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const blanks = ' '.repeat(Math.max(0, width - displayWidth(text)));
  return align === 'left' ? text + blanks : blanks + text;
}

/** Cuts a text to a number of columns, with an ellipsis at its end, and keeps its styles. */
export function truncate(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  let kept = '';
  let used = 0;
  // Odd parts are styles. They take no column, and the one that ends a style must stay.
  for (const [index, part] of text.split(new RegExp(`(${STYLE})`, 'u')).entries()) {
    if (index % 2 === 1) {
      kept += part;
      continue;
    }
    for (const { segment } of graphemes.segment(part)) {
      const next = used + widthOf(segment);
      if (used < width && next > width - 1) kept += ELLIPSIS;
      used = next > width - 1 ? width : next;
      if (used < width) kept += segment;
    }
  }
  return kept;
}

/**
 * Breaks a text into lines of a given width, between words. A longer word gets its own line.
 * @param between - what is between two words, where a line may end
 */
export function wrap(text: string, width: number, between: string | RegExp = ' '): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(between)) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && displayWidth(longer) > width) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return [...lines, line];
}

function widthOf(grapheme: string): number {
  if (WITHOUT_WIDTH.test(grapheme)) return 0;
  return WIDE.test(grapheme) ? 2 : 1;
}
