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
import { shownLabel } from '../../src/formats/transcript.ts';
import { readTranscriptInPieces } from '../../src/formats/transcript-formats.ts';
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
import { mutate, seededRandom } from '../support/mutate.ts';

/** Any number; a failure names it together with the input's own. `FUZZ_SEED` tries others. */
const SEED = Number(process.env['FUZZ_SEED'] ?? 20_260_101);
/** So many inputs for each reader, in place of the usual number. */
const COUNT = process.env['FUZZ_COUNT'];
const HANG_MS = 1_000;
/** Of what comes again and again: a reader that is not linear takes seconds for it. */
const LONG_CHARS = 100_000;

const test = suite(`readers fed with what nobody wrote, seed ${SEED}`);
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
    // What was accepted can be written and read again.
    if (text.length < 500) readTextGrid(writeTextGrid(grid), 'again.TextGrid');
  });
});

/** What the formats of lines and of XML trip over, with a good file of each. */
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
    feed(2_000, good, [...NUMBERS, ...SIGNS, ...pieces], read));

  test(`no piece makes a reader of such as ${file} slow, however often it comes`, async () => {
    for (const [number, piece] of [...SIGNS, ...pieces, ' ', '\t', 'x y'].entries()) {
      const many = piece.repeat(LONG_CHARS / piece.length);
      for (const text of good) {
        for (const at of [0, text.length / 3, text.length / 2, text.length / 1.2, text.length].map(
          Math.floor,
        )) {
          const long = `${text.slice(0, at)}${many}${text.slice(at)}`;
          if ((await timed(long, number, read)) > HANG_MS && (await timed(long, number, read)) > HANG_MS)
            assert.fail(`${JSON.stringify(piece)} many times at ${at} takes over ${HANG_MS} ms`);
        }
      }
    }
  });
}

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
    // What was accepted can be stored as text.
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
  const language = { displayName: 'English', complexToSimple: new Map() } as never;
  await feed(1_000, ['hello\tHH AH L OW\nworld\tW ER L D\n'.repeat(20)], pieces, async (text) => {
    const file = await put(Buffer.from(text));
    const { faults } = await readUserDictionary(
      file,
      new Set(['hello']),
      new Set(['HH', 'AH']),
      language,
      1_000,
    );
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
    // Markup goes, and what is in brackets may be named beside its words; nothing else is there twice.
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
  // Some programs leave it so: then the audio is as long as the file.
  assert.ok((await readWavHeader(await put(header), 'x.wav')).durationSec < 1);
  const grewKib = process.resourceUsage().maxRSS - startedWithKib;
  assert.ok(grewKib < MEMORY_LIMIT_KIB, `the process grew by ${grewKib} KiB`);
});

test.run();

/** Gives a reader so many inputs. It may refuse them with a TaskError; any other error, or a hang, fails the test. */
async function feed(
  count: number,
  good: readonly string[],
  pieces: readonly string[],
  read: (text: string) => unknown,
): Promise<void> {
  for (let number = 0; number < Number(COUNT ?? count); number++) {
    const random = seededRandom(SEED + number);
    const text = mutate(good[number % good.length] ?? '', pieces, random);
    // A busy machine may be slow once; a reader that hangs, hangs again.
    if ((await timed(text, number, read)) > HANG_MS && (await timed(text, number, read)) > HANG_MS)
      assert.fail(
        `input ${number} of seed ${SEED} takes over ${HANG_MS} ms: ${JSON.stringify(text.slice(0, 500))}`,
      );
  }
}

async function timed(text: string, number: number, read: (text: string) => unknown): Promise<number> {
  // Of the processor: how busy the machine is does not count.
  const started = process.cpuUsage();
  try {
    // Waiting for what is no promise would cost more than most readers.
    const pending = read(text);
    if (pending instanceof Promise) await pending;
  } catch (error) {
    if (!(error instanceof TaskError))
      assert.fail(
        `input ${number} of seed ${SEED}: ${String(error)}\n${JSON.stringify(text.slice(0, 2_000))}`,
      );
  }
  const { user, system } = process.cpuUsage(started);
  return (user + system) / 1000;
}

async function put(bytes: Buffer): Promise<string> {
  const file = path.join(dir, 'input');
  await using handle = await open(file, 'w');
  await handle.write(bytes);
  return file;
}

function interval(startSec: number, endSec: number, text: string) {
  return { startSec, endSec, text };
}
