import { TaskError } from '../base/errors.ts';
import { atOnce, type InPieces, Piece } from '../base/pieces.ts';
import { compilePattern, RulePatternError, readCharacterEscape } from './rule-pattern.ts';
import { TimeBox } from './time-box.ts';

/** One rule of a `_cleanup.txt`. */
export interface CleanupRule {
  /** Line in the file, from 1. */
  readonly line: number;
  readonly search: RegExp | string;
  /** The parts of the replacement: texts, and numbers or names of groups. */
  readonly replacement: readonly (string | { readonly group: string })[];
}

export interface CleanupRules {
  readonly rules: readonly CleanupRule[];
  /** Lines that are not a rule, and why. Lines are counted from 1. */
  readonly problems: readonly { readonly line: number; readonly message: string }[];
}

/**
 * How long one rule may take for all labels of a task: a thousand times longer than usual rules take. It blocks the event loop
 * meanwhile.
 */
const RULE_LIMIT_MS = 1000;
/** How long all rules together may take. */
const RULES_LIMIT_MS = 3000;
/** How many times longer rules may make the text of a task: a few dozen rules that double it would fill the memory. */
const MAX_GROWTH = 16;
/** A text that stays below this length is allowed in any case. */
const MIN_GROWTH_CHARS = 1_000_000;

const RULE = /^"(.*?)"\s+(r?substitute)\s+"(.*)$/;
const TRAILING_COMMENT = /^([^"]*)"\s*#/;
const GROUP_REFERENCE = /^(?:([1-9]\d?)|g<(\d{1,2}|[A-Za-z_]\w*)>)/;

/**
 * Reads clean-up rules, one in a line.
 * `"pattern" rsubstitute "replacement"` has a regular expression in Python's syntax, which ignores case; in the replacement,
 * `\1` and `\g<name>` stand for groups. `"text" substitute "text"` replaces exactly this text; its case counts.
 * `\u00A0` stands for a character in both. Blanks inside the quotes count. `#` begins a comment.
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
 * Applies the rules in order, each to all labels.
 *
 * The time of a regular expression may grow exponentially with the length of a label. So a rule may block the worker for one
 * second at most, and a second time if it did not finish (the machine may have been suspended). All rules together may take three
 * seconds, plus this second try. The memory that they need is limited as well.
 * @param file - name of the file with the rules, for errors
 * @throws TaskError E_LANGUAGE_BROKEN with the line of the rule that takes too long, or makes the text too long
 * @internal
 */
export function applyCleanupRules(...given: Parameters<typeof applyCleanupRulesInPieces>): string[] {
  return atOnce(applyCleanupRulesInPieces(...given));
}

/** As `applyCleanupRules`, but the event loop can run other work in between. */
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
    let leftChars = maxChars - totalLength(texts);
    const results: string[] = [];
    for (const batch of batches(texts)) {
      const startMs = performance.now();
      const apply = () => applyRule(rule, batch, leftChars);
      const limitMs = Math.max(1, Math.floor(ruleLeftMs));
      const done = timeBox.run(limitMs, apply) ?? timeBox.run(limitMs, apply);
      if (done === null) throw broken(file, rule, `takes more than ${allowedMs} ms; simplify the expression`);
      if (done.value === null) throw broken(file, rule, `makes the text longer than ${maxChars} characters`);
      for (const text of done.value) results.push(text);
      leftChars -= totalLength(done.value) - totalLength(batch);
      const tookMs = performance.now() - startMs;
      ruleLeftMs -= tookMs;
      leftMs -= tookMs;
      yield;
    }
    texts = results;
  }
  return texts;
}

/** Divides texts into batches that can be processed without a pause for other work. */
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
  if (search === '') throw new RulePatternError('expected a text to look for, found ""');
  if (kind === 'substitute') return { search: decodeEscapes(search), replacement: [decodeEscapes(end)] };
  const pattern = compilePattern(search);
  return { search: pattern, replacement: parseReplacement(end, pattern) };
}

/** Replaces escapes such as `\u00A0` by their character. Any other backslash stays. */
function decodeEscapes(text: string): string {
  return text.replace(/\\u([0-9a-fA-F]{4})/g, (_, code: string) =>
    String.fromCodePoint(Number.parseInt(code, 16)),
  );
}

function parseReplacement(text: string, pattern: RegExp): CleanupRule['replacement'] {
  // The empty alternative always matches, and its result lists all groups of the pattern.
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

/** @returns null: the texts would become longer by more than `leftChars` together */
function applyRule(rule: CleanupRule, texts: readonly string[], leftChars: number): string[] | null {
  let grownChars = 0;
  const results: string[] = [];
  for (const text of texts) {
    const result = text.replaceAll(rule.search, (...found) => {
      const replacement = expand(rule.replacement, found);
      grownChars += replacement.length - String(found[0]).length;
      // Returns null below instead of throwing here: an error would pass through the other realm of the time box.
      return grownChars > leftChars ? '' : replacement;
    });
    if (grownChars > leftChars) return null;
    results.push(result);
  }
  return results;
}

/** @param found - the arguments of a replacer of `replaceAll`: match, groups, offset, text and, if there are any, named groups */
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
