import { suite } from 'uvu';
import { atOnce } from '../../src/base/pieces.ts';
import { findTierFaults } from '../../src/formats/check-tiers.ts';
import { EAF } from '../../src/formats/eaf/format.ts';
import { EAF_RESULT } from '../../src/formats/eaf/result.ts';
import { isElanTab, readElanTab } from '../../src/formats/elan-tab/read.ts';
import type { Transcript } from '../../src/formats/transcript.ts';
import { documentOf, saidBy, writeResult } from '../../testing/result.ts';
import { aligned, eafTier, makeEaf, referring } from '../support/eaf.ts';
import { feed, feedLong, SEED } from '../support/feed.ts';

const test = suite(`generated files of ELAN, seed ${SEED}`);
const ODD = [
  '-1',
  '1e999',
  '0x10',
  '00',
  '.5',
  'NaN',
  '\0',
  '"',
  '\r',
  '\r\n',
  '\t',
  '\uFEFF',
  '\uD800',
  '\u2028',
];
const OPTIONS = { legacyEncoding: null, audioSec: 2, warn: () => {} };

const words = [aligned('b1', 1, 3, 'o&amp;ne'), aligned('b2', 3, 4, 'two'), aligned('b3', 4, 2, '')];
const GOOD = makeEaf({
  media: '<MEDIA_DESCRIPTOR MEDIA_URL="file:///a/talk.wav" MIME_TYPE="x" TIME_ORIGIN="5"/>',
  times: [0, 1000, null, null],
  tiers: [
    eafTier('anna', [aligned('a1', 1, 2, '12')]),
    eafTier('words', words, 'PARENT_REF="anna"'),
    eafTier('pos', [referring('c1', 'b1', 'N'), referring('c2', 'b1', 'V', 'c1')], 'PARENT_REF="words"'),
  ],
  rest: '',
});
const TAGS = [
  ...[
    '<',
    '>',
    '&',
    '</TIER>',
    '<TIER TIER_ID="x">',
    ' TIER_ID="pos"',
    '<![CDATA[',
    '<!--',
    ']]>',
    '<?xml ',
    '<!DOCTYPE a [',
  ],
  ...['ts1', 'ts9', 'a1', 'b2', ' PARENT_REF="pos"', ' PREVIOUS_ANNOTATION="c2"', '&#0;', ' TIME_VALUE="3"'],
];
const IDS = [
  'ts1',
  'ts2',
  'ts3',
  'ts4',
  'ts9',
  'a1',
  'b1',
  'b2',
  'c1',
  'c2',
  'anna',
  'words',
  'pos',
  '"',
  '7',
  '-3',
  '',
];

function look({ tiers }: Transcript): void {
  for (const tier of tiers)
    if (tier.kind === 'interval') findTierFaults(tier, { file: 'x', audioDurationSec: 2 });
}

test('2,000 EAFs: tiers, or E_TRANSCRIPT_MALFORMED', () =>
  feed(2_000, [GOOD], [...ODD, ...TAGS], (text) =>
    look(atOnce(EAF.read(Buffer.from(text), 'x.eaf', OPTIONS))),
  ));

test('2,000 EAFs of other references and times: what is read can be added to, and read again', async () => {
  // Only values change, so that most of the texts are still XML.
  const values = [...GOOD.matchAll(/(?<=(?:REF\d?|ID|VALUE|ANNOTATION|ORIGIN)=")[^"]*/g)].map(
    ({ 0: value }) => value,
  );
  await feed(
    2_000,
    [values.join('\n')],
    IDS.map((id) => `${id}\n`),
    (changed) => {
      const next = changed
        .replace(/[^\n\w-]/g, '')
        .split('\n')
        .values();
      const text = GOOD.replace(
        /(?<=(?:REF\d?|ID|VALUE|ANNOTATION|ORIGIN)=")[^"]*/g,
        () => next.next().value ?? '',
      );
      const bytes = Buffer.from(text);
      const read = atOnce(EAF.read(bytes, 'x.eaf', OPTIONS));
      look(read);
      const said = saidBy('words', [{ text: 'one', phones: [['W', 'w', 0.1, 0.2]] }], 2);
      const original = { name: 'x.eaf', bytes, legacyEncoding: null };
      for (const again of writeResult(EAF_RESULT, [documentOf(2, [said], { original })]).values())
        atOnce(EAF.read(Buffer.from(again), 'again.eaf', { ...OPTIONS, warn: () => {} }));
    },
  );
});

test("5,000 of ELAN's tables: tiers, E_TRANSCRIPT_MALFORMED, or none of ELAN's", () => {
  const good = [
    '"#file:///a.wav"\n\nanna\tA.\t00:00:00.000\t0.0\t00:00:01.000\t1.0\tone\nbert\t\t00:00:01.000\t1.0\t00:00:02.000\t2.0\t\n',
    'Begin Time - msec\tDuration - msec\tanna\tbert\n0\t500\tone\t\n500\t500\t\ttwo\n',
    'anna\t0.0\tone\nanna\t1.5\ttwo',
  ];
  const pieces = [...ODD, '\t\t', '#', 'x.eaf', '00:00:00.5', ' - ss.msec', 'End Time - msec', '1:2'];
  return feed(5_000, good, pieces, (text) => {
    if (isElanTab(text)) look(atOnce(readElanTab(text, 'x.txt', OPTIONS)));
  });
});

test('no piece makes a reader slow, however often it is repeated', async () => {
  const row = 'x\t1.0\t2.0\tone\n';
  await feedLong([GOOD], [...TAGS, '<ANNOTATION>', aligned('a2', 1, 2, 'x')], (text) =>
    atOnce(EAF.read(Buffer.from(text), 'x.eaf', OPTIONS)),
  );
  await feedLong([row], [row, '\t', '\n', '1.0\t'], (text) => {
    if (isElanTab(text)) look(atOnce(readElanTab(text, 'x.txt', OPTIONS)));
  });
});

test.run();
