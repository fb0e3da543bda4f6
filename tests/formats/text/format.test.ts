import assert from 'node:assert/strict';
import { test } from 'uvu';
import type { Warning } from '../../../src/base/errors.ts';
import { atOnce } from '../../../src/base/pieces.ts';
import { TEXT } from '../../../src/formats/text/format.ts';
import { shown } from '../../support/finding.ts';
import { thrownBy } from '../thrown.ts';

function read(content: string | Uint8Array, { file = 'talk.txt', audioSec = 60 as number | null } = {}) {
  const warnings: Warning[] = [];
  const warn = (warning: Warning) => warnings.push(warning);
  const options = { legacyEncoding: 'windows-1252' as const, audioSec, warn };
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  return { transcript: atOnce(TEXT.read(bytes, file, options)), warnings };
}

function faultOf(content: string | Uint8Array, file = 'talk.txt'): string {
  const error = thrownBy(() => read(content, { file }));
  return `${error.code} ${shown(error.faults[0])}`;
}

test('a text is one interval over the whole recording, of one tier, with its lines', () => {
  const { transcript } = read('So it was.\r\n\r\n\tThe night train \rleft.\n');
  const span = { startSec: 0, endSec: 60 };
  const lines = [
    { text: 'So it was.', line: 1 },
    { text: 'The night train', line: 3 },
    { text: 'left.', line: 4 },
  ];
  const interval = { ...span, text: 'So it was.\nThe night train\nleft.', lines };
  assert.deepEqual(transcript, {
    ...span,
    tiers: [{ kind: 'interval', name: 'speaker', ...span, intervals: [interval] }],
  });
});

test('when the recording cannot be read, the text is, so that the fault of the recording is reported', () => {
  assert.equal(read('so it was', { audioSec: null }).transcript.endSec, 0);
});

test('a .lab of MFA is the same; one that begins with numbers of people too', () => {
  for (const said of ['so it was', '20 30 people', '12 months', '1990 people came\nin 2 000 cars']) {
    const { transcript } = read(said, { file: 'talk.LAB' });
    assert.equal(transcript.tiers[0]?.kind === 'interval' && transcript.tiers[0].intervals[0]?.text, said);
  }
});

test('a .lab with times is HTK labels, a .txt is not', () => {
  const labels = '0 3500000 so\n3500000 7000000 it\n';
  const [lab] = read(labels, { file: 'talk.lab' }).transcript.tiers;
  assert.deepEqual(lab?.kind === 'interval' && lab.intervals.map(({ text }) => text), ['so', 'it']);
  const [text] = read(labels).transcript.tiers;
  assert.deepEqual(text?.kind === 'interval' && text.intervals.length, 1);
});

test('UTF-8 with a mark, UTF-16 and Windows-1252 are read, the last with a warning', () => {
  const said = 'l’école où\nça';
  const utf16 = Buffer.from(`\ufeff${said}`, 'utf16le');
  for (const bytes of [Buffer.from(`\ufeff${said}`), utf16, Buffer.from(utf16).swap16()]) {
    const { transcript, warnings } = read(bytes);
    assert.deepEqual(
      [transcript.tiers[0]?.kind === 'interval' && transcript.tiers[0].intervals[0]?.text, warnings],
      [said, []],
    );
  }
  const { transcript, warnings } = read(Buffer.from('l\x92\xe9cole', 'latin1'));
  assert.equal(transcript.tiers[0]?.kind === 'interval' && transcript.tiers[0].intervals[0]?.text, 'l’école');
  assert.deepEqual(
    warnings.map(({ code }) => code),
    ['W_TEXT_ENCODING'],
  );
});

test('a text without anything in it is reported', () => {
  assert.equal(
    faultOf(''),
    'E_TRANSCRIPT_NO_WORDS talk.txt: expected the words that are said in the recording, found an empty file; save the text again',
  );
  assert.match(faultOf(' \n\t\r\n\u00a0\u2028'), /found nothing but blanks and line breaks/);
  assert.match(faultOf(Buffer.from('\ufeff', 'utf16le')), /found an empty file/);
});

const ZIP = 'PK\x03\x04\x14\0\x06\0\x08\0\0\0!\0';
const OTHER_KINDS: readonly (readonly [content: string, said: RegExp])[] = [
  [`${ZIP}[Content_Types].xml..word/document.xml`, /a Word document \(\.docx\); save it as plain text/],
  [`${ZIP}[Content_Types].xml..xl/workbook.xml`, /an Excel table \(\.xlsx\)/],
  [`${ZIP}mimetypeapplication/vnd.oasis.opendocument.text`, /an OpenDocument file/],
  [`${ZIP}talk.wav`, /a zip archive/],
  ['\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0', /an old Word or Excel file/],
  ['{\\rtf1\\ansi\\deff0 {\\fonttbl}So it was.}', /rich text \(RTF\); save it as plain text \(UTF-8\)/],
  ['%PDF-1.7\n%\xe2\xe3', /a PDF file/],
  ['RIFF\x24\0\0\0WAVEfmt ', /a recording \(wav\)/],
  ['\x1f\x8b\x08\0', /gzip/],
  ['\x89PNG\r\n\x1a\n', /a picture/],
  ['File type = "ooTextFile"\nObject class = "TextGrid"\n', /a TextGrid; give it the extension \.TextGrid/],
  ['ooBinaryFile\x08TextGrid', /a TextGrid; give it the extension \.TextGrid/],
  ['<?xml version="1.0"?>\n<ANNOTATION_DOCUMENT AUTHOR="">', /an ELAN file/],
  ['<?xml version="1.0"?>\n<!DOCTYPE Trans SYSTEM "trans-14.dtd">\n<Trans>', /a Transcriber file/],
  ['\n<!DOCTYPE html>\n<p>So it was.', /a web page \(HTML\)/],
  ['<!-- saved -->\n<HTML lang="en">', /a web page \(HTML\)/],
  ['<?xml version="1.0"?><tei>', /an XML file/],
  ['WEBVTT\n\n00:01.000 --> 00:02.000\nSo', /WebVTT subtitles/],
  ['1\r\n00:00:01,000 --> 00:00:02,000\r\nSo', /SubRip subtitles/],
  ['@UTF8\n@Begin\n*ANN:\tso .\n', /a CHAT transcript/],
  ['#!MLF!#\n"*/talk.lab"\n0 100000 so\n.\n', /HTK labels of many recordings \(MLF\)/],
  ['separator ;\nnfields 1\n#\n    0.1400 125 pau\n    0.2 125 s\n', /ESPS labels/],
  ['#\n0.14 125 pau\n', /ESPS labels/],
  ['talk 1 0.00 0.50 so\ntalk 1 0.50 0.40 it\n', /words or turns with times \(CTM, STM\)/],
  [';; made by a recogniser\ntalk A ann 0.00 2.50 so it was\n', /words or turns with times \(CTM, STM\)/],
  ['[Script Info]\nTitle: talk\n', /SubStation subtitles/],
  ['0:00:01.000,0:00:02.000\nso it was\n', /SubViewer subtitles/],
];

for (const [content, said] of OTHER_KINDS) {
  test(`what is not a text is named by its kind: ${JSON.stringify(content.slice(0, 30))}`, () => {
    const found = faultOf(Buffer.from(content, 'latin1'), 'talk.lab');
    assert.match(found, /^E_TRANSCRIPT_MALFORMED talk\.lab: expected plain text, found /);
    assert.match(found, said);
  });
}

test('a file of another kind is recognised with a mark or in UTF-16, too, and a text that begins with a tag or # is still a text', () => {
  const grid = '\ufeffFile type = "ooTextFile"';
  assert.match(faultOf(grid), /a TextGrid/);
  assert.match(faultOf(Buffer.from(grid, 'utf16le')), /a TextGrid/);
  assert.match(faultOf(Buffer.from(grid, 'utf16le').swap16()), /a TextGrid/);
  for (const said of ['<p> so', '# so', 'PK it', '1 2 3', 'html so', '@ so']) read(said);
});

test('any other binary file is reported as not a text', () => {
  assert.match(
    faultOf(Buffer.from(Array.from({ length: 512 }, (_, index) => index % 256))),
    /^E_TEXT_ENCODING talk\.txt line 1: /,
  );
});

test.run();
