import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { test } from 'uvu';
import { TaskError } from '../../src/base/errors.ts';
import { applyCleanupRules } from '../../src/lexicon/cleanup-rules.ts';
import { loadLanguage, loadLanguages } from '../../src/lexicon/load-languages.ts';
import { buildLexicon } from '../../src/lexicon/merge.ts';
import { flat, shown } from '../support/finding.ts';
import { languageOf, tempFolder } from './temp-folder.ts';

const ADMIN = new URL('../fixtures/admin', import.meta.url).pathname;
const CODE = 'engUS_MFA1_v010';
const LANGS = `{"langs": [{"${CODE}": "English", "alphabet": "ARPAbet"}]}`;

/** An ADMIN folder with one complete MFA language, except for the given files (null removes one). */
async function adminWith(changes: Readonly<Record<string, string | Uint8Array | null>>) {
  const files: Record<string, string | Uint8Array | null> = {
    'langs.json': LANGS,
    [`${CODE}/${CODE}.dict`]: 'a\tAH0\n',
    [`${CODE}/${CODE}.zip`]: 'model',
    [`${CODE}/${CODE}_IPA.json`]: '[{"dummy": "AH0", "ipa": "ə"}]',
    ...changes,
  };
  const kept = Object.entries(files).filter(
    (entry): entry is [string, string | Uint8Array] => entry[1] !== null,
  );
  return await tempFolder(Object.fromEntries(kept));
}

async function load(changes: Readonly<Record<string, string | Uint8Array | null>>) {
  await using admin = await adminWith(changes);
  const needsModel = (engine: string) => engine === 'MFA1';
  return await loadLanguages({ adminDir: admin.path, builtIn: [], needsModel });
}

async function faultsWith(changes: Readonly<Record<string, string | Uint8Array | null>>) {
  const { languages, broken, faults } = await load(changes);
  assert.equal(languages.has(CODE), false);
  assert.equal(broken.has(CODE), true);
  return faults.map(flat).map(({ code, message }) => {
    assert.equal(code, 'E_LANGUAGE_BROKEN');
    return message;
  });
}

async function warningsWith(changes: Readonly<Record<string, string | Uint8Array | null>>) {
  const { languages, faults, warnings } = await load(changes);
  assert.deepEqual(faults, []);
  assert.equal(languages.has(CODE), true);
  return warnings.map(flat).map(({ message }) => message);
}

test('all sample folders are complete', async () => {
  const { languages, faults, warnings, future, engines } = await loadLanguages({
    adminDir: ADMIN,
    builtIn: [],
  });
  assert.deepEqual(faults, []);
  assert.deepEqual(
    [...languages.keys()],
    [
      'engUS_FAVE_v010',
      'engUS_MFA1_v010',
      'engUS_MFA2_v020',
      'fraFR_MFA1_v010',
      'iceIS_MFA1_v010',
      'spaUS_FASE_v011',
    ],
  );
  assert.deepEqual(future, ['kalGL_MFA1_v010']);
  assert.deepEqual(
    engines.map(({ code }) => code),
    ['MFA1', 'MFA2', 'FAVE', 'FASE'],
  );
  assert.deepEqual(
    warnings.map(flat).map(({ file, line }) => [file, line]),
    [['engUS_MFA1_v010/engUS_MFA1_v010_IPA.json', 347]],
  );
});

test('a language has the data of its folder and of langs.json', async () => {
  const language = await loadLanguage('iceIS_MFA1_v010 (suggested)', { adminDir: ADMIN, builtIn: [] });
  assert.equal(language.displayName, 'Icelandic – MFA 1.0');
  assert.equal(language.languageName, 'Icelandic');
  assert.equal(language.engine, 'MFA1');
  assert.equal(language.alphabet, 'Grammatek_X-Sampa');
  assert.equal(language.type, 'nordic');
  assert.equal(language.legacyEncoding, 'windows-1252');
  assert.equal(language.complexToSimple.get('t_h'), 't');
  assert.equal(language.ipa.get('a:'), 'aː');
  assert.ok(language.phones.has('ou:'));
  assert.ok(language.acousticModelPath?.endsWith('iceIS_MFA1_v010.zip'));
  assert.ok(language.dictionaryPath.endsWith('iceIS_MFA1_v010_simple.dict'));
  assert.ok(language.guidePath?.endsWith('.pdf'));
  assert.match(language.citation ?? '', /Icelandic/);
});

test('every sample dictionary is read without a warning and stays inside its phone set', async () => {
  const { languages } = await loadLanguages({ adminDir: ADMIN, builtIn: [] });
  for (const language of languages.values()) {
    const words = new Set(['a', 'the', 'caro', 'montagne', 'vatn', 'père', 'café', 'og']);
    const lexicon = await buildLexicon({ language, userDictionaryPath: null, suggested: [], words });
    assert.deepEqual(lexicon.warnings, []);
    assert.ok(lexicon.simple.length > 0, language.code);
    const complex = [...lexicon.complex.values()].flat(2);
    assert.deepEqual(
      complex.filter((phone) => !language.phones.has(phone)),
      [],
      language.code,
    );
    const model = new Set(
      language.complexToSimple.size > 0 ? language.complexToSimple.values() : language.phones,
    );
    assert.deepEqual(
      lexicon.simple.flatMap(({ phones }) => phones).filter((phone) => !model.has(phone)),
      [],
    );
  }
});

test('the first of two IPA entries wins, the second is a warning with its line', async () => {
  const ipa = '[{"dummy": "R", "ipa": "ɹ"},\n {"dummy": "R", "ipa": "ɹ"},\n {"dummy": "R", "ipa": "r"}]';
  const { languages, warnings } = await load({ [`${CODE}/${CODE}_IPA.json`]: ipa });
  assert.equal(languages.get(CODE)?.ipa.get('R'), 'ɹ');
  assert.deepEqual(
    warnings.map(flat).map(({ code, line }) => [code, line]),
    [['W_LANGUAGE', 3]],
  );
});

test('a missing dictionary or model is a fault of engines that need one', async () => {
  assert.deepEqual(await faultsWith({ [`${CODE}/${CODE}.dict`]: null, [`${CODE}/${CODE}.zip`]: null }), [
    `${CODE}/${CODE}.dict: missing, and so is ${CODE}_simple.dict: a language needs a dictionary`,
    `${CODE}/${CODE}.zip: missing: MFA1 needs an acoustic model`,
  ]);
  const fave = await loadLanguage('engUS_FAVE_v010', { adminDir: ADMIN, builtIn: [] });
  assert.equal(fave.acousticModelPath, null);
});

test('all faults of a folder are reported at once, with their lines', async () => {
  const faults = await faultsWith({
    [`${CODE}/${CODE}_IPA.json`]: '[\n  {"dummy": "R"}\n]',
    [`${CODE}/${CODE}_complex2simple.json`]:
      '[\n  {"simple": "n", "complex": "N"},\n  {"simple": "n" "complex": "n"}\n]',
    [`${CODE}/${CODE}_cleanup.txt`]: '# rules\r\n"(" rsubstitute ""\r\n',
    [`${CODE}/${CODE}_markers.txt`]: ';; markers\r\n[x]\tnoise\r\n[y]\tloud\r\n',
    [`${CODE}/${CODE}_meta.yaml`]: 'phones: [a b]\n',
  });
  assert.deepEqual(faults, [
    `${CODE}/${CODE}_complex2simple.json line 3 column 18: expected "," or "}", found "\\""`,
    `${CODE}/${CODE}_IPA.json line 2: expected an object with the texts "dummy" and "ipa"`,
    `${CODE}/${CODE}_meta.yaml line 1: expected "," or "]", found "b"`,
    `${CODE}/${CODE}_cleanup.txt line 2: not a regular expression: Unterminated group`,
    `${CODE}/${CODE}_markers.txt line 3: expected a marker, a blank and one of noise, silence, speech, words, markup, found "[y]\\tloud"`,
  ]);
});

test('a file that is not UTF-8 is a fault with its line, a citation is read as it is', async () => {
  const latin = Buffer.from('# a\n"\xe9" substitute "e"\n', 'latin1');
  assert.match((await faultsWith({ [`${CODE}/${CODE}_cleanup.txt`]: latin }))[0] ?? '', /line 2: not UTF-8/);
  const { languages, warnings } = await load({
    [`${CODE}/${CODE}_cite.txt`]: Buffer.from('H\xe9l\xe8ne', 'latin1'),
  });
  assert.equal(languages.get(CODE)?.citation, 'Hélène');
  assert.equal(warnings.length, 1);
});

test('something unusual that works gives a warning', async () => {
  assert.match(
    (await warningsWith({ [`${CODE}/${CODE}_IPA.json`]: null }))[0] ?? '',
    /missing: the IPA copy/,
  );
  assert.match(
    (await warningsWith({ 'langs.json': '{"langs": []}' }))[0] ?? '',
    /langs\.json: .* is not listed/,
  );
  assert.match((await warningsWith({ 'langs.json': null }))[0] ?? '', /langs\.json: missing/);
  assert.match(
    (await warningsWith({ [`${CODE}/${CODE}_simple.dict`]: 'a\tAH\n' }))[0] ?? '',
    /complex2simple\.json: missing: results keep the phones/,
  );
  const onlySimple = { [`${CODE}/${CODE}.dict`]: null, [`${CODE}/${CODE}_simple.dict`]: 'a\tAH\n' };
  const map = { [`${CODE}/${CODE}_complex2simple.json`]: '[{"simple": "AH", "complex": "AH0"}]' };
  assert.match(
    (await warningsWith({ ...onlySimple, ...map }))[0] ?? '',
    /\.dict: missing: results keep the phones/,
  );
  const unmapped = await warningsWith({
    [`${CODE}/${CODE}_meta.yaml`]: 'phones: [AH0, QQ]\n',
    [`${CODE}/${CODE}_complex2simple.json`]: '[{"simple": "AH0", "complex": "AH0"}]',
  });
  assert.match(unmapped[0] ?? '', /phones without an entry in the complex2simple file: QQ/);
});

test('one broken folder costs no other its language', async () => {
  await using admin = await adminWith({
    'sweSE_MFA1_v020/note.txt': 'empty',
    'team/bio.txt': 'no language',
    engUS_FAVE_v010: 'a file, not a folder',
  });
  const { languages, broken } = await loadLanguages({ adminDir: admin.path, builtIn: [] });
  assert.deepEqual([...languages.keys()], [CODE]);
  assert.deepEqual([...broken.keys()], ['sweSE_MFA1_v020']);
});

test('a listed language without a folder is a fault, an announced one is not', async () => {
  const langs = `{"langs": [
    {"${CODE}": "English", "alphabet": "ARPAbet"},
    {"sweSE_MFA1_v020": "Swedish", "alphabet": "SweFAbet"},
    {"kalGL_MFA1_v010": "Greenlandic", "alphabet": "GreenFAbet", "type": "future"}]}`;
  const { faults, future } = await load({ 'langs.json': langs });
  assert.deepEqual(
    faults.map(flat).map(({ line, message }) => [line, message]),
    [[3, 'langs.json line 3: sweSE_MFA1_v020 has no folder; add it or give it the type "future"']],
  );
  assert.deepEqual(future, ['kalGL_MFA1_v010']);
});

test('with a broken langs.json no folder is used under a wrong name', async () => {
  assert.match((await faultsWith({ 'langs.json': '{"langs": [' }))[0] ?? '', /langs\.json line 1 column 12/);
});

test('a folder replaces a built-in language of its code, others stay', async () => {
  await using admin = await adminWith({});
  const builtIn = [languageOf('built-in.dict', { code: CODE }), languageOf('built-in.dict')];
  const { languages } = await loadLanguages({ adminDir: admin.path, builtIn });
  assert.deepEqual(new Set(languages.keys()), new Set([CODE, 'engUS_SPHINX_v010']));
  assert.equal(languages.get(CODE)?.displayName, 'English');
  assert.equal((await loadLanguage('engUS_SPHINX_v010', { adminDir: admin.path, builtIn })).engine, 'SPHINX');
  assert.equal((await loadLanguage('engUS_SPHINX_v010', { adminDir: null, builtIn })).engine, 'SPHINX');
});

test('a language that cannot be run says why', async () => {
  await using admin = await adminWith({ [`${CODE}/${CODE}.zip`]: null });
  const sources = { adminDir: admin.path, builtIn: [languageOf('d')] };
  await assert.rejects(loadLanguage(CODE, { ...sources, needsModel: () => true }), (thrown: unknown) => {
    assert.ok(thrown instanceof TaskError);
    assert.equal(thrown.code, 'E_LANGUAGE_BROKEN');
    assert.equal(thrown.faults[0].place?.file, `${CODE}/${CODE}.zip`);
    return true;
  });
  await assert.rejects(loadLanguage('engUS_SPINX_v010', sources), {
    code: 'E_LANGUAGE_UNKNOWN',
    message: /did you mean "engUS_SPHINX_v010"/,
  });
  await assert.rejects(loadLanguage('../x', sources), {
    code: 'E_LANGUAGE_UNKNOWN',
    message: /there are: engUS_SPHINX_v010, engUS_MFA1_v010/,
  });
  await assert.rejects(loadLanguage('kalGL_MFA1_v010', { adminDir: ADMIN, builtIn: [] }), {
    code: 'E_LANGUAGE_UNKNOWN',
  });
  await assert.rejects(loadLanguages({ adminDir: `${admin.path}/none`, builtIn: [] }), { code: 'E_CONFIG' });
});

test('a language that is announced, or listed without a folder, is reported as such', async () => {
  const sources = { adminDir: ADMIN, builtIn: [languageOf('d')] };
  await assert.rejects(loadLanguage('kalGL_MFA1_v010', sources), {
    code: 'E_LANGUAGE_UNKNOWN',
    message: 'language "kalGL_MFA1_v010" is announced, but cannot be used yet',
  });
  await using admin = await tempFolder({
    'langs.json': '{"langs": [\n{"faoFO_MFA1_v010": "Faroese", "alphabet": "X"}]}',
  });
  await assert.rejects(loadLanguage('faoFO_MFA1_v010', { ...sources, adminDir: admin.path }), {
    code: 'E_LANGUAGE_BROKEN',
    message: /^langs\.json line 2: faoFO_MFA1_v010 has no folder/,
  });
});

test('consequences of a fault are not reported beside it', async () => {
  const { faults, warnings } = await load({
    [`${CODE}/${CODE}_simple.dict`]: 'a\tAH\n',
    [`${CODE}/${CODE}_complex2simple.json`]: '[{"simple": "AH",}]',
    [`${CODE}/${CODE}_meta.yaml`]: 'phones: [AH0]\n',
  });
  assert.match(shown(faults[0]), /complex2simple\.json line 1 column \d+: expected/);
  assert.deepEqual([faults.length, warnings], [1, []]);
});

test('a change on disk is seen by the next task', async () => {
  await using admin = await adminWith({ [`${CODE}/${CODE}_cleanup.txt`]: '"a" rsubstitute "b"\n' });
  const clean = async () => {
    const { cleanupRules } = await loadLanguage(CODE, { adminDir: admin.path, builtIn: [] });
    return applyCleanupRules(cleanupRules ?? [], ['a']);
  };
  assert.deepEqual(await clean(), ['b']);
  await writeFile(`${admin.path}/${CODE}/${CODE}_cleanup.txt`, '"a" rsubstitute "c"\n');
  assert.deepEqual(await clean(), ['c']);
});

test.run();
