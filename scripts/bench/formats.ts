import { atOnce } from '../../src/base/pieces.ts';
import { CSV_RESULT } from '../../src/formats/csv/result.ts';
import type { ResultDocument } from '../../src/formats/result.ts';
import type { TextGrid } from '../../src/formats/textgrid/model.ts';
import { readTextGrid } from '../../src/formats/textgrid/read.ts';
import { writeTextGrid } from '../../src/formats/textgrid/write.ts';
import type { IntervalTier } from '../../src/formats/tiers.ts';
import { type LabelledWord, type PhoneSource, restorePhones } from '../../src/lexicon/phones-back.ts';
import { documentOf, readBack, saidBy, writeResult } from '../../testing/result.ts';
import type { Benchmark, Figure } from './benchmark.ts';
import { largeFileFigures } from './large-files.ts';
import { repeatableRandom, timeInTurn } from './numbers.ts';
import { READER_ROUNDS, readerFigures } from './readers.ts';

const ITEM_COUNT = 100_000;
const PHONE_COUNT = 1_000_000;
const ROUNDS = 5;

export const formats: Benchmark = {
  name: 'formats',
  summary: `${ITEM_COUNT} words or intervals, beside JSON of the same data; median of ${ROUNDS}, of readers ${READER_ROUNDS}`,
  run: async (context) => ({
    figures: [
      await phonesBack(),
      ...(await textGrids()),
      ...(await table()),
      ...(await readerFigures()),
      ...(await largeFileFigures(context)),
    ],
    notes: [],
  }),
};

async function phonesBack(): Promise<Figure> {
  const { words, source } = makeAligned();
  const where = { file: 'talk.TextGrid', tier: 'speaker' };
  const { oursMs, besideMs } = await timeInTurn(
    ROUNDS,
    () => restorePhones(words, source, where),
    () => JSON.parse(JSON.stringify(words)),
  );
  return {
    what: 'phones back',
    value: oursMs / 1000,
    unit: 's',
    beside: { name: 'JSON copy', value: besideMs / 1000 },
    goal: { atMost: 1 },
  };
}

async function textGrids(): Promise<Figure[]> {
  const grid = makeGrid();
  const text = writeTextGrid(grid);
  const json = JSON.stringify(grid);
  const reading = await timeInTurn(
    ROUNDS,
    () => readTextGrid(text, 'talk.TextGrid'),
    () => JSON.parse(json),
  );
  const writing = await timeInTurn(
    ROUNDS,
    () => writeTextGrid(grid),
    () => JSON.stringify(grid),
  );
  const figure = (what: string, name: string, { oursMs, besideMs }: typeof reading): Figure => ({
    what,
    value: oursMs,
    unit: 'ms',
    beside: { name, value: besideMs },
  });
  return [
    figure(`TextGrid read, ${(text.length / 1e6).toFixed(1)} MB`, 'JSON.parse', reading),
    figure('TextGrid written', 'JSON.stringify', writing),
  ];
}

/** The table of the phones of a result, which is also read back. */
async function table(): Promise<Figure[]> {
  const document = makeDocument();
  const text = writeResult(CSV_RESULT, [document]).get('phones.csv') ?? '';
  const writing = await timeInTurn(
    ROUNDS,
    () => writeBytes(document),
    () => JSON.stringify(document),
  );
  const json = JSON.stringify(document);
  const reading = await timeInTurn(
    ROUNDS,
    () => readBack(CSV_RESULT, 'phones.csv', text, [document.durationSec], 65_536),
    () => JSON.parse(json),
  );
  const size = `${PHONE_COUNT} phones, ${(text.length / 1e6).toFixed(1)} MB`;
  return [
    {
      what: `table written, ${size}`,
      value: writing.oursMs / 1000,
      unit: 's',
      beside: { name: 'JSON.stringify', value: writing.besideMs / 1000 },
      goal: { atMost: 2 },
    },
    {
      what: 'table read back',
      value: reading.oursMs / 1000,
      unit: 's',
      beside: { name: 'JSON.parse', value: reading.besideMs / 1000 },
    },
  ];
}

/** Writes a result piece by piece, as the package stage stores it. @returns the number of bytes */
function writeBytes(document: ResultDocument): number {
  let bytes = 0;
  const store = (_name: string, text: string) => {
    bytes += Buffer.from(text).length;
  };
  const writer = CSV_RESULT.begin({ alphabet: 'ARPAbet' });
  atOnce(writer.add(document, { toRecording: store, toTask: store }));
  return bytes;
}

/** Words of four phones, with a pause after each tenth. */
function makeDocument(): ResultDocument {
  const frames = (at: number) => Math.round(at * 70 + Math.floor(at / 40) * 300) / 1000;
  const words = Array.from({ length: PHONE_COUNT / 4 }, (_, word) => ({
    text: `word${word % 5_000}`,
    phones: Array.from({ length: 4 }, (_unused, n) => {
      const at = word * 4 + n;
      const startSec = frames(at);
      return ['AH0', 'ə', startSec, Math.round(startSec * 1000 + 70) / 1000] as const;
    }),
  }));
  const durationSec = frames(PHONE_COUNT) + 1;
  return documentOf(durationSec, [saidBy('speaker', words, durationSec)]);
}

/** Words of 1 to 8 phones with 1 to 3 pronunciations each, as an engine with a simpler phone set aligned them. */
function makeAligned(): { words: LabelledWord[]; source: PhoneSource } {
  const random = repeatableRandom(3);
  const complexToSimple = new Map<string, string>();
  for (let phone = 0; phone < 60; phone++) complexToSimple.set(`p${phone}`, `s${phone % 40}`);
  const complex = new Map<string, string[][]>();
  for (let word = 0; word < 5_000; word++) {
    const pronounce = () =>
      Array.from({ length: 1 + Math.floor(random() * 8) }, () => `p${Math.floor(random() * 60)}`);
    complex.set(`w${word}`, Array.from({ length: 1 + Math.floor(random() * 3) }, pronounce));
  }
  const words = Array.from({ length: ITEM_COUNT }, (_, index): LabelledWord => {
    const label = `w${Math.floor(random() * 5_000)}`;
    const variants = complex.get(label) ?? [];
    const phones = variants[Math.floor(random() * variants.length)] ?? [];
    return {
      label,
      startSec: index,
      endSec: index + 1,
      phones: phones.map((phone, n) => ({
        label: complexToSimple.get(phone) ?? phone,
        startSec: index + n / phones.length,
        endSec: index + (n + 1) / phones.length,
      })),
    };
  });
  return { words, source: { complex, complexToSimple } };
}

function makeGrid(): TextGrid {
  const random = repeatableRandom(4);
  const boundaries = [0];
  for (let index = 0; index < ITEM_COUNT; index++) {
    boundaries.push(Math.round(((boundaries.at(-1) ?? 0) + 0.03 + random()) * 1000) / 1000);
  }
  const span = { startSec: 0, endSec: boundaries.at(-1) ?? 0 };
  const intervals = Array.from({ length: ITEM_COUNT }, (_, index) => ({
    startSec: boundaries[index] ?? 0,
    endSec: boundaries[index + 1] ?? 0,
    text: index % 4 === 0 ? '' : `word ${index}`,
  }));
  const tier: IntervalTier = { kind: 'interval', name: 'speaker', ...span, intervals };
  return { ...span, tiers: [tier] };
}
