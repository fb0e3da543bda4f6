import assert from 'node:assert/strict';
import { test } from 'uvu';
import { assertCount, parseArguments, wholeNumber } from '../../src/cli/args.ts';

const OPTIONS = {
  lang: { type: 'string', short: 'l', value: 'CODE', help: '' },
  priority: { type: 'string', value: 'NUMBER', help: '' },
  wait: { type: 'boolean', short: 'w', help: '' },
} as const;

const parse = (...argv: string[]) => parseArguments('submit', argv, OPTIONS);

test('options stand anywhere, long or short, with their values after a blank or an equals sign', () => {
  const { values, positionals } = parse('a.wav', '-l', 'x', '--priority=5', '-w', 'b.wav');
  assert.deepEqual(values, { lang: 'x', priority: '5', wait: true });
  assert.deepEqual(positionals, ['a.wav', 'b.wav']);
});

test('a missing switch is false, a missing option is undefined', () => {
  assert.deepEqual(parse().values, { lang: undefined, priority: undefined, wait: false });
});

test('every argument after -- is a file, even if it starts with a hyphen', () => {
  assert.deepEqual(parse('--', '--lang', '-w').positionals, ['--lang', '-w']);
});

test('a negative number is a value, another option is not', () => {
  assert.equal(parse('--priority', '-5').values.priority, '-5');
  assert.throws(() => parse('--lang', '--wait'), /--lang needs a value: --lang CODE/);
  assert.throws(() => parse('--lang'), /--lang needs a value/);
  assert.throws(() => parse('--lang='), /--lang needs a value/);
});

test('a switch takes no value', () => {
  assert.throws(() => parse('--wait=yes'), /--wait takes no value, found "yes"/);
});

test('an unknown option is refused, with the nearest known one', () => {
  assert.throws(() => parse('--priorty', '5'), /no option --priorty; did you mean --priority\?/);
  assert.throws(() => parse('--whatever'), /no option --whatever\. See/);
  assert.throws(() => parse('-x'), /no option -x\. See/);
});

test('too few and too many arguments are refused with what was expected', () => {
  const expected = { min: 1, max: 1, what: 'one task id' };
  assert.throws(() => assertCount('show', [], expected), /expected one task id, found nothing/);
  assert.throws(() => assertCount('show', ['a', 'b'], expected), /"b": expected one task id/);
  assertCount('show', ['a'], expected);
});

test('a number that is not whole is refused', () => {
  assert.equal(wholeNumber('submit', '--priority', '-12'), -12);
  for (const text of ['1.5', 'ten', '', '1e3', '99999999999']) {
    assert.throws(() => wholeNumber('submit', '--priority', text), /expected a whole number/, text);
  }
});

test.run();
