import assert from 'node:assert/strict';
import { test } from 'uvu';
import type { Language, Pronunciation } from '../../src/lexicon/language.ts';
import { buildLexicon, cutLexicon, type Lexicon } from '../../src/lexicon/merge.ts';
import { flat, shown } from '../support/finding.ts';
import { languageOf, tempFolder } from './temp-folder.ts';

interface Given {
  readonly simple: string;
  readonly complex?: string;
  readonly user?: string;
  readonly suggested?: readonly Pronunciation[];
  readonly words: readonly string[];
  readonly language?: Partial<Language>;
  readonly signal?: AbortSignal;
}

async function build({
  simple,
  complex,
  user,
  suggested = [],
  words,
  language = {},
  ...rest
}: Given): Promise<Lexicon> {
  await using folder = await tempFolder({
    'simple.dict': simple,
    ...(complex === undefined ? {} : { 'complex.dict': complex }),
    ...(user === undefined ? {} : { 'user.dict': user }),
  });
  return await buildLexicon({
    language: languageOf(`${folder.path}/simple.dict`, {
      complexDictionaryPath: complex === undefined ? null : `${folder.path}/complex.dict`,
      ...language,
    }),
    userDictionaryPath: `${folder.path}/user.dict`,
    suggested,
    words: new Set(words),
    ...rest,
  });
}

function linesOf(lexicon: Lexicon): string[] {
  return lexicon.simple.map(({ word, phones }) => `${word}: ${phones.join(' ')}`);
}

const FRENCH = new Map([
  ['§', 'N'],
  ['N', 'n'],
  ['n', 'n'],
  ['m', 'm'],
  ['x', 'R'],
]);

test('the user replaces all lines of a word, also those suggested', async () => {
  const lexicon = await build({
    simple: 'a\tAH0\nread\tR EH D\nread(2)\tR IY D\n',
    user: 'read\tR AA D\n',
    suggested: [
      { word: 'read', phones: ['R', 'OW', 'D'] },
      { word: 'xyz', phones: ['Z', 'IY'] },
    ],
    words: ['a', 'read', 'xyz'],
    language: { phones: new Set(['R', 'AA', 'D']) },
  });
  assert.deepEqual(linesOf(lexicon), ['a: AH0', 'xyz: Z IY', 'read: R AA D']);
  assert.deepEqual(lexicon.unknown, []);
  assert.deepEqual([...lexicon.suggested], ['xyz']);
  assert.deepEqual([...cutLexicon(lexicon, new Set(['a'])).suggested], []);
});

test('suggested lines stand beside those of the language, without repeats', async () => {
  const lexicon = await build({
    simple: 'a\tAH0\n',
    suggested: [
      { word: 'a', phones: ['EY1'] },
      { word: 'a', phones: ['AH0'] },
      { word: 'b', phones: ['B'] },
    ],
    words: ['a'],
  });
  assert.deepEqual(linesOf(lexicon), ['a: AH0', 'a: EY1']);
});

test('lines come in file order whatever the alphabet or the order of the words asked for', async () => {
  const lexicon = await build({ simple: 'ö\tO\nz\tZ\na\tA\nå\tAA\n', words: ['a', 'å', 'z', 'ö'] });
  assert.deepEqual(linesOf(lexicon), ['ö: O', 'z: Z', 'a: A', 'å: AA']);
});

test('user and suggested lines are mapped to the model phone by phone, once', async () => {
  const lexicon = await build({
    simple: 'non\tn N\n',
    complex: 'non\tn §\n',
    user: 'mon\tm §\npagne\tN\n',
    suggested: [{ word: 'rond', phones: ['x', '§'] }],
    words: ['non', 'mon', 'pagne', 'rond'],
    language: { complexToSimple: FRENCH, phones: new Set(FRENCH.keys()) },
  });
  assert.deepEqual(linesOf(lexicon), ['non: n N', 'rond: R N', 'mon: m N', 'pagne: n']);
  assert.deepEqual(lexicon.complex.get('mon'), [['m', '§']]);
  assert.deepEqual(lexicon.complex.get('non'), [['n', '§']]);
  assert.deepEqual(lexicon.complex.get('rond'), [['x', '§']]);
});

test('variants that differ only in the full phone set are one for the engine and two for the phones', async () => {
  const lexicon = await build({
    simple: 'père\tp E R\n',
    complex: 'père\tp E R\npère\tp E x\n',
    words: ['père'],
    language: { complexToSimple: FRENCH },
  });
  assert.deepEqual(linesOf(lexicon), ['père: p E R']);
  assert.equal(lexicon.complex.get('père')?.length, 2);
});

test('a word that only the full dictionary has is mapped for the engine', async () => {
  const lexicon = await build({
    simple: 'a\ta\n',
    complex: 'a\ta\nnon\tn §\n',
    words: ['a', 'non'],
    language: { complexToSimple: FRENCH },
  });
  assert.deepEqual(linesOf(lexicon), ['a: a', 'non: n N']);
});

test('a language with the full dictionary alone is mapped for the engine', async () => {
  await using folder = await tempFolder({ 'd.dict': 'non\tn §\n' });
  const path = `${folder.path}/d.dict`;
  const lexicon = await buildLexicon({
    language: languageOf(path, { complexDictionaryPath: path, complexToSimple: FRENCH }),
    userDictionaryPath: null,
    suggested: [],
    words: new Set(['non']),
  });
  assert.deepEqual(linesOf(lexicon), ['non: n N']);
  assert.deepEqual(lexicon.complex.get('non'), [['n', '§']]);
});

test('a missing user dictionary is empty, a bad one gives faults and its good lines', async () => {
  const none = await build({ simple: 'a\tAH0\n', words: ['a', 'b'] });
  assert.deepEqual(none.faults, []);
  assert.deepEqual(none.unknown, ['b']);
  const bad = await build({ simple: 'a\tAH0\n', user: 'b\tAH0\nc\tQQ\n', words: ['a', 'b', 'c'] });
  assert.deepEqual(linesOf(bad), ['a: AH0', 'b: AH0']);
  assert.deepEqual(
    bad.faults.map(flat).map(({ code, line }) => [code, line]),
    [['E_DICTIONARY_MALFORMED', 2]],
  );
});

test('without a phone list users may use the phones of the dictionary', async () => {
  const lexicon = await build({ simple: 'a\tAH0\nb\tB IY1\n', user: 'bee\tB IY\n', words: ['bee'] });
  assert.match(shown(lexicon.faults[0]), /phone "IY".*did you mean "IY1"/);
});

test('bad lines of the language are warnings', async () => {
  const lexicon = await build({ simple: 'alone\na\tAH0\n', words: ['a'] });
  assert.deepEqual(
    lexicon.warnings.map(flat).map(({ code, line }) => [code, line]),
    [['W_DICTIONARY_LINE', 1]],
  );
});

test('the reading of dictionaries ends when its signal does', async () => {
  const reason = new Error('ended');
  const signal = AbortSignal.abort(reason);
  await assert.rejects(build({ simple: 'a\tAH0\n', words: ['a'], signal }), reason);
});

test('a lexicon is cut to the words used', async () => {
  const lexicon = await build({ simple: 'a\tAH0\nb\tB\nc\tS\n', words: ['a', 'b', 'c', 'x'] });
  const cut = cutLexicon(lexicon, new Set(['c', 'a', 'y']));
  assert.deepEqual(linesOf(cut), ['a: AH0', 'c: S']);
  assert.deepEqual([...cut.complex.keys()], ['a', 'c']);
  assert.deepEqual(cut.known, new Set(['a', 'c']));
  assert.deepEqual(cut.unknown, ['y']);
});

test.run();
