import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'uvu';
import { must } from '../../../src/base/must.ts';
import { findPackage } from '../../../src/engines/sphinx/health.ts';
import { sphinxLanguages } from '../../../src/engines/sphinx/languages.ts';
import { loadLanguage } from '../../../src/lexicon/load-languages.ts';
import { buildLexicon } from '../../../src/lexicon/merge.ts';
import { buildCutterLexicon } from '../../../src/pipeline/align/cutter-lexicon.ts';
import { tempFolder } from '../../lexicon/temp-folder.ts';

const ADMIN = path.resolve(import.meta.dirname, '../../fixtures/admin');
const FRENCH = must(sphinxLanguages(findPackage())[1], 'French');

test('the cutter knows the words of the user, in the nearest of its phones, and keeps its own pronunciations', async () => {
  await using folder = await tempFolder({ 'user.dict': 'zblouf\tz b l u f\nchat\tS a t\n' });
  const language = await loadLanguage('fraFR_MFA1_v010', { adminDir: ADMIN, builtIn: [] });
  const words = new Set(['zblouf', 'chat', 'mer', 'xyzzy']);
  const userDictionaryPath = path.join(folder.path, 'user.dict');
  const lexicon = await buildLexicon({ language, userDictionaryPath, suggested: [], words });
  assert.deepEqual([...lexicon.ofUser], ['zblouf', 'chat']);
  const { simple, unknown } = await buildCutterLexicon(
    { language: FRENCH, isForeign: false },
    { language, lexicon },
    words,
    new AbortController().signal,
  );
  const pronounced = (word: string) =>
    simple.filter((one) => one.word === word).map(({ phones }) => phones.join(' '));
  assert.deepEqual(pronounced('zblouf'), ['zz bb ll ou ff']);
  assert.deepEqual(pronounced('chat'), ['ch aa', 'ch aa tt']);
  assert.deepEqual(pronounced('mer'), ['mm ai rr']);
  assert.deepEqual(unknown, ['xyzzy']);
});

test.run();
