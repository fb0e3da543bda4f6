import { TaskError } from '../base/errors.ts';
import { atOnce, type InPieces, Piece } from '../base/pieces.ts';
import { compilePattern, RulePatternError, readCharacterEscape } from './rule-pattern.ts';
import { TimeBox } from './time-box.ts';

/** One rule of a `_cleanup.txt`. */
export interface CleanupRule {
  /** Line in the file, from 1. */
  readonly line: number;
  readonly search: RegExp | string;
  /** Texts and numbers or names of groups, to be joined. */
  readonly replacement: readonly (string | { readonly group: string })[];
}

export interface CleanupRules {
  readonly rules: readonly CleanupRule[];
  /** Lines that are no rule, and why. */
  readonly problems: readonly { readonly line: number; readonly message: string }[];
}

/** Time for one rule over all labels of a task: a thousand times what a sane rule takes. For so long it may hold up all others. */
const RULE_LIMIT_MS = 1000;
/** Time for all rules together. */
const RULES_LIMIT_MS = 3000;
/** Rules may lengthen a task's text this much; a few rules that double it would fill the memory. */
const MAX_GROWTH = 16;
const MIN_GROWTH_CHARS = 1_000_000;

const RULE = /^"(.*?)"\s+(r?substitute)\s+"(.*)$/;
const TRAILING_COMMENT = /^([^"]*)"\s*#/;
const GROUP_REFERENCE = /^(?:([1-9]\d?)|g<(\d{1,2}|[A-Za-z_]\w*)>)/;

/**
 * Reads clean-up rules, one a line, in file order:
 * `"pattern" rsubstitute "replacement"`: a regular expression in Python's syntax, without regard to case, with `\1` or
 * `\g<name>` for groups in the replacement; `"text" substitute "text"`: the very text, case and all.
 * `\u00A0` and the like are characters in both. Blanks inside the quotes count; `#` begins a comment.
 */
export function parseCleanupRules(text: string): CleanupRules {
  const rules: CleanupRule[] = [];
  const problems: { line: number; message: string }[] = [];
  text
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\r|\n/)
    .forEach((raw, index) => {
      const line = index + 1;
      const content = raw.trim();
      if (content === '' || content.startsWith('#')) return;
      try {
        rules.push({ line, ...parseRule(content) });
      } catch (thrown) {
        if (!(thrown instanceof RulePatternError)) throw thrown;
        problems.push({ line, message: thrown.message });
      }
    });
  return { rules, problems };
}

/**
 * Applies the rules, each to all labels, in order.
 *
 * A regular expression may take time that grows exponentially with the label. What is promised: a rule holds the
 * worker for no more than a second, the rules of a task take no more than four (three, and one more for a rule that a
 * suspended machine robbed of its time), they do not fill the memory, and the rule is named. What is not promised: that
 * such a rule is found before a label meets it.
 * @param file - name of the rules' file, for errors
 * @throws TaskError E_LANGUAGE_BROKEN naming the line of the rule that takes too long or too much
 * @internal
 */
export function applyCleanupRules(...given: Parameters<typeof applyCleanupRulesInPieces>): string[] {
  return atOnce(applyCleanupRulesInPieces(...given));
}

/** The same for labels that may be many. */
export function* applyCleanupRulesInPieces(
  rules: readonly CleanupRule[],
  labels: readonly string[],
  file = 'clean-up rules',
  ruleLimitMs = RULE_LIMIT_MS,
): InPieces<string[]> {
  let texts = [...labels];
  if (rules.length === 0 || texts.length === 0) return texts;
  const timeBox = new TimeBox();
  const maxChars = Math.max(MIN_GROWTH_CHARS, MAX_GROWTH * totalLength(texts));
  let leftMs = RULES_LIMIT_MS;
  for (const rule of rules) {
    const allowedMs = Math.max(1, Math.floor(Math.min(ruleLimitMs, leftMs)));
    let ruleLeftMs = allowedMs;
    let roomChars = maxChars - totalLength(texts);
    const results: string[] = [];
    for (const batch of batches(texts)) {
      const startMs = performance.now();
      const apply = () => applyRule(rule, batch, roomChars);
      const limitMs = Math.max(1, Math.floor(ruleLeftMs));
      const done = timeBox.run(limitMs, apply) ?? timeBox.run(limitMs, apply);
      if (done === null) throw broken(file, rule, `takes more than ${allowedMs} ms; simplify the expression`);
      if (done.value === null) throw broken(file, rule, `makes the text longer than ${maxChars} characters`);
      for (const text of done.value) results.push(text);
      roomChars -= totalLength(done.value) - totalLength(batch);
      const tookMs = performance.now() - startMs;
      ruleLeftMs -= tookMs;
      leftMs -= tookMs;
      yield;
    }
    texts = results;
  }
  return texts;
}

/** Texts in portions, each of a piece of work. */
function* batches(texts: readonly string[]): Generator<readonly string[]> {
  const piece = new Piece();
  let batch: string[] = [];
  for (const text of texts) {
    batch.push(text);
    if (!piece.add(text)) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

function parseRule(content: string): Omit<CleanupRule, 'line'> {
  const match = RULE.exec(content);
  const [, search = '', kind, tail = ''] = match ?? [];
  const end = TRAILING_COMMENT.exec(tail)?.[1] ?? (tail.endsWith('"') ? tail.slice(0, -1) : undefined);
  if (match === null || end === undefined) {
    throw new RulePatternError(
      'expected "pattern" rsubstitute "replacement" or "text" substitute "text", with straight double quotes',
    );
  }
  if (search === '') throw new RulePatternError('the text to look for is empty');
  if (kind === 'substitute') return { search: decodeEscapes(search), replacement: [decodeEscapes(end)] };
  const pattern = compilePattern(search);
  return { search: pattern, replacement: parseReplacement(end, pattern) };
}

/** The very text: only `\u00A0` and the like are escapes, any other backslash is a backslash. */
function decodeEscapes(text: string): string {
  return text.replace(/\\u([0-9a-fA-F]{4})/g, (_, code: string) =>
    String.fromCodePoint(Number.parseInt(code, 16)),
  );
}

function parseReplacement(text: string, pattern: RegExp): CleanupRule['replacement'] {
  // An alternative that matches nothing makes every group of the pattern appear in the result.
  const match = new RegExp(`${pattern.source}|`, 'v').exec('');
  const parts: (string | { group: string })[] = [];
  for (let at = 0; at < text.length; ) {
    const character = text[at] ?? '';
    const rest = text.slice(at + 1);
    if (character !== '\\') {
      parts.push(character);
      at += 1;
      continue;
    }
    const reference = GROUP_REFERENCE.exec(rest);
    const group = reference?.[1] ?? reference?.[2];
    if (reference !== null && group !== undefined) {
      const exists = /^\d/.test(group)
        ? Number(group) < (match?.length ?? 0)
        : group in (match?.groups ?? {});
      if (!exists)
        throw new RulePatternError(`the replacement names group ${group}, which the pattern does not have`);
      parts.push({ group });
      at += 1 + reference[0].length;
      continue;
    }
    const escaped = readCharacterEscape(rest);
    if (escaped === null && /^[A-Za-z0-9]/.test(rest)) {
      throw new RulePatternError(`"\\${rest[0]}" has no meaning in a replacement`);
    }
    parts.push(escaped?.character ?? rest[0] ?? '\\');
    at += 1 + (escaped?.length ?? 1);
  }
  return parts;
}

/** @returns null when the texts grow by more than `roomChars` together */
function applyRule(rule: CleanupRule, texts: readonly string[], roomChars: number): string[] | null {
  let grownChars = 0;
  const results: string[] = [];
  for (const text of texts) {
    const result = text.replaceAll(rule.search, (...found) => {
      const replacement = expand(rule.replacement, found);
      grownChars += replacement.length - String(found[0]).length;
      // Not thrown from here: what is thrown through the time box belongs to another realm's stack.
      return grownChars > roomChars ? '' : replacement;
    });
    if (grownChars > roomChars) return null;
    results.push(result);
  }
  return results;
}

/** @param found - arguments of a replacer: match, groups, offset, text and, if there are any, named groups */
function expand(replacement: CleanupRule['replacement'], found: readonly unknown[]): string {
  const named = found.at(-1);
  return replacement
    .map((part) => {
      if (typeof part === 'string') return part;
      const value = /^\d/.test(part.group)
        ? found[Number(part.group)]
        : (named as Record<string, unknown>)[part.group];
      return value === undefined ? '' : String(value);
    })
    .join('');
}

function totalLength(texts: readonly string[]): number {
  return texts.reduce((sum, text) => sum + text.length, 0);
}

function broken(file: string, rule: CleanupRule, what: string): TaskError {
  return new TaskError('E_LANGUAGE_BROKEN', `the rule ${what}`, { place: { file, line: rule.line } });
}
