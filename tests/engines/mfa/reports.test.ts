import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'uvu';
import { describeMfaReports, readMfaReports } from '../../../src/engines/mfa/reports.ts';
import { makeDir, removeDirs } from '../../../testing/mfa.ts';

const RECORDINGS = path.join(import.meta.dirname, '../..', 'fixtures', 'recordings', 'mfa1');
const UTTERANCE = 'narrator_austen_0_0_7_1';

test.after(removeDirs);

test('the list of unaligned utterances of 1.1 is read with its reasons', async () => {
  const outDir = path.join(RECORDINGS, '1.1-beta-undecodable-interval', 'out');
  const reason = 'Could not decode (beam too narrow)';
  assert.deepEqual((await readMfaReports(outDir)).unaligned, [{ utterance: UTTERANCE, reason }]);
  assert.deepEqual(await describeMfaReports(outDir), [`${UTTERANCE} not aligned: ${reason}`]);
});

test('unknown words are read by word and by utterance, and logged by place and number only', async () => {
  const outDir = path.join(RECORDINGS, 'unknown-word', 'out');
  const reports = await readMfaReports(outDir);
  assert.deepEqual(reports.unknownWords, ['zzyzx']);
  assert.deepEqual([...reports.unknownByUtterance], [[UTTERANCE, ['zzyzx']]]);
  const [sentence] = await describeMfaReports(outDir);
  assert.equal(sentence, `words not found in the dictionary: 1 (1 in ${UTTERANCE})`);
});

test('output errors are logged line by line', async () => {
  const outDir = makeDir();
  await writeFile(path.join(outDir, 'output_errors.txt'), 'f1\tno such tier\r\n\r\nf2\tbad\r\n');
  assert.deepEqual(await describeMfaReports(outDir), [
    'output error: f1\tno such tier',
    'output error: f2\tbad',
  ]);
});

test('an empty list and a folder without reports give nothing to log', async () => {
  assert.deepEqual(await describeMfaReports(path.join(RECORDINGS, 'two-files-three-tiers', 'out')), []);
  assert.deepEqual(await describeMfaReports(makeDir()), []);
});

test.run();
