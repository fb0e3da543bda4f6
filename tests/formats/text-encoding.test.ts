import assert from 'node:assert/strict';
import { test } from 'uvu';
import { decodeText } from '../../src/formats/text-encoding.ts';
import { shown } from '../support/finding.ts';
import { thrownBy } from './thrown.ts';

const LINES = 'xmin = 0\r\ntext = "Gruß, été, 日本, 😀"\n';

function utf16(text: string, byteOrder: 'le' | 'be', mark = ''): Buffer {
  const bytes = Buffer.from(mark + text, 'utf16le');
  return byteOrder === 'le' ? bytes : bytes.swap16();
}

function encodeWindows1252(text: string): Buffer {
  return Buffer.from(text.replaceAll('’', '\x92'), 'latin1');
}

test('UTF-8 is read with and without byte order mark, which is not part of the text', () => {
  assert.deepEqual(decodeText(Buffer.from(LINES), 'a.TextGrid'), { text: LINES, encoding: 'utf-8' });
  assert.deepEqual(decodeText(Buffer.from(`\ufeff${LINES}`), 'a.TextGrid'), {
    text: LINES,
    encoding: 'utf-8',
  });
});

test('UTF-16 is read in both byte orders, by its mark or by where its zero bytes are', () => {
  for (const byteOrder of ['le', 'be'] as const) {
    for (const mark of ['', '\ufeff']) {
      const decoded = decodeText(utf16(LINES, byteOrder, mark), 'a.TextGrid');
      assert.deepEqual(decoded, { text: LINES, encoding: `utf-16${byteOrder}` });
    }
  }
});

test('an empty file is an empty text', () => {
  assert.deepEqual(decodeText(new Uint8Array(0), 'a.txt'), { text: '', encoding: 'utf-8' });
});

test('a view into a larger buffer is read from its own beginning', () => {
  const whole = Buffer.concat([Buffer.from('xx'), utf16(LINES, 'le', '\ufeff')]);
  assert.equal(decodeText(whole.subarray(2), 'a.TextGrid').text, LINES);
});

test('text of the older encoding of the language is read with a warning that names the line', () => {
  const latin1 = decodeText(Buffer.from('one\ncafé\n', 'latin1'), 'a.TextGrid', 'latin1');
  assert.equal(latin1.text, 'one\ncafé\n');
  assert.equal(latin1.encoding, 'latin1');
  assert.equal(latin1.warning?.code, 'W_TEXT_ENCODING');
  assert.equal(latin1.warning?.place?.line, 2);
  assert.match(shown(latin1.warning), /^a\.TextGrid line 2: .*0xe9.*Latin-1/);

  const windows = decodeText(Uint8Array.from([0x80, 0x20, 0x93, 0xe9, 0x94]), 'a.txt', 'windows-1252');
  assert.equal(windows.text, '€ “é”');
  assert.equal(windows.warning?.code, 'W_TEXT_ENCODING');
});

test('text of another older encoding is refused where its bytes stand as in no Latin text', () => {
  for (const [page, bytes] of [
    ['Cyrillic, KOI8-R', [0x6f, 0x6b, 0x20, 0xd0, 0xd2, 0xc9, 0xd7, 0xc5, 0xd4]],
    ['Greek, ISO 8859-7', [0x6f, 0x6b, 0x20, 0xea, 0xe1, 0xeb, 0xe7, 0xec, 0xdd, 0xf1, 0xe1]],
    ['Japanese, Shift-JIS', [0x6f, 0x6b, 0x20, 0x82, 0xb1, 0x82, 0xf1, 0x82, 0xc9, 0x82, 0xbf, 0x82, 0xcd]],
  ] as const) {
    for (const encoding of ['windows-1252', 'latin1'] as const) {
      const error = thrownBy(() => decodeText(Uint8Array.from(bytes), 'a.txt', encoding));
      assert.equal(error.code, 'E_TEXT_ENCODING', page);
    }
    const { message } = thrownBy(() => decodeText(Uint8Array.from(bytes), 'a.txt', 'windows-1252'));
    assert.match(message, /^a\.txt line 1: .*older encoding other than Windows-1252, at byte 4;/, page);
  }
  for (const text of ['d\x82j\x85 vu \x85 No\x89l', 'd\x8ej\x88 vu, No\x91l']) {
    const error = thrownBy(() => decodeText(Buffer.from(text, 'latin1'), 'a.txt', 'windows-1252'));
    assert.match(error.message, /byte 0x8[2e] of an older encoding other than Windows-1252, at byte 2;/);
  }
});

test('accents, quotes, no-break spaces and lines of dashes in a row are read in Windows-1252', () => {
  for (const text of [
    'la soir\xe9e \xab\xa0\xe9t\xe9\xa0\xbb\x85',
    '\x93l\x92\xe9t\xe9\x94, cr\xe9\xe9e',
    '\xfe\xed\xf0a, \xfe\xe1, b\xe6\xf0i',
    `${'\x97'.repeat(20)}\ncaf\xe9`,
    'wait\x85what, na\xefve',
  ]) {
    const bytes = Buffer.from(text, 'latin1');
    assert.equal(decodeText(bytes, 'a.txt', 'windows-1252').encoding, 'windows-1252', text);
  }
});

test('without an older encoding, the first byte that is not UTF-8 is named with its line', () => {
  const error = thrownBy(() => decodeText(Buffer.from('né\nté\ncafé\n', 'latin1'), 'a.TextGrid'));
  assert.equal(error.code, 'E_TEXT_ENCODING');
  assert.match(error.message, /^a\.TextGrid line 1: .*0xe9.* at byte 2;/);
  const longer = Buffer.concat([Buffer.from('é日😀'), Buffer.from('é', 'latin1')]);
  assert.match(thrownBy(() => decodeText(longer, 'a.TextGrid')).message, /line 1: .* at byte 10;/);
  const mixed = Buffer.concat([Buffer.from('né\nté\nca'), Buffer.from('fé', 'latin1')]);
  assert.match(
    thrownBy(() => decodeText(mixed, 'a.TextGrid')).message,
    /^a\.TextGrid line 3: .* at byte 12;/,
  );
});

test('sequences that only look like UTF-8 are refused: overlong, surrogate, beyond Unicode, cut off', () => {
  for (const bytes of [
    [0xc0, 0xaf],
    [0xed, 0xa0, 0x80],
    [0xf4, 0x90, 0x80, 0x80],
    [0xe6, 0x97],
    [0xff],
    [0xf8, 0x88],
  ]) {
    const error = thrownBy(() => decodeText(Uint8Array.from([0x61, ...bytes]), 'a.txt'));
    assert.equal(error.code, 'E_TEXT_ENCODING');
    assert.match(error.message, /line 1: .* at byte 2;/);
  }
});

test('a byte that the older encoding does not have is refused instead of becoming a control character', () => {
  const inLatin1 = Uint8Array.from([0x61, 0x0a, 0x93]);
  assert.match(
    thrownBy(() => decodeText(inLatin1, 'a.txt', 'latin1')).message,
    /line 2: .*0x93.* at byte 3;/,
  );
  const inWindows = Uint8Array.from([0xe9, 0x81]);
  assert.match(thrownBy(() => decodeText(inWindows, 'a.txt', 'windows-1252')).message, /0x81.* at byte 2;/);
});

test('text that does not match its byte order mark is refused, whatever the older encoding', () => {
  const utf8 = Buffer.concat([Buffer.from('\ufeff'), Buffer.from('é', 'latin1')]);
  assert.match(thrownBy(() => decodeText(utf8, 'a.txt', 'latin1')).message, /0xe9.* at byte 4;/);
  const odd = Buffer.concat([utf16('ab', 'le', '\ufeff'), Buffer.from('c')]);
  assert.match(thrownBy(() => decodeText(odd, 'a.txt', 'latin1')).message, /half a UTF-16.* at byte 7;/);
  for (const half of ['\ud83d', '\ude00', '\ud83dx']) {
    const error = thrownBy(() => decodeText(utf16(`a\n${half}`, 'be', '\ufeff'), 'a.txt'));
    assert.match(error.message, /line 2: .*half of a UTF-16 pair.* at byte 7;/);
  }
});

test('UTF-32 is named by its byte order mark, in both byte orders', () => {
  for (const bytes of [
    [0xff, 0xfe, 0, 0, 0x73, 0, 0, 0],
    [0, 0, 0xfe, 0xff, 0, 0, 0, 0x73],
  ]) {
    const { code, message } = thrownBy(() => decodeText(Buffer.from(bytes), 'talk.srt'));
    assert.equal(code, 'E_TEXT_ENCODING');
    assert.match(
      message,
      /^talk\.srt: expected UTF-8 or UTF-16, found UTF-32; save it as UTF-8 in the program/,
    );
  }
});

test('truncated UTF-16 is distinguished from binary data, with and without byte order mark', () => {
  for (const mark of ['', '\ufeff']) {
    const error = thrownBy(() => decodeText(utf16(LINES, 'le', mark).subarray(0, 31), 'a.TextGrid'));
    assert.match(error.message, /line 2: .*half a UTF-16 character at the end, at byte 31;/);
  }
});

test('UTF-16 without byte order mark is known by the letters of any alphabet, in capitals too', () => {
  const texts = [
    'Привет мир',
    'ДОБРЫЙ ДЕНЬ\nТОВАРИЩИ',
    'Καλημέρα σας',
    'صباح الخير',
    'नमस्ते दुनिया',
    'שלום עולם',
    // Without a zero byte there is no blank and no line end.
    'Привет',
  ];
  for (const text of texts) {
    for (const order of ['le', 'be'] as const)
      assert.deepEqual(decodeText(utf16(text, order, ''), 'a.txt'), { text, encoding: `utf-16${order}` });
  }
});

test('Chinese, Japanese and Korean in UTF-16 without byte order mark are known by their common characters', () => {
  const texts = [
    '今天天气很好，我们去公园吧。',
    '他说：“一二三……”\r\n然后走了。',
    // A zero byte for each blank and each 一, on the other side than in Latin letters.
    '我　是　一　个　学生',
    '臺灣的學生說國語',
    '今日はいい天気ですね。\n公園に行きましょう。',
    'カタカナ　ひらがな',
    '오늘은 날씨가 좋습니다.\n그래서 공원에 갔습니다.',
    '안녕하세요여러분',
    '你好。',
    '我们 said 走吧 at 12.5\n',
  ];
  for (const text of texts) {
    for (const order of ['le', 'be'] as const) {
      for (const legacy of [null, 'windows-1252'] as const) {
        const decoded = decodeText(utf16(text, order), 'a.txt', legacy);
        assert.deepEqual(decoded, { text, encoding: `utf-16${order}` });
      }
    }
  }
});

test('older encodings of East Asia are refused with the fix, and are not taken for UTF-16', () => {
  // 今天天气很好 in GBK, 今天天氣很好 in Big5, 안녕하세요 여러분 in EUC-KR, こんにちは、世界 in Shift JIS and EUC-JP.
  const texts = [
    'bdf1ccecccecc6f8badcbac3',
    'a4b5a4d1a4d1aef0abdca66e',
    'bec8b3e7c7cfbcbcbfe420bfa9b7afbad0',
    '82b182f182c982bf82cd81418e908a45',
    'a4b3a4f3a4cba4c1a4cfa1a2c0a4b3a6',
  ];
  for (const hex of texts) {
    const error = thrownBy(() => decodeText(Buffer.from(hex, 'hex'), 'a.txt'));
    assert.match(`${error.code} ${error.message}`, /^E_TEXT_ENCODING .*not UTF-8.*save it as UTF-8/);
  }
});

test('Windows-1252 is not taken for Chinese, however long, nor are its numbers', () => {
  const texts = [
    'Le café était fermé hier à côté. Où êtes-vous allés? Dès l’été, les élèves rêvent.\n'.repeat(9),
    '1\n00:00:00,000 --> 00:00:01,000\ncafé\n\n2\n00:00:01,000 --> 00:00:02,000\nété\n',
    '10;11;12\n20;21;22\né\n30;31;32\n1010101010101010;\n',
    'é\t0\t2500\t2500\r\nè\t2500\t4000\t1500\r\n',
  ];
  for (const text of texts) {
    for (let length = 1; length <= text.length; length++) {
      const bytes = encodeWindows1252(text.slice(0, length));
      assert.equal(decodeText(bytes, 'a.txt', 'windows-1252').text, text.slice(0, length));
    }
  }
});

test('a text that may be UTF-16 with rare characters is a question, and no letters are guessed', () => {
  const rare = '今天天气很好我们去公园吧。龘靐齉爩鱻麤龗灪';
  for (const order of ['le', 'be'] as const) {
    const error = thrownBy(() => decodeText(utf16(rare, order), 'a.txt', 'windows-1252'));
    assert.equal(error.code, 'E_TEXT_ENCODING');
    assert.match(error.message, /may be UTF-16 without a byte order mark.*save it as UTF-8/);
  }
});

test('the fix is one for the format of the file', () => {
  const fixOf = (file: string) =>
    thrownBy(() => decodeText(Uint8Array.of(0xff, 0x41), file)).message.split('; ')[1];
  assert.equal(fixOf('a.TextGrid'), 'save it as UTF-8: in Praat, "Save as text file..."');
  for (const file of ['a.eaf', 'a.srt', 'engUS_cleanup.txt'])
    assert.equal(fixOf(file), 'save it as UTF-8 in the program that made it');
});

test('binary data is refused at its first zero byte', () => {
  const binary = Buffer.from('ooBinaryFile\bTextGrid\0\0\0\0\0\0\u0001');
  const error = thrownBy(() => decodeText(binary, 'a.TextGrid', 'latin1'));
  assert.equal(error.code, 'E_TEXT_ENCODING');
  assert.match(error.message, /zero byte.* at byte 22;.*Save as text file/);
  const one = thrownBy(() => decodeText(Buffer.from('a long text with\0one zero byte'), 'a.txt'));
  assert.match(one.message, /zero byte.* at byte 17;/);
  const inside = thrownBy(() => decodeText(utf16('a text\0', 'le', '\ufeff'), 'a.txt'));
  assert.match(inside.message, /zero character/);
});

test.run();
