import assert from 'node:assert/strict';
import { mkdtemp, open, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { suite } from 'uvu';
import { TaskError } from '../../src/base/errors.ts';
import { atOnce } from '../../src/base/pieces.ts';
import { findTierFaults } from '../../src/formats/check-tiers.ts';
import { readEntities } from '../../src/formats/entities.ts';
import { decodeText } from '../../src/formats/text-encoding.ts';
import { readTextGrid } from '../../src/formats/textgrid/read.ts';
import { readBinaryTextGridInPieces } from '../../src/formats/textgrid/read-binary.ts';
import { readTrigraphs } from '../../src/formats/textgrid/trigraphs.ts';
import { writeTextGrid } from '../../src/formats/textgrid/write.ts';
import { readWavHeader } from '../../src/formats/wav-header.ts';
import { parseCleanupRules } from '../../src/lexicon/cleanup-rules.ts';
import { parseDictionaryLine, splitPhones } from '../../src/lexicon/dictionary.ts';
import { parseLangs } from '../../src/lexicon/langs.ts';
import { parseMarkerRules } from '../../src/lexicon/markers/table.ts';
import { parsePhoneList } from '../../src/lexicon/phone-list.ts';
import { textRulesOf } from '../../src/lexicon/text-rules.ts';
import { readUserDictionary } from '../../src/lexicon/user-dictionary.ts';
import { collectCandidates, resolveLabel } from '../../src/lexicon/words.ts';
import { sortTiers } from '../../src/pipeline/prepare/earlier-alignment.ts';
import { makeWav } from '../../testing/wav.ts';
import { writeBinaryTextGrid } from '../support/binary-textgrid.ts';
import { feed, SEED } from '../support/feed.ts';

const test = suite(`readers that get generated input, seed ${SEED}`);
const NUMBERS = ['-1', '1e999', '9007199254740993', '0x10', '00', '.5', 'NaN', '-0', '1e-320', '99999999'];
const SIGNS = [
  '\0',
  '"',
  '""',
  '\r',
  '\r\n',
  '\n',
  '\t',
  '\uFEFF',
  '\uFFFD',
  '\uD800',
  '\u2028',
  '<exists>',
  '!',
];
const dir = await mkdtemp(path.join(os.tmpdir(), 'autophon-fuzz-'));
const MEMORY_LIMIT_KIB = 384 * 1024;
const startedWithKib = process.resourceUsage().maxRSS;
test.after(() => rm(dir, { recursive: true }));

const GRIDS = [
  writeTextGrid({
    startSec: 0,
    endSec: 2,
    tiers: [
      {
        kind: 'interval',
        name: 'a "b"',
        startSec: 0,
        endSec: 2,
        intervals: [interval(0, 1, 'one'), interval(1, 2, '')],
      },
      { kind: 'point', name: 'p', startSec: 0, endSec: 2, points: [{ timeSec: 1, text: 'x' }] },
    ],
  }),
  'File type = "ooTextFile"\n"TextGrid"\n0 1 <exists> 1 "IntervalTier" "a" 0 1 2 0 0.5 "x" 0.5 1 "y"',
  '"Praat chronological TextGrid text file"\n0 1/1 ! Time domain.\n2\n"IntervalTier" "a" 0 1\n"TextTier" "p" 0 100%\n1 0 0.5 "x"\n2 25% "y"',
  '"ooTextFile"\n"TextGrid"\n0 1 <exists> 4 "IntervalTier" "a - word" 0 1 2 0 0.5 "x" 0.5 1 "sp" "IntervalTier" "a - phone" 0 1 1 0 0.5 "AH" ' +
    '"IntervalTier" "words" 0 1 1 0 1 "x" "IntervalTier" "phones" 0 1 1 0 1 "B"',
];

test('50,000 transcripts: a TextGrid, or E_TEXTGRID_MALFORMED', async () => {
  const pieces = [
    ...NUMBERS,
    ...SIGNS,
    '"IntervalTier"',
    '"TextTier"',
    '"a"',
    '" - phones"',
    '<absent>',
    'intervals: size = 9 ',
    ' 0 0 ""',
  ];
  await feed(50_000, GRIDS, pieces, (text) => {
    const grid = readTextGrid(text, 'x.TextGrid');
    for (const tier of grid.tiers)
      if (tier.kind === 'interval') findTierFaults(tier, { file: 'x.TextGrid', audioDurationSec: 2 });
    const rules = {
      phones: {
        isPhone: (label: string) => label.length < 3,
        isPause: (label: string) => label === 'sp',
        isPhoneOnly: (label: string) => label.length < 2,
      },
      isSilence: (label: string) => label === 'sp',
    };
    const sorted = atOnce(sortTiers(grid, 'x.TextGrid', rules));
    assert.ok(sorted.content.tiers.length <= grid.tiers.length);
    // Accepted input can be written and read again.
    if (text.length < 500) readTextGrid(writeTextGrid(grid), 'again.TextGrid');
  });
});

test('20,000 binary TextGrids: a TextGrid, or E_TEXTGRID_MALFORMED', async () => {
  const pieces = [
    '\0',
    '\0\0\0\u0001',
    '\u00ff\u00ff',
    '\u00ff\u00ff\u00ff\u00ff',
    '\u007f\u00f8',
    '\u00d8\u0000',
    'TextTier',
  ];
  const good = writeBinaryTextGrid(readTextGrid(GRIDS[0] ?? '', 'x.TextGrid')).toString('latin1');
  await feed(20_000, [good, good.replace('one', '\u00ff\u00ff\0\u0001\0\u00e9')], pieces, (text) => {
    const grid = atOnce(readBinaryTextGridInPieces(Buffer.from(text, 'latin1'), 'x.TextGrid'));
    const [tier] = grid.tiers;
    if (tier?.kind === 'interval') findTierFaults(tier, { file: 'x.TextGrid', audioDurationSec: 2 });
    // Accepted input can be stored as text.
    for (const one of grid.tiers) assert.ok(one.name.isWellFormed());
  });
});

test('10,000 runs of bytes in any encoding: text, or E_TEXT_ENCODING', async () => {
  const marks = [
    '\u00ff\u00fe',
    '\u00fe\u00ff',
    '\u00ef\u00bb\u00bf',
    '\u00c3',
    '\u0080',
    '\u00ed\u00a0\u0080',
    '\0\0',
  ];
  await feed(10_000, [...GRIDS, 'Ã¥Ã¤Ã¶ blåbær'], marks, (text) => {
    decodeText(Buffer.from(text, 'latin1'), 'x.TextGrid', null);
    decodeText(Buffer.from(text, 'utf16le'), 'x.TextGrid', 'windows-1252');
  });
});

test('30,000 dictionary lines: an entry, a mistake or nothing', async () => {
  const pieces = [
    ...NUMBERS,
    ...SIGNS,
    ';;',
    '#',
    '(2)',
    '((',
    '\u00a0',
    '0.5',
    ' '.repeat(300),
    'A'.repeat(300),
  ];
  await feed(30_000, ['hello\tHH AH L OW', 'read(2)  0.5 0.1 R EH D', ';; comment'], pieces, (text) => {
    const parsed = parseDictionaryLine(text);
    if (parsed?.kind === 'entry') splitPhones(parsed.rest);
  });
});

test('1,000 user dictionaries: pronunciations, and faults with their lines', async () => {
  const pieces = [...NUMBERS, ...SIGNS, 'HH ZZ\n', '\t\t', '\n\n\n'];
  const language = { displayName: 'English', complexToSimple: new Map() };
  await feed(1_000, ['hello\tHH AH L OW\nworld\tW ER L D\n'.repeat(20)], pieces, async (text) => {
    const file = await put(Buffer.from(text));
    const { faults } = await readUserDictionary(file, new Set(['hello']), {
      language,
      phones: new Set(['HH', 'AH']),
      maxLines: 1_000,
    });
    assert.ok(faults.every(({ code }) => code === 'E_DICTIONARY_MALFORMED' || code === 'E_LIMIT'));
  });
});

test('20,000 langs.json, phone lists, clean-up rules and markers: faults are returned, never thrown', async () => {
  const pieces = [
    ...NUMBERS,
    ...SIGNS,
    '[[[[[[[[',
    '{"a":',
    '}',
    ']',
    ',',
    '\\u12',
    '__proto__',
    '"langs"',
    '(?=',
    '(a+)+',
  ];
  const good = [
    '{"langs": [{"engUS_SPHINX_v010": "English", "type": "other", "alphabet": "ARPAbet"}], "ngins": [{"code": "S", "name": "x"}]}',
    'version: 1\nphones: [AA0, "AA1", \'B\']  # c\nphones:\n- AA0\n- "B"\n',
    '"(\\w+)-" rsubstitute "\\1 \\g<1>"\n"a" substitute "b" # c\n',
    ';; c\n[laugh*] noise\n(*) words\n&=* noise\n',
  ];
  await feed(20_000, good, pieces, (text) => {
    parseLangs(text);
    parsePhoneList(text);
    parseCleanupRules(text);
    parseMarkerRules(text);
  });
});

test('10,000 labels: words and markers, and no piece of them is met twice', async () => {
  const pieces = [
    ...SIGNS,
    '((((',
    '))))',
    '[[',
    ']',
    '<i>',
    '</i>',
    '{BR}',
    '(0.5)',
    '&amp;',
    '&#x41;',
    "\\e'",
    '@s',
    '***',
  ];
  const good = [
    'yes [laughter] (I think (xxx)) <noise>word</noise> {BR} ((x)) (un)certain',
    'x<b>y</b>z [a b c d e] [/]',
  ];
  const rules = textRulesOf({ code: 'engUS_SPHINX_v010' });
  await feed(10_000, good, pieces, (text) => {
    const label = readEntities(readTrigraphs(text));
    const known = collectCandidates([label], rules);
    const found = resolveLabel(label, { ...rules, isKnown: (form) => known.has(form), takesUnknown: true });
    // Markup is removed, and text in brackets may also be named beside its words. Nothing else is there twice.
    const once = [...found.words, ...found.markers.filter(({ use }) => use === 'left out')];
    assert.ok(once.reduce((sum, one) => sum + one.text.length, 0) <= label.length);
  });
});

test('4,000 wav headers: a description, or a fault with a code', async () => {
  const pieces = [
    'RIFF',
    'RF64',
    'data',
    'fmt ',
    'ds64',
    '\u00ff\u00ff\u00ff\u00ff',
    '\0\0\0\0',
    '\u0001',
    '\u00fe\u00ff',
  ];
  const good = [
    makeWav({ samples: new Float64Array(50) }),
    makeWav({ samples: new Float64Array(50), isExtensible: true }),
  ];
  await feed(
    4_000,
    good.map((bytes) => bytes.toString('latin1')),
    pieces,
    async (text) => {
      await readWavHeader(await put(Buffer.from(text, 'latin1')), 'x.wav');
    },
  );
});

test('no input makes a reader use much memory, also files that only claim to be long', async () => {
  const claims = [
    'File type = "ooTextFile"\n"TextGrid"\n0 1 <exists> 4294967295 "IntervalTier" "a" 0 1 4294967295 0 0.5 "x"',
    '"ooTextFile"\n"TextGrid"\n0 1e308 <exists> 1 "IntervalTier" "a" 0 1e308 999999999999 0 1 "x"',
  ];
  for (const text of claims) assert.throws(() => readTextGrid(text, 'x.TextGrid'), TaskError);
  const header = makeWav({ samples: new Float64Array(50) });
  header.writeUInt32LE(0xffffffff, 40);
  // Some programs write it like this: then the audio is as long as the file.
  assert.ok((await readWavHeader(await put(header), 'x.wav')).durationSec < 1);
  const grewKib = process.resourceUsage().maxRSS - startedWithKib;
  assert.ok(grewKib < MEMORY_LIMIT_KIB, `the process grew by ${grewKib} KiB`);
});

test.run();

async function put(bytes: Buffer): Promise<string> {
  const file = path.join(dir, 'input');
  await using handle = await open(file, 'w');
  await handle.write(bytes);
  return file;
}

function interval(startSec: number, endSec: number, text: string) {
  return { startSec, endSec, text };
}
