/** Punctuation, symbols and invisible characters. */
const EDGE_START = /^[\p{P}\p{S}\p{Cf}]+/u;
const EDGE_SIGN = /^[\p{P}\p{S}\p{Cf}]$/u;
/** Tokens without signs, which are most tokens. */
const PLAIN = /^[\p{L}\p{N}\p{M}]+$/u;
const INNER_BRACKETS = /[()[\]]/g;
const BRACKETED_PART = /\([^()]*\)|\[[^[\]]*\]/g;
/** The suffix by which CHAT marks the kind of a word: `mama@f`, `perro@s:spa`. */
const CHAT_KIND = /@[a-z]{1,2}(?:[:$][\w:+&-]*)?$/;

/**
 * The forms in which a token may be in a dictionary, in order of preference: unchanged; with one sign at each edge (`a.m.` of
 * `a.m."`), at one edge, at no edge; then the same without the brackets inside, as in `(un)certain`.
 */
export function wordForms(token: string): string[] {
  if (PLAIN.test(token)) return [token];
  const word = token.replace(CHAT_KIND, '');
  const plain = word.replace(INNER_BRACKETS, '');
  return [...new Set([token, ...edgeForms(word), ...(plain === '' ? [] : edgeForms(plain))])];
}

/** The part of a token outside its brackets: `cause` of `(be)cause`. Null: it has no brackets, or nothing outside them. */
export function partOutsideBrackets(token: string): string | null {
  const rest = token.replace(BRACKETED_PART, '');
  return rest === token || rest === '' ? null : (edgeForms(rest).at(-1) ?? null);
}

function edgeForms(token: string): string[] {
  const before = EDGE_START.exec(token)?.[0].length ?? 0;
  if (before === token.length) return [token];
  const after = signsAtEnd(token);
  if (before + after === 0) return [token];
  const kept = (startCount: number, endCount: number) =>
    token.slice(Math.max(0, before - startCount), token.length - Math.max(0, after - endCount));
  return [...new Set([token, kept(1, 1), kept(1, 0), kept(0, 1), kept(0, 0)])];
}

/** Length of the signs at the end of a token. A regular expression with `$` would take quadratic time on many signs. */
function signsAtEnd(token: string): number {
  let at = token.length;
  while (at > 0) {
    const isPair = at > 1 && (token.codePointAt(at - 2) ?? 0) > 0xffff;
    const next = isPair ? at - 2 : at - 1;
    if (!EDGE_SIGN.test(token.slice(next, at))) break;
    at = next;
  }
  return token.length - at;
}
