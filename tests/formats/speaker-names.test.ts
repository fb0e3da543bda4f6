import assert from 'node:assert/strict';
import { suite } from 'uvu';
import { SUBTITLES } from '../../src/formats/subtitles/format.ts';
import { TEXT } from '../../src/formats/text/format.ts';
import { readAs, spoken, told } from './transcripts.ts';

const test = suite('names of speakers');

/** A cue of a second each. */
const cues = (...said: string[]) =>
  readAs(
    SUBTITLES,
    'talk.vtt',
    `WEBVTT\n\n${said.map((one, at) => `${at + 1}\n00:00:0${at}.000 --> 00:00:0${at + 1}.000\n${one}\n`).join('\n')}`,
  );
const text = (...lines: string[]) => readAs(TEXT, 'talk.txt', lines.join('\n'));

test("Zoom's subtitles: each name before a colon is a tier, and the warning counts the cues", () => {
  const { transcript, warnings } = cues(
    'Anna Smith: So it was.',
    'Ben O’Neil (he/him): Yes: at 10:30.',
    'Anna Smith: Good.',
    'Anna Smith: Bye.',
  );
  assert.deepEqual(told(transcript), {
    'Anna Smith': ['0-1 So it was.', '2-3 Good.', '3-4 Bye.'],
    'Ben O’Neil (he/him)': ['1-2 Yes: at 10:30.'],
  });
  assert.deepEqual(warnings, [
    'W_TRANSCRIPT_READ talk.vtt line 4 (0.00 s): words before a colon are read as names of speakers, each with a tier: "Anna Smith" (3 lines), "Ben O’Neil (he/him)" (1 line); where such words are spoken, remove the colon',
  ]);
});

test('cues without a name are on the tier of nobody, and two names in one cue both have its time', () => {
  const { transcript } = cues(
    'ANNA: So',
    'it was',
    '<i>- ANNA: Yes</i>\n- BEN:\nNo',
    '>> BEN: Bye\n- Who?',
    '',
  );
  assert.deepEqual(told(transcript), {
    ANNA: ['0-1 So', '2-3 <i>Yes</i>'],
    speaker: ['1-2 it was', '3-4 - Who?'],
    BEN: ['2-3 No', '3-4 Bye'],
  });
});

test('small letters are names where most cues have them, and colons of other scripts count', () => {
  assert.deepEqual(Object.keys(told(cues('speaker 1: a', 'speaker 2: b', 'speaker 1: c').transcript)), [
    'speaker 1',
    'speaker 2',
  ]);
  assert.deepEqual(told(cues('安娜：你好', '安娜：是').transcript), { 安娜: ['0-1 你好', '1-2 是'] });
  assert.deepEqual(told(cues('Anna : oui', 'Béa\u00a0: non').transcript), {
    Anna: ['0-1 oui'],
    Béa: ['1-2 non'],
  });
});

test('words before a colon that are said stay words', () => {
  for (const said of [
    ['Note: it is late', 'so it was'],
    ['Note: it is late'],
    ['I said: no', 'b', 'c', 'I said: yes', 'e', 'f'],
    ['Cat: an animal', 'Oak: a tree', 'Red: a colour', 'Bus: a car'],
    ['at 10:30: then', 'at 10:40: then', '12: x', '12: y'],
    ['one two three four five: x', 'one two three four five: y'],
    ['See http://a.b', 'See http://a.b'],
    ['Why? Because: x', 'Why? Because: y'],
  ]) {
    const { transcript, warnings } = cues(...said);
    assert.deepEqual([Object.keys(told(transcript)), spoken(transcript), warnings], [['speaker'], said, []]);
    assert.deepEqual(spoken(text(...said).transcript), [said.join('\n')]);
  }
  const lecture = Array.from({ length: 30 }, (_, at) => (at < 2 ? 'Example: this' : 'so it was'));
  assert.deepEqual(text(...lecture).warnings, []);
});

test('in a text names are not spoken, stay in the text, and are named in a warning', () => {
  const lines = ['Interview', 'Anna: So it was.', 'Ben Young: Yes.', 'Anna: Good: bye.', 'Ben Young: Bye'];
  const { transcript, warnings } = text(...lines);
  assert.deepEqual(told(transcript), { speaker: [`0-10 ${lines.join('\n')}`] });
  assert.deepEqual(spoken(transcript), ['Interview\nSo it was.\nYes.\nGood: bye.\nBye']);
  assert.deepEqual(warnings, [
    'W_TRANSCRIPT_READ talk.txt line 2: from here on, words at the start of lines are read as names of speakers, and not aligned: "Anna" (2 lines), "Ben Young" (2 lines); the text stays one tier; where such words are spoken, remove the colon',
  ]);
});

test('names with times, as Otter, Rev, Zoom and others write them, are not spoken either', () => {
  const forms: readonly (readonly string[])[] = [
    ['Anna Smith  0:05  ', 'So', '', 'Ben  1:02:10', 'it', 'Carla  1:03:00', 'was'],
    ['Speaker 1 (00:05): So', 'Speaker 2 (00:07): it', 'Speaker 1 (01:00:08): was'],
    ['Speaker 1: (00:05)', 'So', 'Speaker 2: (00:07)', 'it', 'Speaker 1: (00:09)', 'was'],
    ['[Anna Smith] 14:03:22', 'So it', '[Ben] 14:03:29', 'was'],
    ['[00:00:05] Anna: So', '[00:00:07.500] Ben: it', '[00:00:09] Anna: was'],
    ['Speaker 1: (00:05)', 'So', 'Speaker 2: (00:07)', 'it was'],
    ['Anna 10:05 AM', 'So it', 'Ben 10:06 PM', 'was'],
  ];
  for (const lines of forms)
    assert.equal(
      spoken(text(...lines).transcript)
        .join()
        .trim()
        .split(/\s+/)
        .join(' '),
      'So it was',
      lines[0],
    );
});

test('a time that may be said after a name is a word', () => {
  assert.deepEqual(spoken(text('Anna: 10:30 it was', 'Anna: 10:40 it is').transcript), [
    '10:30 it was\n10:40 it is',
  ]);
});

test.run();
