import assert from 'node:assert/strict';
import { test } from 'uvu';
import type { Warning } from '../../src/base/errors.ts';
import { formatFinding } from '../../src/base/finding.ts';
import { atOnce } from '../../src/base/pieces.ts';
import { readTableInPieces, readTranscriptInPieces } from '../../src/formats/transcript-formats.ts';
import { told } from './transcripts.ts';

/** In each format: a speaker's name and two utterances, from 0 to 2.5 and to 4 seconds. */
const FILES: Readonly<Record<string, (name: string, one: string, two: string) => string>> = {
  'a.TextGrid': (name, one, two) =>
    'File type = "ooTextFile"\nObject class = "TextGrid"\n\n' +
    `0 4 <exists> 1 "IntervalTier" "${name}" 0 4 2 0 2.5 "${one}" 2.5 4 "${two}"\n`,
  'a.eaf': (name, one, two) =>
    '<?xml version="1.0" encoding="UTF-16"?>\n<ANNOTATION_DOCUMENT><HEADER TIME_UNITS="milliseconds"/><TIME_ORDER>' +
    '<TIME_SLOT TIME_SLOT_ID="a" TIME_VALUE="0"/><TIME_SLOT TIME_SLOT_ID="b" TIME_VALUE="2500"/>' +
    `<TIME_SLOT TIME_SLOT_ID="c" TIME_VALUE="4000"/></TIME_ORDER><TIER TIER_ID="${name}" LINGUISTIC_TYPE_REF="t">` +
    `<ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="x" TIME_SLOT_REF1="a" TIME_SLOT_REF2="b">` +
    `<ANNOTATION_VALUE>${one}</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION>` +
    `<ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="y" TIME_SLOT_REF1="b" TIME_SLOT_REF2="c">` +
    `<ANNOTATION_VALUE>${two}</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION></TIER>` +
    '<LINGUISTIC_TYPE LINGUISTIC_TYPE_ID="t" TIME_ALIGNABLE="true"/></ANNOTATION_DOCUMENT>\n',
  'plain.txt': (_name, one, two) => `${one}\n${two}\n`,
  'elan.txt': (name, one, two) => `${name}\t\t0\t2500\t2500\t${one}\n${name}\t\t2500\t4000\t1500\t${two}\n`,
  'mfa.lab': (_name, one, two) => `${one}　${two}`,
  'htk.lab': (_name, one, two) => `0 25000000 ${one}\n25000000 40000000 ${two}\n`,
  'a.srt': (_name, one, two) =>
    `1\n00:00:00,000 --> 00:00:02,500\n${one}\n\n2\n00:00:02,500 --> 00:00:04,000\n${two}\n`,
  'a.vtt': (name, one, two) =>
    `WEBVTT\n\n00:00.000 --> 00:02.500\n<v ${name}>${one}\n\n00:02.500 --> 00:04.000\n<v ${name}>${two}\n`,
  'a.trs': (name, one, two) =>
    `<?xml version="1.0" encoding="UTF-16"?>\n<Trans><Speakers><Speaker id="s" name="${name}"/></Speakers><Episode><Section>` +
    `<Turn startTime="0" endTime="4" speaker="s"><Sync time="0"/>${one}<Sync time="2.5"/>${two}</Turn></Section></Episode></Trans>`,
  'a.cha': (name, one, two) =>
    `@UTF8\n@Begin\n@Participants:\tMOT ${name} Mother\n*MOT:\t${one} . \u00150_2500\u0015\n*MOT:\t${two} . \u00152500_4000\u0015\n@End\n`,
  'a.csv': (name, one, two) => `speaker,begin,end,text\n${name},0,2.5,${one}\n${name},2.5,4,${two}\n`,
  'a.tsv': (name, one, two) => `${name}\t0\t2.5\t${one}\n${name}\t2.5\t4\t${two}\n`,
};

/** Long, like speech, with the punctuation that people write. */
const TEXTS = {
  Chinese: ['王小明', '今天天气很好，我们一起去公园吧。', '一二三四五……他说：“好的！”'],
  Japanese: ['田中さん', '今日はいい天気ですね。公園に行きましょう。', 'カタカナとひらがなと漢字です。'],
  Korean: ['김민수', '오늘은 날씨가 좋습니다. 그래서 공원에 갔습니다.', '안녕하세요 여러분'],
} as const;

for (const [language, [name, one, two]] of Object.entries(TEXTS)) {
  for (const [file, write] of Object.entries(FILES)) {
    test(`${file}: ${language} in UTF-16, with a byte order mark or without, is read as in UTF-8`, () => {
      const text = write(name, one, two);
      const expected = read(Buffer.from(text.replace('encoding="UTF-16"', 'encoding="UTF-8"')), file);
      assert.ok(expected.labels.includes(one) && expected.labels.includes(two), expected.labels);
      const little = Buffer.from(text, 'utf16le');
      assert.deepEqual(read(little, file), expected);
      assert.deepEqual(read(Buffer.from(little).swap16(), file), expected);
      assert.deepEqual(read(Buffer.from(`\uFEFF${text}`, 'utf16le'), file), expected);
    });
  }
}

test('a table of many recordings is read so, too', () => {
  const table = Buffer.from('file,text\ntalk-1.wav,今天天气很好\ntalk-2.wav,我们去公园吧\n', 'utf16le');
  const options = { legacyEncoding: 'windows-1252', warn: () => assert.fail('no warning expected') } as const;
  const found = atOnce(readTableInPieces(table, 'all.csv', options));
  assert.deepEqual(
    found?.map(({ recording, toTranscript }) => [recording, told(atOnce(toTranscript(4)))]),
    [
      ['talk-1.wav', { speaker: ['0-4 今天天气很好'] }],
      ['talk-2.wav', { speaker: ['0-4 我们去公园吧'] }],
    ],
  );
});

test('a file of another kind is known in UTF-16 without byte order mark', () => {
  for (const [file, extension] of [
    ['a.trs', 'trs'],
    ['a.vtt', 'vtt'],
    ['a.TextGrid', 'TextGrid'],
  ] as const) {
    const bytes = Buffer.from(FILES[file]?.(...TEXTS.Chinese) ?? '', 'utf16le');
    assert.throws(() => read(bytes, 'talk.txt'), new RegExp(`give it the extension \\.${extension}$`));
  }
});

test.run();

function read(bytes: Uint8Array, file: string) {
  const warnings: string[] = [];
  const warn = (warning: Warning) => warnings.push(formatFinding(warning));
  const options = { audioSec: 4, legacyEncoding: 'windows-1252', warn } as const;
  const tiers = told(atOnce(readTranscriptInPieces(bytes, file, options)));
  return { tiers, warnings, labels: Object.values(tiers).flat().join('\n') };
}
