import assert from 'node:assert/strict';
import { test } from 'uvu';
import { markUnstressed } from '../../src/lexicon/english-stress.ts';

const mark = (word: string, phones: string) => markUnstressed(word, phones.split(' ')).join(' ');
/** Words as in the dictionary, and with the stress marks that they should get. */
const WORDS = [
  ['about', 'AH0 B AW T'],
  ['sofa', 'S OW F AH0'],
  ['butter', 'B AH T ER0'],
  ['bird', 'B ER D'],
  ['letter', 'L EH T ER0'],
  ['person', 'P ER S AH0 N'],
  ['forget', 'F ER0 G EH T'],
  ['return', 'R IH T ER N'],
  ['above', 'AH0 B AH V'],
  ['another', 'AH0 N AH DH ER0'],
  ['nothing', 'N AH TH IH NG'],
  ['money', 'M AH N IY'],
  ['today', 'T AH0 D EY'],
  ['result', 'R IH Z AH L T'],
  ['under', 'AH N D ER0'],
  ['unless', 'AH0 N L EH S'],
  ['minimum', 'M IH N AH0 M AH0 M'],
  ['inserted', 'IH N S ER T AH0 D'],
  ['banana', 'B AH0 N AE N AH0'],
  ['the', 'DH AH0'],
  ['but', 'B AH T'],
  ['her', 'HH ER'],
] as const;

test('AH and ER are marked where the spelling says that they have no stress', () => {
  for (const [word, marked] of WORDS) assert.equal(mark(word, marked.replaceAll('0', '')), marked, word);
});

test('all other phones stay unchanged, also those of unreadable words', () => {
  assert.equal(mark('happy', 'HH AE P IY'), 'HH AE P IY');
  assert.equal(mark('zorblax', 'spn'), 'spn');
  assert.equal(mark('', 'AH B AH'), 'AH0 B AH0');
  assert.equal(mark('x', 'K AH0 T ER1'), 'K AH0 T ER1');
});

test.run();
