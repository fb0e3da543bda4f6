import assert from 'node:assert/strict';
import { test } from 'uvu';
import { atOnce } from '../../src/base/pieces.ts';
import { isHtkLabels, readHtkLabels } from '../../src/formats/htk-labels.ts';
import { shownLabel } from '../../src/formats/transcript.ts';
import { shown } from '../support/finding.ts';
import { thrownBy } from './thrown.ts';

/** The tiers as `name: start-end label, ...`. */
function tiersOf(text: string): string[] {
  return atOnce(readHtkLabels(text, 'talk.lab')).tiers.map(
    (tier) =>
      `${tier.name}: ${
        tier.kind === 'interval'
          ? tier.intervals
              .map(({ startSec, endSec, text: said }) => `${startSec}-${endSec} ${said}`)
              .join(', ')
          : 'points'
      }`,
  );
}

function faultsOf(text: string): string[] {
  return thrownBy(() => atOnce(readHtkLabels(text, 'talk.lab'))).faults.map(
    (one) => `${one.code} ${shown(one)}`,
  );
}

test('times are units of 100 ns', () => {
  assert.deepEqual(tiersOf('0 3500000 so\r\n3500000 12345678 it was\r\n\r\n'), [
    'speaker: 0-0.35 so, 0.35-1.2345678 it was',
  ]);
});

test('times with a decimal point are seconds', () => {
  assert.deepEqual(tiersOf('0.0 0.35 so\n  0.35\t1 it\n'), ['speaker: 0-0.35 so, 0.35-1 it']);
  assert.deepEqual(tiersOf('0 0.35 so\n'), ['speaker: 0-0.35 so']);
});

test('a line of WaveSurfer without a label is an empty interval', () => {
  assert.deepEqual(tiersOf('0.0 0.35 so\n0.35 0.5 \n0.5 1.0\n'), ['speaker: 0-0.35 so, 0.35-0.5 , 0.5-1 ']);
});

test('labels of WaveSurfer with a pause before, between and after words are labels', () => {
  assert.equal(isHtkLabels('0.0 0.3\n0.3 0.5 so\n0.5 0.7\n0.7 0.9 it\n0.9 1.2 \n'), true);
  assert.equal(isHtkLabels('0.0 0.3\n0.3 0.5\n'), false);
  assert.equal(isHtkLabels('1.5 2.5\nso it\nwas then\n1.0 2.0 and so\n'), false);
});

test('each interval has the line that it stands on', () => {
  const [tier] = atOnce(readHtkLabels('\n0 100000 a\n\n100000 200000 b\n', 'talk.lab')).tiers;
  assert.deepEqual(tier?.kind === 'interval' && tier.intervals.map(({ line }) => line), [2, 4]);
});

test('scores are left out, and the labels after them are a tier of their own', () => {
  assert.deepEqual(tiersOf('0 100000 so -12.5\n100000 300000 it -1.5e+02\n'), [
    'speaker: 0-0.01 so, 0.01-0.03 it',
  ]);
  const phones = '0 100000 dh -50.1 THE -105.2\n100000 200000 ax -55\n200000 400000 k -1 CAT\n';
  assert.deepEqual(tiersOf(phones), [
    'phones: 0-0.01 dh, 0.01-0.02 ax, 0.02-0.04 k',
    'words: 0-0.02 THE, 0.02-0.04 CAT',
  ]);
});

test('a number that is said in a sentence is not taken for a score', () => {
  for (const said of ['I have 3 cats', 'In 1990 we', 'twenty 5'])
    assert.deepEqual(tiersOf(`0 100000 ${said}\n`), [`speaker: 0-0.01 ${said}`]);
  assert.deepEqual(tiersOf('0 100000 so it was\n100000 200000 Version 2.0 came\n'), [
    'speaker: 0-0.01 so it was, 0.01-0.02 Version 2.0 came',
  ]);
});

test('quoted and escaped labels are read', () => {
  assert.deepEqual(tiersOf(`0 100000 "so"\n100000 200000 \\303\\251t\\303\\251\n200000 300000 caf\\351\n`), [
    'speaker: 0-0.01 so, 0.01-0.02 été, 0.02-0.03 café',
  ]);
});

test('the marks for the bounds of a sentence are not spoken, and are kept', () => {
  const transcript = atOnce(readHtkLabels('0 100000 !ENTER\n100000 200000 so\n', 'talk.lab'));
  assert.deepEqual(
    ['!ENTER', '!EXIT', '!NULL', 'so'].map((label) => shownLabel(transcript, label)),
    ['', '', '', 'so'],
  );
  assert.match(tiersOf('0 100000 !ENTER\n')[0] ?? '', /!ENTER/);
});

test('a second transcription after /// is a question', () => {
  assert.deepEqual(faultsOf('0 100000 so\n///\n0 100000 go\n'), [
    'E_TRANSCRIPT_MALFORMED talk.lab line 2: expected one transcription, found "///", after which another one follows; keep one of them',
  ]);
});

test('a very long label with an escaped letter is read', () => {
  const [tier = ''] = tiersOf(`0 1000000 ${'a'.repeat(200_000)}\\303\\251`);
  assert.ok(tier.endsWith('aé'));
});

test('each line that is not a label is reported with its number', () => {
  assert.deepEqual(faultsOf('0 100000 so\n100000 it\n\nwas\n200000 300000 the\n0.1 0.2 x\n300000 400000\n'), [
    'E_TRANSCRIPT_MALFORMED talk.lab line 2: expected begin, end (in units of 100 ns) and a label, such as "0 3500000 hello", as in the other lines, found "100000 it"',
    'E_TRANSCRIPT_MALFORMED talk.lab line 4: expected begin, end (in units of 100 ns) and a label, such as "0 3500000 hello", as in the other lines, found "was"',
    'E_TRANSCRIPT_MALFORMED talk.lab line 6: expected begin, end (in units of 100 ns) and a label, such as "0 3500000 hello", found times with and without a decimal point in one file; write all times in one way',
    'E_TRANSCRIPT_MALFORMED talk.lab line 7: expected begin, end (in units of 100 ns) and a label, such as "0 3500000 hello", as in the other lines, found "300000 400000"',
  ]);
  const many = faultsOf(`0 100000 so\n${'x\n'.repeat(300)}`);
  assert.equal(many.length, 100);
  assert.match(many.at(-1) ?? '', /300 faults in all; the first 99 are listed/);
});

test('a text is HTK labels if half of its lines have times or more', () => {
  for (const text of ['0 100000 so', 'x\n0 3500000 so', '0.0 0.5 so', '\t0 3500000\tso'])
    assert.ok(isHtkLabels(text), text);
  for (const text of [
    '',
    'so it was',
    '20 30 people',
    '3500000 0 so',
    '1990 people',
    '0 3500000',
    '1.5 2 so',
    'In the spring\n1990 200000 people came\nand most of them stayed.',
  ])
    assert.equal(isHtkLabels(text), false, text);
});

test.run();
