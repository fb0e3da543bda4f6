import assert from 'node:assert/strict';
import { test } from 'uvu';
import { JSON_TRANSCRIPT } from '../../../src/formats/json/format.ts';
import { faultsOf, readAs, told } from '../transcripts.ts';

function read(content: unknown, audioSec = 10) {
  const text = typeof content === 'string' ? content : JSON.stringify(content);
  const { transcript, warnings } = readAs(JSON_TRANSCRIPT, 'talk.json', text, { audioSec });
  return { tiers: told(transcript), warnings, transcript };
}

function faults(content: unknown): string[] {
  const text = typeof content === 'string' ? content : JSON.stringify(content);
  return faultsOf(JSON_TRANSCRIPT, 'talk.json', text);
}

/** As `whisper --output_format json --word_timestamps True` writes it. */
const WHISPER = {
  text: ' So it was. The train',
  segments: [
    {
      id: 0,
      seek: 0,
      start: 0.0,
      end: 1.5,
      text: ' So it was.',
      tokens: [50364, 407],
      temperature: 0.0,
      avg_logprob: -0.2,
      words: [
        { word: ' So', start: 0.0, end: 0.4, probability: 0.9 },
        { word: ' it', start: 0.4, end: 0.6, probability: 0.9 },
        { word: ' was.', start: 0.6, end: 1.5, probability: 0.9 },
      ],
    },
    {
      id: 1,
      seek: 0,
      start: 2.0,
      end: 3.0,
      text: ' The train',
      words: [{ word: ' The', start: 2.0, end: 2.2 }],
    },
  ],
  language: 'en',
};

test('segments of Whisper with words become tiers as in results', () => {
  const { tiers, warnings } = read(WHISPER);
  assert.deepEqual(tiers, {
    'speaker - trans': ['0-1.5 So it was.', '2-3 The train'],
    'speaker - word': ['0-0.4 So', '0.4-0.6 it', '0.6-1.5 was.', '2-2.2 The'],
  });
  assert.deepEqual(warnings, []);
});

test('segments without words are a transcript like any other, in a list of their own too', () => {
  const segments = WHISPER.segments.map(({ start, end, text }) => ({ start, end, text }));
  for (const content of [{ segments }, { text: 'x', segments, words: [] }, segments])
    assert.deepEqual(read(content).tiers, { speaker: ['0-1.5 So it was.', '2-3 The train'] });
});

test('speakers of WhisperX are tiers; words without times are reported', () => {
  const word = (text: string, start?: number) =>
    start === undefined ? { word: text } : { word: text, start, end: start + 0.5, score: 0.8 };
  const { tiers, warnings } = read({
    segments: [
      { start: 3, end: 5, text: 'Unit 1.', speaker: 'SPEAKER_01', words: [word('Unit', 3), word('1.')] },
      {
        start: 0,
        end: 2,
        text: ' Page one',
        speaker: 'SPEAKER_00',
        words: [word('Page', 0), word('one', 0.2)],
      },
    ],
    word_segments: [word('Unit', 3)],
  });
  assert.deepEqual(tiers, {
    'SPEAKER_01 - trans': ['3-5 Unit 1.'],
    'SPEAKER_01 - word': ['3-3.5 Unit'],
    'SPEAKER_00 - trans': ['0-2 Page one'],
    'SPEAKER_00 - word': ['0-0.5 Page'],
  });
  assert.deepEqual(warnings, [
    'W_TRANSCRIPT_READ talk.json: words that are only in the text, since their times are missing or overlap: 2',
  ]);
});

test('words beside the segments are those of their only speaker', () => {
  const segments = [{ start: 0, end: 2, text: 'so it' }];
  const words = [
    { word: 'so', start: 0, end: 1 },
    { word: 'it', start: 1, end: 2 },
  ];
  const expected = { 'speaker - trans': ['0-2 so it'], 'speaker - word': ['0-1 so', '1-2 it'] };
  assert.deepEqual(read({ task: 'transcribe', duration: 2, segments, words }).tiers, expected);
  assert.deepEqual(read({ segments, word_segments: words }).tiers, expected);
  const two = [...segments, { start: 2, end: 3, text: 'was', speaker: 'Ben' }];
  assert.deepEqual(read({ segments: two, words }).tiers, { speaker: ['0-2 so it'], Ben: ['2-3 was'] });
});

test('whisper.cpp has milliseconds', () => {
  const timestamps = { from: '00:00:00,000', to: '00:00:01,250' };
  const content = {
    systeminfo: 'AVX = 1',
    result: { language: 'en' },
    transcription: [
      { timestamps, offsets: { from: 0, to: 1250 }, text: ' So it' },
      { timestamps, offsets: { from: 1250, to: 2000 }, text: ' was' },
    ],
  };
  assert.deepEqual(read(content).tiers, { speaker: ['0-1.25 So it', '1.25-2 was'] });
});

test('a text alone belongs to the whole recording', () => {
  const { transcript } = read({ text: 'So it was.\n\nThe train' });
  const [tier] = transcript.tiers;
  assert.ok(tier?.kind === 'interval');
  const lines = [
    { text: 'So it was.', line: 1 },
    { text: 'The train', line: 1 },
  ];
  assert.deepEqual(tier.intervals, [{ startSec: 0, endSec: 10, text: 'So it was.\nThe train', lines }]);
  assert.match(faults({ text: '  ' })[0] ?? '', /^E_TRANSCRIPT_NO_WORDS talk\.json: /);
});

test('the text of Gentle belongs to the whole recording, and its words are named as not read', () => {
  const { tiers, warnings } = read({ transcript: 'so it was', words: [{ word: 'so', start: 0, end: 1 }] });
  assert.deepEqual(tiers, { speaker: ['0-10 so it was'] });
  assert.match(
    warnings[0] ?? '',
    /only "transcript" is read, as the text of the whole recording without times; not read: "words"$/,
  );
});

test('a last segment that ends after the audio ends with it, and segments that overlap are reported', () => {
  const { tiers, warnings } = read({
    segments: [
      { start: 0, end: 4.05, text: 'so' },
      { start: 4, end: 5, text: 'it' },
      { start: 5, end: 6, text: 'was' },
      { start: 6, end: 7, text: 'the' },
      { start: 7, end: 9, text: 'night' },
      { start: 8, end: 30, text: 'train' },
    ],
  });
  assert.deepEqual(tiers, {
    speaker: ['0-4 so', '4-5 it', '5-6 was', '6-7 the', '7-9 night'],
    'speaker 2': ['8-10 train'],
  });
  assert.deepEqual(
    warnings.map((one) => one.replace(/^W_TRANSCRIPT_READ talk\.json/, '')),
    [
      ': the last segment ends at 30 s, after the audio; its end is moved to the end of the audio',
      ' tier "speaker": segments that last into the next one: 1; each is read up to the start of the next: check their times',
      ' (8.00 s): from here on, some segments overlap with earlier ones: they are on a further tier, as if another speaker said them',
    ],
  );
});

test('tiers of MFA and of our results are read with their names and points', () => {
  const content = {
    start: 0,
    end: 4,
    tiers: {
      words: {
        type: 'interval',
        entries: [
          [0.5, 1, 'so'],
          [1, 2, ''],
        ],
      },
      'a "b"': {
        type: 'point',
        entries: [
          [3, 'x'],
          [1, 'y'],
        ],
      },
    },
  };
  const text = JSON.stringify(content).replace(
    '"a \\"b\\"":',
    '"__proto__":{"type":"interval","entries":[[0,1,"z"]]},"a \\"b\\"":',
  );
  const { tiers, transcript } = read(text);
  assert.deepEqual(Object.entries(tiers), [
    ['words', ['0.5-1 so', '1-2 ']],
    ['__proto__', ['0-1 z']],
    ['a "b"', ['1 y', '3 x']],
  ]);
  assert.deepEqual([transcript.startSec, transcript.endSec], [0, 4]);
});

test("praatio's list of tiers is read, also with two of one name", () => {
  const tier = { class: 'IntervalTier', name: 'anna', xmin: 0, xmax: 2, entries: [[0, 2, 'so']] };
  const points = { class: 'TextTier', name: 'p', entries: [[1, 'x']] };
  const { transcript } = read({ xmin: 0, xmax: 2, tiers: [tier, tier, points] });
  assert.deepEqual(
    transcript.tiers.map(({ name, kind }) => `${kind} ${name}`),
    ['interval anna', 'interval anna', 'point p'],
  );
});

test('each value that is wrong is reported by its path, all at once', () => {
  const segments = [{ start: 'x', end: null, text: 'so' }, 7, { start: 0, end: 1 }];
  assert.deepEqual(faults({ segments }), [
    'E_TRANSCRIPT_MALFORMED talk.json: expected seconds as a number in segments[0].start, found "\\"x\\""; correct it, or save the file again',
    'E_TRANSCRIPT_MALFORMED talk.json: expected seconds as a number in segments[0].end, found "null"; correct it, or save the file again',
    'E_TRANSCRIPT_MALFORMED talk.json: expected an object in segments[1], found "7"; correct it, or save the file again',
    'E_TRANSCRIPT_MALFORMED talk.json: expected a text in segments[2].text, found nothing; correct it, or save the file again',
  ]);
  const tiers = { a: { type: 'line', entries: 5 }, b: { type: 'point', entries: [[1]] } };
  assert.deepEqual(
    faults({ tiers }).map((one) => one.replace(/^.*: expected | found.*$/g, '')),
    [
      'one of "interval", "point", "IntervalTier", "TextTier" in tiers["a"].type,',
      'a list in tiers["a"].entries,',
      'a text in tiers["b"].entries[0], as its last value,',
    ],
  );
});

test('what is not JSON is reported with line and column, and what is not a transcript with what is in it', () => {
  assert.match(
    faults('{"segments":\n [1 2]}')[0] ?? '',
    /^E_TRANSCRIPT_MALFORMED talk\.json line 2 column 5: expected valid JSON, found an error \(.*\); save the file again$/,
  );
  assert.match(faults('')[0] ?? '', /^E_TRANSCRIPT_MALFORMED talk\.json: expected valid JSON, /);
  assert.match(
    faults({ title: 'a talk', date: '2026' })[0] ?? '',
    /^E_TRANSCRIPT_MALFORMED talk\.json: expected JSON with `tiers`.*found "title", "date"; in the program that made it, save it as subtitles/,
  );
  assert.match(
    faults([
      { speaker: 1, words: [] },
      { speaker: 2, words: [] },
    ]).join(),
    /^E_TRANSCRIPT_MALFORMED talk\.json: expected JSON with .* found a list of objects with "speaker", "words"; in [^;]*$/,
  );
  assert.match(faults([])[0] ?? '', /found an empty list;/);
  assert.match(faults('"so it was"')[0] ?? '', /found a single value;/);
  assert.match(
    faults('1\n00:00:01,000 --> 00:00:02,000\nso\n')[0] ?? '',
    /found SubRip subtitles; give it the extension \.srt$/,
  );
});

test('a file that would stop all other work is refused', () => {
  assert.match(
    faults(`[${' '.repeat(32 * 1024 * 1024)}]`)[0] ?? '',
    /^E_LIMIT talk\.json: expected at most 33554432 bytes of JSON/,
  );
});

test('a list of YouTube has durations in place of ends', () => {
  const lines = [
    { text: 'so it was', start: 0.1, duration: 1.3 },
    { text: 'the train', start: 1.2, duration: 2 },
    { text: 'left', start: 2.9, duration: 1 },
  ];
  const { tiers, warnings } = read(lines);
  assert.deepEqual(tiers, { speaker: ['0.1-1.2 so it was', '1.2-2.9 the train', '2.9-3.9 left'] });
  assert.equal(warnings.length, 1);
  assert.match(faults([{ text: 'so', start: 1, duration: null }])[0] ?? '', /\[0\]\.duration/);
  assert.deepEqual(read([{ text: 'so', start: '0.1', dur: '1.3' }]).tiers, { speaker: ['0.1-1.4 so'] });
  assert.match(faults([{ text: 'so', start: '0.1', dur: 'x' }])[0] ?? '', /\[0\]\.dur,/);
});

test('a score that is no number does no harm, and in a text it is a word', () => {
  const { tiers } = read(
    '{"segments": [{"start": 0, "end": 1, "text": "a NaN, NaN\\" NaN", "avg_logprob": NaN, "x": [-Infinity]}]}',
  );
  assert.deepEqual(tiers, { speaker: ['0-1 a NaN, NaN" NaN'] });
  assert.match(faults('{"text": NaN, "a" "b"}')[0] ?? '', /expected valid JSON/);
  for (const wrong of ['1NaN', '-NaN', 'NaNNaN'])
    assert.match(faults(`{"a": NaN, "text": "so", "end": ${wrong}}`)[0] ?? '', /expected valid JSON/, wrong);
  assert.match(faults(`{"a": NaN, "text": "${'a'.repeat(30)}\\`)[0] ?? '', /expected valid JSON/);
  assert.deepEqual(read(`{"a": NaN, "text": "${'a\\t'.repeat(5_000_000)}"}`).tiers['speaker']?.length, 1);
});

test('a fault after scores that are no numbers has its own place', () => {
  for (const score of ['NaN', '-Infinity', 'null', '0'])
    assert.match(
      faults(`{"avg_logprob": ${score}, "text" "x"}`)[0] ?? '',
      new RegExp(` line 1 column ${`{"avg_logprob": ${score}, "text" `.length + 1}: expected valid JSON`),
      score,
    );
});

test('lists beside a text, which may have times, are named as not read', () => {
  const { tiers, warnings } = read({ text: 'so it was', result: [{ word: 'so', start: 0.1, end: 0.3 }] });
  assert.deepEqual(tiers, { speaker: ['0-10 so it was'] });
  assert.match(warnings.join('\n'), /without times; not read: "result"/);
  assert.deepEqual(read({ text: 'so it was', language: 'en' }).warnings, []);
});

test('a segment that ends where it begins, or before, lasts until the next of any speaker begins', () => {
  const { tiers, warnings } = read([
    { start: 1, end: 1, text: 'so', speaker: 'A' },
    { start: 2, end: 3, text: 'it', speaker: 'B' },
    { start: 4, end: 3, text: 'was', speaker: 'A' },
  ]);
  assert.deepEqual(tiers, { A: ['1-2 so', '4-10 was'], B: ['2-3 it'] });
  assert.deepEqual(warnings, [
    'W_TRANSCRIPT_READ talk.json (1.00 s): from here on, segments that end where they begin, or before: 2; each is read as lasting until the next begins: check their times',
  ]);
});

test.run();
