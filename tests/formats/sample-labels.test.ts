import assert from 'node:assert/strict';
import { suite } from 'uvu';
import { TEXT } from '../../src/formats/text/format.ts';
import { faultsOf, readAs, spoken, told } from './transcripts.ts';

const test = suite('labels that count samples');

const WORDS = '3200 8000 she\r\n8000 16000 had\r\n17600 32000 your\r\n';

test("TIMIT's labels are read as samples of a recording at 16 kHz, with a warning", () => {
  for (const file of ['sa1.lab', 'sa1.txt']) {
    const { transcript, warnings } = readAs(TEXT, file, WORDS, { audioSec: 3 });
    assert.deepEqual(told(transcript), { speaker: ['0.2-0.5 she', '0.5-1 had', '1.1-2 your'] });
    assert.deepEqual(warnings, [
      `W_TRANSCRIPT_READ ${file}: times are read as numbers of samples at 16000 Hz, as in TIMIT`,
    ]);
  }
  const { transcript } = readAs(TEXT, 'a.lab', '0 9600 h#\n9600 16000 sh\n16000 160000 h#\n');
  assert.deepEqual(told(transcript), { speaker: ['0-0.6 h#', '0.6-1 sh', '1-10 h#'] });
  assert.deepEqual(spoken(transcript), ['', 'sh', '']);
});

test("TIMIT's sentence is one label, if it ends where the recording does", () => {
  const sentence = '0 46797 She had your dark suit.\n';
  const { transcript } = readAs(TEXT, 'sa1.txt', sentence, { audioSec: 2.925 });
  assert.deepEqual(told(transcript), { speaker: ['0-2.9248125 She had your dark suit.'] });
  assert.deepEqual(spoken(readAs(TEXT, 'sa1.txt', sentence, { audioSec: 5 }).transcript), [sentence.trim()]);
});

test('numbers of samples that do not fit the recording are a fault, not words', () => {
  for (const options of [{ audioRateHz: 44_100 }, { audioSec: 1 }, { audioSec: null }])
    assert.deepEqual(faultsOf(TEXT, 'sa1.lab', WORDS, options), [
      'E_TRANSCRIPT_MALFORMED sa1.lab: expected a text, or labels with times in units of 100 ns or in seconds, found "3200 8000 she", where times seem to be numbers of samples; these are read only if the recording has 16000 Hz and does not end before the labels; write the times in seconds, such as "0.0 0.6025", in a .lab file',
    ]);
});

test('texts with numbers and labels of HTK are read as before', () => {
  for (const said of [
    '1 2 buckle my shoe\n3 4 knock at the door',
    '1990 2000 people\n2010 2020 fewer',
    '20 30 people',
  ])
    assert.deepEqual(spoken(readAs(TEXT, 'a.lab', said).transcript), [said]);
  const htk = '0 3500000 so\n3500000 7000000 it\n';
  assert.deepEqual(told(readAs(TEXT, 'a.lab', htk).transcript), { speaker: ['0-0.35 so', '0.35-0.7 it'] });
});

test.run();
