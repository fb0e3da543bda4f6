import assert from 'node:assert/strict';
import { suite } from 'uvu';
import { aligned, eafTier, makeEaf, referring } from '../../support/eaf.ts';
import { thrownBy } from '../thrown.ts';
import { readEaf } from './read-eaf.ts';

const test = suite('malformed EAF');

const GOOD = makeEaf({ times: [0, 1000], tiers: [eafTier('anna', [aligned('a1', 1, 2, 'one')])] });
const refusal = (content: string | Uint8Array) => thrownBy(() => readEaf(content)).message;

test('what is not XML is reported with line, column and the fix', () => {
  assert.match(
    refusal(GOOD.replace('one<', 'one & two<')),
    /^talk\.eaf line 6 column 173: expected &amp; for each "&" in a text, found "& two<\/ANNOTATION_VA"; correct the file, or save it again with the program that made it$/,
  );
  assert.match(
    refusal(GOOD.replace('</TIER>', '')),
    /line 14 column 22: expected <\/TIER>, found another end tag/,
  );
  assert.match(
    refusal(GOOD.slice(0, -30)),
    /expected <\/ANNOTATION_DOCUMENT>, found the end of the file, which may be cut short/,
  );
  assert.match(refusal(GOOD.slice(0, 600)), /^talk\.eaf line \d+ column \d+: expected/);
  assert.match(
    refusal(''),
    /^talk\.eaf line 1 column 1: expected well-formed XML, found no element, as in an empty file; correct the file/,
  );
  assert.match(
    refusal('\n<?xml version="1.0"?>\n<ANNOTATION_DOCUMENT/>'),
    /^talk\.eaf line 2 column \d+: expected <\?xml \.\.\. \?> at the very start, found something before it;/,
  );
  assert.match(refusal('{"not": "xml"}'), /^talk\.eaf line 1 column \d+: expected well-formed XML/);
});

test('XML of another program is recognised by its root', () => {
  assert.match(
    refusal('<?xml version="1.0"?>\n  <Trans scribe="x"/>'),
    /^talk\.eaf line 2 column 3: expected an EAF of ELAN \(<ANNOTATION_DOCUMENT>\), found "Trans"; save it in ELAN$/,
  );
});

test('no entity is expanded, and no DTD is read or fetched', () => {
  const prolog = (dtd: string) => GOOD.replace('?>\n', `?>\n${dtd}\n`);
  const bomb = prolog('<!DOCTYPE a [<!ENTITY l "lol"><!ENTITY b "&l;&l;&l;">]>').replace('one<', '&b;<');
  assert.match(refusal(bomb), /^talk\.eaf line 2 column \d+: expected no DTD inside the file, found one/);
  const outside = prolog('<!DOCTYPE ANNOTATION_DOCUMENT SYSTEM "file:///etc/pass[wd].dtd">');
  assert.equal(readEaf(outside).tiers.length, 1);
  assert.match(
    refusal(outside.replace('one<', '&secret;<')),
    /line 7 column 169: expected &amp; for each "&" in a text, found "&secret;/,
  );
});

test('a unit of time that only objects of the program have is not known', () => {
  assert.match(refusal(makeEaf({ header: 'TIME_UNITS="constructor"' })), /found "constructor"/);
});

test('all faults of a file are reported together, each with its place', () => {
  const eaf = makeEaf({
    header: 'TIME_UNITS="seconds"',
    media: '<MEDIA_DESCRIPTOR MEDIA_URL="a.wav" MIME_TYPE="x" TIME_ORIGIN="soon"/>',
    times: [0, 1000],
    tiers: [
      '<TIME_SLOT TIME_SLOT_ID="ts1" TIME_VALUE="7"/>',
      '<TIME_SLOT TIME_SLOT_ID="ts3" TIME_VALUE="1,5"/>',
      eafTier('anna', [aligned('a1', 1, 9, 'one'), referring('a2', '', 'x')]),
      '<TIER><REF_ANNOTATION/></TIER>',
      aligned('a3', 1, 2, 'outside'),
    ],
  });
  const faults = refusal(eaf)
    .split('\n')
    .map((line) => line.replace(/^talk\.eaf line (\d+) column \d+: expected /, '$1 '));
  const expected = [
    /^3 TIME_UNITS milliseconds, PAL-frames, NTSC-frames, found "seconds"/,
    /^3 a whole number of milliseconds as TIME_ORIGIN, found "soon"/,
    /^6 one time for the time slot "ts1", found "7"/,
    /^7 a whole number as TIME_VALUE, found "1,5"/,
    /^9 the attribute ANNOTATION_REF of <REF_ANNOTATION>, found none/,
    /^10 the attribute TIER_ID of <TIER>, found none/,
    /^10 the attribute ANNOTATION_REF/,
    /^11 <ALIGNABLE_ANNOTATION> inside a <TIER>, found it outside/,
    /^8 the time slot "ts9" in TIME_ORDER, found none/,
  ];
  for (const [index, pattern] of expected.entries()) assert.match(faults[index] ?? '', pattern);
  assert.equal(faults.length, expected.length);
});

test('references that lead nowhere, to two places, or back, are reported', () => {
  const eaf = makeEaf({
    times: [0, 1000],
    tiers: [
      eafTier('anna', [aligned('a1', 1, 2, 'one'), aligned('a1', 1, 2, 'two')]),
      eafTier('b', [referring('b1', 'gone', 'x')], 'PARENT_REF="anna"'),
      eafTier('c', [referring('c1', 'a1', 'x')], 'PARENT_REF="anna"'),
      eafTier('d', [referring('d1', 'd2', 'x'), referring('d2', 'd1', 'x')], 'PARENT_REF="anna"'),
      eafTier('e', [], 'PARENT_REF="nobody"'),
      eafTier('f', [], 'PARENT_REF="g"'),
      eafTier('g', [], 'PARENT_REF="f"'),
      eafTier('anna', []),
    ],
  });
  const told = refusal(eaf);
  for (const pattern of [
    /expected one annotation "gone", to which this one refers, found none/,
    /expected one annotation "a1", to which this one refers, found two/,
    /expected ANNOTATION_REF to lead to an annotation with a time, found none on the way/,
    /expected the tier "nobody", on which this one depends, found none/,
    /expected a tier that does not depend on itself/,
    /expected each TIER_ID once, found "anna" twice/,
  ])
    assert.match(told, pattern);
});

test('a tag is found where it begins, even if it goes over several lines', () => {
  const broken = GOOD.replace(
    '<TIME_SLOT TIME_SLOT_ID="ts1" TIME_VALUE="0"/>',
    '\r\n  <TIME_SLOT\r\n TIME_SLOT_ID="ts1"\r\n TIME_VALUE="no"/>',
  );
  assert.match(
    refusal(broken),
    /^talk\.eaf line 5 column 3: expected a whole number as TIME_VALUE, found "no"/,
  );
});

test('a tag with very many attributes is refused before they are looked at', () => {
  const attributes = Array.from({ length: 100_000 }, (_, at) => `attribute${at}=""`).join(' ');
  const fault = refusal(`<ANNOTATION_DOCUMENT\n ${attributes}/>`);
  assert.match(fault, /talk\.eaf line 1 column 1: expected at most 1048576 characters in a tag, found more;/);
});

test('elements inside each other without end cost no memory', () => {
  assert.match(
    refusal('<ANNOTATION_DOCUMENT>'.repeat(200)),
    /expected at most 100 elements inside each other, found more/,
  );
});

test.run();
