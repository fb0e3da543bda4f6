import assert from 'node:assert/strict';
import { suite } from 'uvu';
import { TaskError } from '../../src/base/errors.ts';
import { atOnce } from '../../src/base/pieces.ts';
import { readXml } from '../../src/formats/xml.ts';
import { feed, SEED } from '../support/feed.ts';

const test = suite(`generated XML, seed ${SEED}`);
const GOOD = [
  '<a p="1" q="x"><b at="0">so <c/>it &lt;was&gt; &#xe9;</b>\n\t<b at="2">late</b><b\n\tat=\'4\' />\n\t<b at="5">no</b ></a>\n',
  ' <a>x</a>\n',
  `${'<a><b p="1"/>'.repeat(97)}x${'</a>\r\n'.repeat(97)}`,
];
const PIECES = [
  ...['<', '>', '/>', '</', '&', '"', "'", '=', ' ', '\n', '\r', '\r\n', '\t', '\0', '\u0001', '\uFFFE', 'é'],
  ...['&amp;', '&#32;', '&#10;', '&#0;', '&#xD800;', '&x;', ']]>', '<![CDATA[x]]>', '<!-- x -->', '<?x y?>'],
  ...['<a>', '</a>', '<b at="2">', '</b>', '</b at="2">', ' at="1"', ' x:y="1"', ' __proto__="1"', 'b:c'],
  'a'.repeat(200),
];
/** Before all else it leaves everything to the complete parser. */
const COMMENT = '<!-- x -->';

test('3,000 files are read as the complete parser reads all of them', () =>
  feed(3_000, GOOD, PIECES, (mutated) => {
    // Decoders leave no halves of characters.
    const text = mutated.toWellFormed();
    assert.deepEqual(told(text, 0), told(COMMENT + text, COMMENT.length));
  }));

test.run();

/** What is told of an XML text, without lines. @param before - so much of it does not count */
function told(xml: string, before: number): string[] {
  const all: string[] = [];
  let text = '';
  const tell = (one: string) => {
    all.push(JSON.stringify(text), one);
    text = '';
  };
  let depth = 0;
  const handler = {
    open: ({ name, attributes, end }: { name: string; attributes: object; end: number }) => {
      tell(`<${name} ${JSON.stringify(attributes)} ${end - before}`);
      depth += 1;
    },
    close: (name: string, end: number) => {
      tell(`</${name} ${end - before}`);
      depth -= 1;
    },
    text: (more: string) => {
      if (depth > 0) text += more;
    },
  };
  try {
    atOnce(readXml(() => [xml], 'x.xml', handler));
  } catch (error) {
    assert.ok(error instanceof TaskError);
    tell(error.faults[0].text);
  }
  return all;
}
