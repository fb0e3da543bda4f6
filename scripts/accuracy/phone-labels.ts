import type { Recording } from '../samples/texts.ts';

/** The labels of flite and festival are ARPAbet in lower case, with a few differences. */
const ENGLISH: Readonly<Record<string, string>> = { ax: 'AH', axr: 'ER', dx: 'T', nx: 'N' };

/** espeak-ng's French labels -> labels of the French acoustic model. */
const FRENCH: Readonly<Record<string, string>> = {
  i: 'ii',
  e: 'ei',
  'e-': 'ei',
  E: 'ai',
  a: 'aa',
  'a-': 'aa',
  O: 'oo',
  o: 'au',
  u: 'ou',
  y: 'uu',
  Y: 'eu',
  W: 'oe',
  '@': 'ee',
  '@-': 'ee',
  'A~': 'an',
  'E~': 'in',
  'O~': 'on',
  'W~': 'un',
  p: 'pp',
  b: 'bb',
  t: 'tt',
  t2: 'tt',
  d: 'dd',
  k: 'kk',
  g: 'gg',
  f: 'ff',
  v: 'vv',
  s: 'ss',
  z: 'zz',
  z2: 'zz',
  S: 'ch',
  Z: 'jj',
  m: 'mm',
  n: 'nn',
  'n^': 'gn',
  l: 'll',
  r: 'rr',
  j: 'yy',
  w: 'ww',
  'y"': 'uy',
};

/** The label of the built-in engine for a phone of a synthesiser. */
export function toEngineLabel(language: Recording['language'], label: string): string {
  if (language === 'fr-fr') return FRENCH[label] ?? label;
  return ENGLISH[label] ?? label.toUpperCase();
}
