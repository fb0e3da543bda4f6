import assert from 'node:assert/strict';
import { suite } from 'uvu';
import { atOnce } from '../../src/base/pieces.ts';
import { findTierFaults } from '../../src/formats/check-tiers.ts';
import { shownLabel } from '../../src/formats/transcript.ts';
import { readTranscriptInPieces } from '../../src/formats/transcript-formats.ts';
import { feed, feedLong, SEED } from '../support/feed.ts';

const test = suite(`readers of subtitles, Transcriber, CHAT and JSON that get generated input, seed ${SEED}`);
const SIGNS = [
  '-1',
  '1e999',
  '00',
  'NaN',
  '99999999',
  '\0',
  '\r',
  '\r\n',
  '\n',
  '\t',
  '\uFEFF',
  '\uFFFD',
  '\uD800',
  '\u2028',
];

/** Pieces that are hard for formats of lines and of XML, with a valid file of each format. */
const TRANSCRIPTS: readonly (readonly [file: string, good: readonly string[], pieces: readonly string[]])[] =
  [
    [
      'x.srt',
      [
        '1\n00:00:01,000 --> 00:00:02,500\n{\\an8}<i>So</i> it\n\nwas\n\n2\n00:00:02,400 --> 00:00:04,000\n- Yes\n- No\n',
        '00:01.000 --> 00:02.000\na\n\n00:02.000 --> 00:03.000\na\nb\n\n00:03.000 --> 00:04.000\nb\nc\n',
      ],
      [
        ' --> ',
        '00:00:09,000',
        '99:59:59.999',
        '-->',
        '->',
        '\n\n',
        '\n7\n',
        '<c.',
        '<v ',
        '<rt>',
        '{\\',
        ',5',
      ],
    ],
    [
      'x.vtt',
      [
        'WEBVTT - x\nKind: captions\n\nSTYLE\na\n\nNOTE b\n\nid\n00:01.000 --> 00:02.000 line:0\n<v Ann>a &amp; b<00:01.500><c> c</c></v>\n',
        'WEBVTT\n\n00:00.160 --> 00:02.310\n \nso<00:00.480><c> it</c>\n\n00:02.310 --> 00:02.320\nso it\n \n\n00:02.320 --> 00:04.000\nso it\nwas\n',
      ],
      [
        ' --> ',
        '00:09.000',
        '<00:01.000>',
        '<c>',
        '<v.a.b ',
        '</v>',
        'NOTE',
        'REGION',
        '\n\n',
        '&lt;',
        'WEBVTT',
      ],
    ],
    [
      'x.trs',
      [
        '<?xml version="1.0" encoding="ISO-8859-1"?>\n<!DOCTYPE Trans SYSTEM "trans-14.dtd">\n<Trans>\n<Speakers>\n<Speaker id="s1" name="A"/>\n' +
          '</Speakers>\n<Episode><Section><Turn startTime="0" endTime="4" speaker="s1 s2"><Sync time="0"/><Who nb="1"/>one' +
          '<Event desc="b" type="noise" extent="begin"/><Comment desc="x"/>\n<Sync time="2"/><Who nb="2"/>two</Turn></Section></Episode></Trans>',
        '<Trans>\n<Episode>\n<Section>\n<Turn speaker="s1" startTime="0" endTime="2">\n<Sync time="0"/>\none two\n<Sync time="1.5"/>\n\n' +
          '</Turn>\n<Turn speaker="s2" startTime="2" endTime="4">\n<Sync time="2"/>\nthree<Event desc="b"/>\nfour\n</Turn>\n' +
          '</Section>\n</Episode>\n</Trans>\n',
      ],
      [
        '<Sync time="1"/>',
        '<Turn>',
        '</Turn>',
        '<Who nb="9"/>',
        '<Event/>',
        ' speaker=""',
        '<![CDATA[',
        '<!--',
        '&',
        '<!DOCTYPE x [',
        '\u00e9',
      ],
    ],
    [
      'x.cha',
      [
        '@UTF8\n@Begin\n@Participants:\tCHI Ross Target_Child, MOT Mother\n*CHI:\t<I I> [/] (be)cause &-um [: x] 0is\n' +
          '\tno [x 3] +... \u00150_1250\u0015\n%mor:\tx\n*MOT:\tyes .\n*CHI:\ta \u00152000_3000\u0015 b . \u00153000_4000\u0015\n@End\n',
      ],
      [
        '\u0015',
        '\u00151_2\u0015',
        '_',
        '\n\t',
        '\n*',
        '\n%snd:\t"x"_1_2',
        '*CHI:',
        '@',
        '[x 99]',
        '<',
        '>',
        '[',
        '(',
        '&=',
      ],
    ],
    [
      'x.json',
      [
        '{"text":" So","segments":[{"start":0.0,"end":1.5,"text":" So","speaker":"A","words":[{"word":" So","start":0,"end":0.4}]},{"start":1,"end":9,"text":"it"}],"words":[]}',
        '{"start":0,"end":4,"tiers":{"a":{"type":"interval","entries":[[0,1,"so"],[1,4,""]]},"p":{"type":"point","entries":[[1,"x"]]}}}',
        '{"tiers":[{"class":"TextTier","name":"p","entries":[[1,"x"]]}],"xmin":0,"xmax":2}',
        '{"transcription":[{"offsets":{"from":0,"to":1250},"text":"so"}]}',
      ],
      [
        '{',
        '}',
        '[',
        ']',
        ',',
        ':',
        '"',
        'null',
        '{"',
        '[[[[',
        '"text":',
        '"words":[1]',
        '"__proto__":',
        ': NaN,',
        '\\',
        '\\u0000',
        '1e999',
        '-5',
        '[]',
        '{}',
      ],
    ],
  ];

for (const [file, good, pieces] of TRANSCRIPTS) {
  const read = (text: string) => {
    const options = { legacyEncoding: 'windows-1252' as const, audioSec: 4, warn: () => {} };
    const transcript = atOnce(readTranscriptInPieces(Buffer.from(text), file, options));
    for (const tier of transcript.tiers) {
      if (tier.kind === 'point') continue;
      findTierFaults(tier, { file, audioDurationSec: 4 });
      const starts = tier.intervals.map(({ startSec }) => startSec);
      assert.deepEqual(
        starts,
        starts.toSorted((one, other) => one - other),
      );
      for (const { text: label } of tier.intervals) shownLabel(transcript, label);
    }
  };

  test(`2,000 transcripts such as ${file}: tiers that can be checked, or a fault`, () =>
    feed(2_000, good, [...SIGNS, ...pieces], read));

  test(`no piece makes a reader of files such as ${file} slow, however often it is repeated`, () =>
    feedLong(good, [...SIGNS, ...pieces, ' ', '\t', 'x y'], read));
}

test.run();
