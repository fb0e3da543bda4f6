import assert from 'node:assert/strict';
import { suite } from 'uvu';
import { TaskError } from '../../src/base/errors.ts';
import { formatFinding } from '../../src/base/finding.ts';
import { atOnce } from '../../src/base/pieces.ts';
import { readPlainXml } from '../../src/formats/plain-xml.ts';
import { readXml } from '../../src/formats/xml.ts';
import type { XmlHandler } from '../../src/formats/xml-handler.ts';

const test = suite('XML');
const PLAIN = [
  '<?xml version="1.0" encoding="UTF-8"?>',
  '<!DOCTYPE talk SYSTEM "talk-1.dtd">',
  '<talk by="Ann &amp; Ben">',
  '\t<turn at="0" who="Ann">so <b/>it &lt;was&gt; caf&#xe9;</turn>',
  '\t<turn at="2" who="Ben">late</turn><turn',
  '\t\twho=\'Ann\' at = "4\ts" />',
  '\t<turn at="5" who="Ben">no</turn >',
  '</talk>',
  '',
].join('\n');

test('tags have their line, column and end, texts and values their characters', () => {
  assert.deepEqual(told(PLAIN), [
    'talk 3:1 to 100 by=Ann & Ben',
    '"\\n\\t"',
    'turn 4:2 to 125 at=0 who=Ann',
    '"so "',
    'b 4:28 to 132',
    '/b to 132',
    '"it <was> café"',
    '/turn to 163',
    '"\\n\\t"',
    'turn 5:2 to 188 at=2 who=Ben',
    '"late"',
    '/turn to 199',
    'turn 5:36 to 230 who=Ann at=4 s',
    '/turn to 230',
    '"\\n\\t"',
    'turn 7:2 to 255 at=5 who=Ben',
    '"no"',
    '/turn to 265',
    '"\\n"',
    '/talk to 273',
  ]);
});

test('it makes no difference where the pieces of a text end', () => {
  for (const text of [PLAIN, PLAIN.replaceAll('\n', '\r\n'), PLAIN.replace('<b/>', '<!-- <b> -->')]) {
    for (let length = 1; length < text.length; length++)
      assert.deepEqual(told(text, length), told(text), `pieces of ${length}`);
  }
});

test('what is not plain is told as it is without it, and nothing is told twice', () => {
  const withoutPlaces = (text: string) => told(text).map((one) => one.replace(/(?: \d+:\d+)? to \d+/, ''));
  for (const added of ['<!-- late -->', '<?late?>', '<![CDATA[]]>']) {
    for (const before of ['</turn><turn', '</turn >', '</talk>']) {
      const text = PLAIN.replace(before, added + before);
      assert.equal(typeof atOnce(readPlainXml(() => [text], NOTHING)), 'number');
      assert.deepEqual(withoutPlaces(text), withoutPlaces(PLAIN), `${added} before ${before}`);
    }
  }
  assert.equal(atOnce(readPlainXml(() => [PLAIN], NOTHING)), null);
});

test('what is wrong is told with its place, after all that is before it', () => {
  const wrong: readonly (readonly [from: string, to: string, fault: RegExp])[] = [
    ['late</turn>', 'late</turm>', /line 5 column \d+: expected <\/turn>, found another end tag/],
    ['late', 'l & e', /line 5 column 27: expected &amp; for each "&"/],
    ['late', 'l&#0;e', /line 5 column \d+: expected &amp; for each "&" in a text, found "&#0;/],
    ['late', 'l\u0001e', /line 5 column \d+: expected well-formed XML, found disallowed character/],
    ['late', 'l]]>e', /line 5 column \d+: expected well-formed XML/],
    [
      'who="Ben">late',
      'at="3">late',
      /line 5 column \d+: expected well-formed XML, found duplicate attribute: at/,
    ],
    ['late', '<late', /line 5/],
    ['</talk>', '', /expected <\/talk>, found the end of the file/],
    ['</talk>', '</talk><talk/>', /line 8 column \d+: expected well-formed XML/],
  ];
  for (const [from, to, fault] of wrong) {
    const all = told(PLAIN.replace(from, to));
    assert.match(all.at(-1) ?? '', fault);
    assert.deepEqual(all.slice(0, 9), told(PLAIN).slice(0, 9), to);
  }
});

test('at most 100 elements may stand inside each other, whatever else is in the file', () => {
  const nested = (depth: number) => `${'<a>'.repeat(depth)}so${'</a>'.repeat(depth)}`;
  for (const added of ['', '<!-- late -->']) {
    assert.equal(told(added + nested(100)).at(-1), `/a to ${added.length + 702}`);
    assert.match(told(added + nested(101)).at(-1) ?? '', /expected at most 100 elements inside each other/);
  }
});

test('a reference before the first element is wrong, even if it is that of a blank', () => {
  assert.match(told('&#32;<talk/>').join(), /found text data outside of root node/);
});

test('names of any length are read', () => {
  const name = 'a'.repeat(70_000);
  for (const tag of [`<${name} b="1"/>`, `<a ${name}="1"/>`]) {
    const names = told(`<talk>${tag.repeat(3)}</talk>`).map(
      (one) => one.replaceAll(name, 'NAME').split(' ')[0],
    );
    const element = tag.startsWith('<a ') ? 'a' : 'NAME';
    assert.deepEqual(names, [
      'talk',
      element,
      `/${element}`,
      element,
      `/${element}`,
      element,
      `/${element}`,
      '/talk',
    ]);
  }
});

test.run();

const NOTHING: XmlHandler = { open: () => {}, close: () => {}, text: () => {} };

/** What is told of an XML text that comes in pieces of a length. Texts between two tags are one; a fault is the last. */
function told(xml: string, length = xml.length): string[] {
  const all: string[] = [];
  let text = '';
  let depth = 0;
  const tell = (one: string) => {
    if (text !== '') all.push(JSON.stringify(text));
    text = '';
    all.push(one);
  };
  function* pieces() {
    for (let at = 0; at < xml.length; at += length) yield xml.slice(at, at + length);
  }
  const handler: XmlHandler = {
    open: ({ name, attributes, line, column, end }) => {
      const values = Object.entries(attributes).map(([key, value]) => ` ${key}=${value}`);
      tell(`${name} ${line}:${column} to ${end}${values.join('')}`);
      depth += 1;
    },
    close: (name, end) => {
      tell(`/${name} to ${end}`);
      depth -= 1;
    },
    text: (more) => {
      if (depth > 0) text += more;
    },
  };
  try {
    atOnce(readXml(pieces, 'x.xml', handler));
  } catch (error) {
    assert.ok(error instanceof TaskError);
    tell(formatFinding(error.faults[0]));
  }
  return all;
}
