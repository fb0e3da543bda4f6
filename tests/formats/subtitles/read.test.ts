import assert from 'node:assert/strict';
import { suite } from 'uvu';
import { findTierFaults } from '../../../src/formats/check-tiers.ts';
import { SUBTITLES } from '../../../src/formats/subtitles/format.ts';
import { faultsOf, readAs, spoken, told } from '../transcripts.ts';

const test = suite('subtitles');

const srt = (content: string | Uint8Array) => readAs(SUBTITLES, 'talk.srt', content);
const vtt = (...lines: string[]) => readAs(SUBTITLES, 'talk.vtt', ['WEBVTT', '', ...lines].join('\n'));

test('SRT: each cue is an interval of one tier, in its lines, and knows the line of its times', () => {
  const { transcript, warnings } = srt(
    '1\n00:00:01,000 --> 00:00:02,500\nSo it was.\nThen she left.\n\n2\n00:00:03,000 --> 00:00:04,000\nYes\n',
  );
  assert.deepEqual(told(transcript), { speaker: ['1-2.5 So it was.\nThen she left.', '3-4 Yes'] });
  assert.deepEqual([transcript.startSec, transcript.endSec, warnings], [0, 10, []]);
  const [tier] = transcript.tiers;
  assert.deepEqual(tier?.kind === 'interval' && tier.intervals.map(({ line }) => line), [2, 7]);
});

test('the same cues in every way in which programs write them', () => {
  const usual = [
    '1',
    '00:00:01,250 --> 00:00:02,000',
    'one',
    '',
    '2',
    '00:00:03,000 --> 00:00:04,000',
    'two',
    '',
  ];
  const forms: Record<string, string | Uint8Array> = {
    'CR LF': usual.join('\r\n'),
    CR: usual.join('\r'),
    'every line ended twice': usual.join('\r\r\n'),
    'a byte order mark': `\uFEFF${usual.join('\n')}`,
    'UTF-16': Buffer.from(`\uFEFF${usual.join('\n')}`, 'utf16le'),
    dots: usual.join('\n').replaceAll(',', '.'),
    'no hours': usual.join('\n').replaceAll('00:00:', '00:'),
    'no numbers': usual.filter((line) => !/^\d$/.test(line)).join('\n'),
    'wrong numbers': usual.join('\n').replace(/^[12]$/gm, '7'),
    'no blank lines': usual.filter((line) => line !== '').join('\n'),
    'blanks at the ends of lines': usual.join(' \n'),
    'blank lines before': `\n\n${usual.join('\n')}`,
    'no last line end': usual.join('\n').trimEnd(),
    'blank lines in a cue': usual.join('\n').replace('one', '\none\n\n'),
    'places on the screen': usual.join('\n').replaceAll(/(,000)$/gm, '$1 X1:40 X2:600 Y1:20 Y2:50'),
    'no blanks round the arrow': usual.join('\n').replaceAll(' --> ', '-->'),
    'the other order': [...usual.slice(4), ...usual.slice(0, 4)].join('\n'),
    'WebVTT under this name': `WEBVTT\n\n${usual.join('\n').replaceAll(',', '.')}`,
    'a whole second without all of its zeros': usual.join('\n').replaceAll(',000', '.0'),
    'more digits': usual.join('\n').replaceAll(',250', ',250000'),
  };
  for (const [name, content] of Object.entries(forms)) {
    const { transcript, warnings } = srt(content);
    assert.deepEqual(told(transcript), { speaker: ['1.25-2 one', '3-4 two'] }, name);
    assert.deepEqual(warnings, [], name);
  }
});

test('a blank line inside a cue, and a spoken number, do not end the cue', () => {
  const { transcript } = srt(
    '1\n00:00:01,000 --> 00:00:02,000\nRoom\n\n7\n\nis free\n\n2\n00:00:03,000 --> 00:00:04,000\n12\n13\n',
  );
  assert.deepEqual(told(transcript), { speaker: ['1-2 Room\n7\nis free', '3-4 12\n13'] });
  const { transcript: without } = srt('00:01,000 --> 00:02,000\nRoom\n7\n\n00:03,000 --> 00:04,000\nyes\n');
  assert.deepEqual(told(without), { speaker: ['1-2 Room\n7', '3-4 yes'] });
  const { transcript: last } = srt('1\n00:00:01,000 --> 00:00:02,000\n\n7\n');
  assert.deepEqual(told(last), { speaker: ['1-2 7'] });
});

test('a file in the old encoding of the language is read with a warning', () => {
  const bytes = Buffer.from('1\n00:00:01,000 --> 00:00:02,000\nblåbær\n', 'latin1');
  const { transcript, warnings } = readAs(SUBTITLES, 'a.srt', bytes, { legacyEncoding: 'windows-1252' });
  assert.deepEqual(told(transcript), { speaker: ['1-2 blåbær'] });
  assert.match(warnings.join(), /^W_TEXT_ENCODING a\.srt line 3: /);
});

test('WebVTT: header, notes, styles, regions, names and settings of cues are not spoken', () => {
  const { transcript, warnings } = readAs(
    SUBTITLES,
    'talk.vtt',
    [
      ...['WEBVTT - a talk', 'Kind: captions', 'Language: en', '', 'STYLE', '::cue { color: red }', ''],
      ...['REGION', 'id:fred', '', 'NOTE nobody says this', 'nor this', ''],
      ...['intro', '00:01.000 --> 00:02.000 line:0 align:start', 'Hello', ''],
    ].join('\n'),
  );
  assert.deepEqual(told(transcript), { speaker: ['1-2 Hello'] });
  assert.deepEqual(warnings, []);
});

test('WebVTT: lines of the header after an empty line are none of a cue, and after the first cue they are spoken', () => {
  for (const line of [
    'Kind: captions',
    'Language: en',
    'REGION: id=a width=40%',
    'X-TIMESTAMP-MAP=MPEGTS:900000',
  ])
    assert.deepEqual(told(vtt(line, '', '00:01.000 --> 00:02.000', 'Kind: so').transcript), {
      speaker: ['1-2 Kind: so'],
    });
});

test('a note between cues does not belong to the cue before, and text after it needs times', () => {
  const { transcript } = vtt(
    '00:01.000 --> 00:02.000',
    'one',
    '',
    'NOTE x',
    'y',
    '',
    '00:03.000 --> 00:04.000',
    'two',
  );
  assert.deepEqual(told(transcript), { speaker: ['1-2 one', '3-4 two'] });
  const file = 'WEBVTT\n\n00:01.000 --> 00:02.000\none\n\nNOTE x\n\nlost?\n';
  assert.match(
    faultsOf(SUBTITLES, 'a.vtt', file).join(),
    /^E_TRANSCRIPT_MALFORMED a\.vtt line 8: .*found "lost\?"/,
  );
});

test('a name of a cue needs an empty line before it, as in the standard', () => {
  const { transcript } = vtt('00:01.000 --> 00:02.000', 'one', 'two', '00:03.000 --> 00:04.000', 'three');
  assert.deepEqual(told(transcript), { speaker: ['1-2 one\ntwo', '3-4 three'] });
});

test('each voice is a tier, and two in one cue have its time', () => {
  const { transcript } = vtt(
    ...['00:01.000 --> 00:02.000', '<v Anna>Hello <i>you</i></v>', ''],
    ...['00:02.000 --> 00:03.000', '<v.loud Béla &amp; Co>Yes', '<v Anna>No', 'never', ''],
    ...['00:03.000 --> 00:04.000', 'nobody', ''],
  );
  assert.deepEqual(told(transcript), {
    Anna: ['1-2 Hello <i>you</i>', '2-3 No\nnever'],
    'Béla & Co': ['2-3 Yes'],
    speaker: ['3-4 nobody'],
  });
});

test('tags and codes of programs stay in the label and are not spoken', () => {
  const { transcript } = srt(
    [
      ...[
        '1',
        '00:00:01,000 --> 00:00:02,000',
        '{\\an8}<font color="#fff"><i>un</i>certain</font>\\Nwords',
        '',
      ],
      ...['2', '00:00:03,000 --> 00:00:04,000', '- Who?', '- <b>Me</b> [laughs] <c.yellow>now</c>', ''],
      ...[
        '3',
        '00:00:05,000 --> 00:00:06,000',
        '<ruby>東京<rt>とうきょう</rt></ruby> <lang en>city</lang>',
        '',
      ],
    ].join('\n'),
  );
  assert.deepEqual(told(transcript), {
    speaker: [
      '1-2 {\\an8}<font color="#fff"><i>un</i>certain</font>\\Nwords',
      '3-4 - Who?\n- <b>Me</b> [laughs] now',
      '5-6 <ruby>東京<rt>とうきょう</rt></ruby> <lang en>city</lang>',
    ],
  });
  assert.deepEqual(spoken(transcript), ['uncertain words', '- Who?\n- Me [laughs] now', '東京 city']);
});

/** As YouTube writes automatic subtitles: each line appears, stands alone for 10 ms, and moves up. */
const YOUTUBE = [
  ...['00:00:00.160 --> 00:00:02.310 align:start position:0%', ' '],
  ...['so<00:00:00.480><c> it</c><00:00:01.000><c> was</c>', ''],
  ...['00:00:02.310 --> 00:00:02.320 align:start position:0%', 'so it was', ' ', ''],
  ...['00:00:02.320 --> 00:00:04.789 align:start position:0%', 'so it was'],
  ...['the<00:00:02.500><c> night</c>', ''],
  ...['00:00:04.789 --> 00:00:04.799 align:start position:0%', 'the night', ' ', ''],
  ...['00:00:04.799 --> 00:00:06.000 align:start position:0%', 'the night', '[Music]', ''],
];

test('automatic subtitles that roll have each line once', () => {
  const { transcript, warnings } = vtt(...YOUTUBE);
  assert.deepEqual(told(transcript), {
    speaker: ['0.16-2.32 so it was', '2.32-4.799 the night', '4.799-6 [Music]'],
  });
  assert.deepEqual(warnings, [
    'W_TRANSCRIPT_READ talk.vtt: the cues roll: of 5 cues, 3 show new lines; each line is read once',
  ]);
});

test('so have automatic subtitles of a single line', () => {
  const { transcript } = vtt(...YOUTUBE.slice(0, 8));
  assert.deepEqual(told(transcript), { speaker: ['0.16-2.32 so it was'] });
});

test('so have those that were converted to SRT, and those with three lines on the screen', () => {
  const cue = (from: number, to: number, ...lines: string[]) =>
    `1\n00:00:0${from},000 --> 00:00:0${to},000\n${lines.join('\n')}\n`;
  const rolled = srt(
    [cue(0, 2, 'a b'), cue(2, 4, 'a b', 'c'), cue(4, 6, 'a b', 'c', 'd'), cue(6, 8, 'c', 'd', 'e')].join(
      '\n',
    ),
  );
  assert.deepEqual(told(rolled.transcript), { speaker: ['0-2 a b', '2-4 c', '4-6 d', '6-8 e'] });
});

test('a repeated phrase stays repeated', () => {
  const cue = (from: number, to: number, ...lines: string[]) =>
    `1\n00:00:0${from},000 --> 00:00:0${to},000\n${lines.join('\n')}\n`;
  const { transcript, warnings } = srt(
    [cue(0, 1, 'no'), cue(1, 2, 'no'), cue(2, 3, 'no'), cue(4, 5, 'no', 'why')].join('\n'),
  );
  assert.deepEqual(told(transcript), { speaker: ['0-1 no', '1-2 no', '2-3 no', '4-5 no\nwhy'] });
  assert.deepEqual(warnings, []);
});

test('a line that one cue repeats does not make a file roll', () => {
  const lines = ['a', 'b', 'b\nc', 'd', 'e', 'f'];
  const cues = lines.map((line, at) => `00:0${at}.000 --> 00:0${at + 1}.000\n${line}\n`);
  assert.deepEqual(told(vtt(...cues).transcript)['speaker']?.[2], '2-3 b\nc');
});

test('where most cues last into the next, each ends where the next begins', () => {
  const { transcript, warnings } = vtt(
    ...['00:00.000 --> 00:04.000', 'one', '', '00:02.000 --> 00:06.000', 'two', ''],
    ...['00:04.000 --> 00:07.000', 'three', '', '00:07.000 --> 00:08.000', 'four'],
  );
  assert.deepEqual(told(transcript), { speaker: ['0-2 one', '2-4 two', '4-7 three', '7-8 four'] });
  assert.match(
    warnings.join(),
    /^W_TRANSCRIPT_READ talk\.vtt tier "speaker": cues that last into the next one: 2;/,
  );
});

test('cues that are shown beside each other are on separate tiers', () => {
  const { transcript, warnings } = vtt(
    ...['00:00.000 --> 00:02.000', 'one', '', '00:01.000 --> 00:03.000', 'two', ''],
    ...['00:03.000 --> 00:04.000', 'three', '', '00:05.000 --> 00:06.000', 'four', ''],
    ...['00:05.000 --> 00:06.000', 'five', '', '00:05.950 --> 00:07.000', 'six'],
  );
  assert.deepEqual(told(transcript), {
    speaker: ['0-2 one', '3-4 three', '5-6 four'],
    'speaker 2': ['1-3 two', '5-5.95 five', '5.95-7 six'],
  });
  assert.match(
    warnings.join('\n'),
    /^W_TRANSCRIPT_READ talk\.vtt line 6 \(1\.00 s\): from here on, some cues overlap/m,
  );
  for (const tier of transcript.tiers)
    assert.deepEqual(
      tier.kind === 'interval' && findTierFaults(tier, { file: 'talk.vtt', audioDurationSec: 10 }),
      [],
    );
});

test('a cue that ends where it begins, or before, lasts until the next begins, the last until the audio ends', () => {
  const { transcript, warnings } = vtt(
    ...['00:01.000 --> 00:02.000', 'one', '', '00:03.000 --> 00:02.000', '<v Anna>two', ''],
    ...['00:04.000 --> 00:04.000', '', '00:04.500 --> 00:04.500', 'three', ''],
    ...['00:04.500 --> 00:05.000', '<v Anna>four', '', '00:06.000 --> 00:06.000', 'five'],
  );
  assert.deepEqual(told(transcript), {
    speaker: ['1-2 one', '4.5-6 three', '6-10 five'],
    Anna: ['3-4 two', '4.5-5 four'],
  });
  assert.deepEqual(warnings, [
    'W_TRANSCRIPT_READ talk.vtt line 6 (3.00 s): from here on, cues that end where they begin, or before: 3; each is read as lasting until the next begins: check their times',
  ]);
});

test('a cue without an end that nothing follows is left to the check of the tiers, with its line', () => {
  const late = vtt('00:03.000 --> 00:02.000', 'one', '', '00:14.000 --> 00:14.000', 'two');
  const [tier] = late.transcript.tiers;
  assert.ok(tier?.kind === 'interval');
  const faults = findTierFaults(tier, { file: 'talk.vtt', audioDurationSec: 20 });
  assert.deepEqual(
    faults.map(({ code, place }) => `${code} ${place?.line}`),
    ['E_TRANSCRIPT_TIME 6'],
  );
  const { transcript } = readAs(SUBTITLES, 'a.srt', '1\n00:00:03,000 --> 00:00:03,000\none\n', {
    audioSec: null,
  });
  assert.deepEqual(told(transcript), { speaker: ['3-3 one'] });
});

test('a file with thousands of cues at one time does not become thousands of tiers', () => {
  const { transcript } = vtt(...Array.from({ length: 2_000 }, () => '00:01.000 --> 00:02.000\nx\n'));
  assert.equal(transcript.tiers.length, 4);
});

test('all lines that cannot be read are reported at once, with line and column', () => {
  const faults = faultsOf(
    SUBTITLES,
    'a.srt',
    [
      ...['Subtitles by', '', '1', '00:00:01,5 --> 00:00:02,000', 'one', ''],
      ...['2', '00:00:03,000 -> 00:00:04,000', 'two', '', '3', '00:00:05,000 --> 00:61:06,000', 'three'],
      ...['', '4', '  00:00:07 --> soon', 'x --> y'],
    ].join('\n'),
  );
  const told = [
    /^E_TRANSCRIPT_MALFORMED a\.srt line 1: expected the times of a cue, .*found "Subtitles by"/,
    /^E_TRANSCRIPT_MALFORMED a\.srt line 4 column 1: expected three digits after .*found "00:00:01,5"; correct the line/,
    /^E_TRANSCRIPT_MALFORMED a\.srt line 8 column 1: expected two times with an arrow, such as 00:01:02,500 --> 00:01:04,000, found/,
    /^E_TRANSCRIPT_MALFORMED a\.srt line 12 column 18: expected a time such as .*below 60, found "00:61:06,000"/,
    /^E_TRANSCRIPT_MALFORMED a\.srt line 16 column 16: .*found "soon"/,
    /^E_TRANSCRIPT_MALFORMED a\.srt line 17 column 1: .*found "x"/,
  ];
  assert.equal(faults.length, told.length, faults.join('\n'));
  for (const [at, pattern] of told.entries()) assert.match(faults[at] ?? '', pattern);
});

test('of a thousand faults a hundred are reported, and how many there are', () => {
  const faults = faultsOf(SUBTITLES, 'a.srt', '00:00:01,5 --> 00:00:02,000\n'.repeat(1_000));
  assert.equal(faults.length, 100);
  assert.match(faults.at(-1) ?? '', /^E_TRANSCRIPT_MALFORMED a\.srt: 1000 faults in all; the first 99/);
});

test('an overlap of a tenth of a second is a slip wherever it is', () => {
  for (let at = 1; at < 60; at++) {
    const seconds = `${at}`.padStart(2, '0');
    const { transcript } = vtt(
      `00:00.000 --> 00:${seconds}.500`,
      'one',
      '',
      `00:${seconds}.400 --> 01:30.000`,
      'two',
    );
    assert.deepEqual(told(transcript), { speaker: [`0-${at}.4 one`, `${at}.4-90 two`] });
  }
});

test('a file of very many voices is read', () => {
  const count = 130_000;
  const cues = Array.from({ length: count }, (_, at) => `00:01.000 --> 00:02.000\n<v V${at}>a\n`);
  assert.equal(vtt(cues.join('\n')).transcript.tiers.length, count);
});

test('a file without cues has no tiers', () => {
  for (const content of ['', '\n\n', 'WEBVTT', 'WEBVTT\n\nNOTE x\n'])
    assert.deepEqual(readAs(SUBTITLES, 'a.vtt', content).transcript.tiers, []);
});

test.run();
