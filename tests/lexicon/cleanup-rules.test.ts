import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'uvu';
import { applyCleanupRules, parseCleanupRules } from '../../src/lexicon/cleanup-rules.ts';

/** Applies rules, checked in the same way as those of a file. */
function clean(file: string, ...labels: readonly string[]): string[] {
  const { rules, problems } = parseCleanupRules(file);
  assert.deepEqual(problems, []);
  return applyCleanupRules(rules, labels);
}

function problemsOf(file: string): string[] {
  return parseCleanupRules(file).problems.map(({ line, message }) => `${line}: ${message}`);
}

test('a pattern replaces every match, without regard to case', () => {
  assert.deepEqual(clean('"adminstrativ" rsubstitute "administrativ"', 'ADMINSTRATIV adminstrativ'), [
    'administrativ administrativ',
  ]);
});

test('rules apply in file order, each to the result of the one before', () => {
  assert.deepEqual(clean('"a" rsubstitute "b"\n"b" rsubstitute "c"', 'ab'), ['cc']);
});

test('groups are used in the replacement by number and by name', () => {
  assert.deepEqual(clean(String.raw`"(\w)-(\w)" rsubstitute "\2 \1"`, 'a-b'), ['b a']);
  assert.deepEqual(clean(String.raw`"(?P<one>x)(?P=one)" rsubstitute "<\g<one>>"`, 'xx'), ['<x>']);
  assert.deepEqual(clean(String.raw`"(a)|(b)" rsubstitute "[\1\2]"`, 'ab'), ['[a][b]']);
});

test('blanks inside the quotes count, characters are written as escapes, CR LF and comments do not matter', () => {
  const file = '# note\r\n\r\n"\\u00A0" rsubstitute " " # no-break space\r\n"  " substitute " "\r\n';
  assert.deepEqual(clean(file, 'a\u00A0\u00A0b'), ['a b']);
});

test('signs after a backslash are literal, in patterns and in replacements', () => {
  const file = String.raw`"-\+" rsubstitute "- \+"
"\' " rsubstitute " "
"\([x]+\)" rsubstitute ""
"\%" rsubstitute " percent"`;
  assert.deepEqual(clean(file, "wo-+uh' 5%(xx)"), ['wo- +uh 5 percent']);
});

test('a literal rule matches the exact text, case, dots and backslashes included', () => {
  assert.deepEqual(clean(String.raw`"a.\b" substitute "\1$&"`, String.raw`a.\b A.\b axb`), [
    String.raw`\1$& A.\b axb`,
  ]);
});

test('classes know letters of every script', () => {
  assert.deepEqual(clean(String.raw`"[^\w\s]" rsubstitute ""`, 'éa, ðjú! ωδή'), ['éa ðjú ωδή']);
  assert.deepEqual(clean(String.raw`"\bá\b" rsubstitute "A"`, 'á há áh'), ['A há áh']);
  assert.deepEqual(clean('"ÆØÅ" rsubstitute "x"', 'æøå'), ['x']);
  assert.deepEqual(clean(String.raw`"\d+" rsubstitute "#"`, 'a12b٣'), ['a#b#']);
});

test('signs that are literal in Python are literal: brackets, braces, hyphens and quotes', () => {
  assert.deepEqual(clean(String.raw`"[]a-c\-]" rsubstitute "_"`, 'a]b-d'), ['____d']);
  assert.deepEqual(clean('"x{y}" rsubstitute "z"', 'x{y}'), ['z']);
  assert.deepEqual(clean('"["”]" rsubstitute ""', '"a”'), ['a']);
  assert.deepEqual(clean('"a{2,}|b{,2}c" rsubstitute "-"', 'aaa a bbc'), ['- a -']);
});

test('a line that is not a rule is named, and the others still apply', () => {
  const file = String.raw`"a" rsubstitute "b"
a -> b
"(" rsubstitute ""
"(a)" rsubstitute "\2"
"\q" rsubstitute ""
"[a" rsubstitute ""
"" substitute "x"
“a” substitute “b”`;
  assert.deepEqual(
    parseCleanupRules(file).rules.map(({ line }) => line),
    [1],
  );
  const problems = problemsOf(file);
  assert.deepEqual(
    problems.map((problem) => problem.slice(0, 2)),
    ['2:', '3:', '4:', '5:', '6:', '7:', '8:'],
  );
  assert.match(problems[0] ?? '', /expected "pattern" rsubstitute "replacement"/);
  assert.match(problems[1] ?? '', /Unterminated group/);
  assert.match(problems[2] ?? '', /group 2, which the pattern does not have/);
});

for (const pattern of ['(a+)+$', '(a|a)*b', '(.*)*x', '(.*)(.*)(.*)(.*)(.*)(.*)(.*)x']) {
  test(`a rule that would run for ever is stopped and named: ${pattern}`, () => {
    const { rules } = parseCleanupRules(`"z" rsubstitute "y"\n"${pattern}" rsubstitute ""`);
    assert.throws(() => applyCleanupRules(rules, [`${'a'.repeat(2000)}!`], 'x_cleanup.txt', 50), {
      code: 'E_LANGUAGE_BROKEN',
      message: /^x_cleanup\.txt line 2: the rule takes more than \d+ ms/,
    });
  });
}

test('rules that double the text again and again are stopped and named', () => {
  const { rules } = parseCleanupRules(Array(60).fill('"(.+)" rsubstitute "\\1\\1"').join('\n'));
  assert.throws(() => applyCleanupRules(rules, ['abc']), {
    code: 'E_LANGUAGE_BROKEN',
    message: /longer than/,
  });
});

test('a rule that does not match leaves labels as they are, empty ones too', () => {
  assert.deepEqual(clean('"x" rsubstitute "y"', '', 'a', '\n'), ['', 'a', '\n']);
  assert.deepEqual(applyCleanupRules([], ['a']), ['a']);
});

test('a complete rule file of a site is read', async () => {
  const file = await readFile(
    new URL('../fixtures/admin/engUS_FAVE_v010/engUS_FAVE_v010_cleanup.txt', import.meta.url),
    'utf8',
  );
  assert.ok(file.includes('\r\n'));
  assert.deepEqual(clean(file, 'Tea\u00A0& +wat water, well--known!'), ['Tea and water  well known ']);
});

test('a pattern that would end the whole process when it is compiled is refused', () => {
  const deep = parseCleanupRules(`"${'(a'.repeat(1_000)}${')'.repeat(1_000)}" rsubstitute ""`);
  assert.deepEqual(deep.problems, [{ line: 1, message: 'groups nested more than 50 deep' }]);
  const long = parseCleanupRules(`"${'(a)'.repeat(20_000)}" rsubstitute ""`);
  assert.deepEqual(long.problems, [
    { line: 1, message: 'a pattern of 60000 characters; expected at most 4000' },
  ]);
  assert.equal(parseCleanupRules(`"${'(a'.repeat(50)}${')'.repeat(50)}" rsubstitute ""`).rules.length, 1);
});

test('flags and references to groups by name do not count as nested groups', () => {
  const names = '(?P=x)'.repeat(60);
  assert.deepEqual(clean(`"${'(?i)'.repeat(60)}(?P<x>a)${names}" rsubstitute "b"`, 'a'.repeat(61)), ['b']);
});

test.run();
