import assert from 'node:assert/strict';
import { test } from 'uvu';
import { runCli, runJson } from './run-cli.ts';

// A database that does not exist: phones are read from files.
const ENV = { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' };

test('phones of a built-in language come with IPA and an example, without a database', async () => {
  const { stdout, exitCode } = await runCli(['phones', 'engUS_SPHINX_v010'], ENV);
  assert.equal(exitCode, 0);
  assert.match(
    stdout,
    /^engUS_SPHINX_v010 {2}English \(US\), ARPAbet: 39 phones\nphone {2}IPA +as in +pronounced\n/,
  );
  assert.match(stdout, /^AH +ʌ, ə +cut +K AH T$/m);
  assert.match(stdout, /^NG +ŋ +sing +S IH NG$/m);
  const { document } = await runJson<{ phones: object[] }>(['phones', 'fraFR_SPHINX_v010'], ENV);
  assert.deepEqual(document.phones[0], {
    phone: 'aa',
    ipa: 'a',
    ipaUnstressed: null,
    example: { word: 'chat', phones: ['ch', 'aa'] },
  });
});

test('phones of an unknown language: the nearest known language is named', async () => {
  const { stderr, exitCode } = await runCli(['phones', 'engUS_SPHINX_v01'], ENV);
  assert.equal(exitCode, 2);
  assert.match(stderr, /^E_LANGUAGE_UNKNOWN .*did you mean "engUS_SPHINX_v010"\?/);
});

test.run();
