const IN_SQUARE = /\[[^[\]]*\]/g;
const REPEATED = /\[\s*x\s*(\d{1,2})\s*\]/g;
/** Signs of groups, overlaps, stress, tones and other prosody. Overlaps may have a number. */
const SIGNS =
  /[\u2308\u2309\u230a\u230b]\d?|[<>\u02c8\u02cc\u2190-\u21ff\u2200-\u22ff\u2581\u2594\u263a\u263e\u2051\u204e\u00b0^\u201e\u2021]/gu;
/** A longer text is not repeated, so that a damaged file cannot make a very long one. */
const MAX_REPEATED_CHARS = 200;
/** Sounds that are repeated before a word (stuttering). */
const BLOCKED = /\u21ab[^\s\u21ab]*\u21ab/g;
/** Events, words of other speakers, terminators and linkers, pauses of older files, and omitted words. */
const NOT_SPOKEN = /^(?:&[=*{}]|\+|#|0(?![.,]?\d))/;

/**
 * The spoken part of a main line of CHAT: `&-um (be)cause <I I> [/] &=laughs no [x 2] +...` becomes `um cause I I no no`. Brackets,
 * events, terminators and sounds that are marked as not said are left out. `xxx` (not understood) stays, since it is a marker.
 * Source: MacWhinney, The CHAT Transcription Format.
 */
export function spokenInChat(label: string): string {
  return repeat(label)
    .replace(IN_SQUARE, ' ')
    .replace(BLOCKED, '')
    .replace(SIGNS, '')
    .split(/\s+/)
    .map(spokenWord)
    .filter((word) => word !== '')
    .join(' ');
}

/** Repeats text before `[x N]`: `no [x 3]` and `<oh no> [x 3]` were said three times. */
function repeat(label: string): string {
  let spoken = '';
  let end = 0;
  for (const match of label.matchAll(REPEATED)) {
    const before = label.slice(end, match.index).trimEnd();
    const isGroup = before.endsWith('>');
    const start = isGroup ? before.lastIndexOf('<') : before.lastIndexOf(' ') + 1;
    const said = before.slice(Math.max(0, start));
    const more = said.length > MAX_REPEATED_CHARS ? 0 : Math.max(0, Number(match[1]) - 1);
    spoken += before + ` ${said}`.repeat(more);
    end = match.index + match[0].length;
  }
  return spoken + label.slice(end);
}

function spokenWord(token: string): string {
  if (NOT_SPOKEN.test(token)) return '';
  return (
    token
      .replace(/^&[-~+]?/, '')
      // `@` and then the form or language of the word.
      .replace(/(?<=[\p{L}\p{N}])@.*$/u, '')
      .replace(/\([^()]*\)/g, '')
      // A colon marks a long sound.
      .replace(/(?<=\p{L}):+/gu, '')
      .replaceAll('_', ' ')
      .replaceAll('+', '-')
      .trim()
  );
}
