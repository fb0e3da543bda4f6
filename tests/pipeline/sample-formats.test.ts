import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'uvu';
import { FORMAT_SAMPLES, type FormatSample } from '../../scripts/samples/make-formats.ts';
import { must } from '../../src/base/must.ts';
import { atOnce } from '../../src/base/pieces.ts';
import { RESULT_FORMATS, type ResultFormatName } from '../../src/base/result-kinds.ts';
import { createSphinx } from '../../src/engines/sphinx/sphinx.ts';
import { RESULT_WRITERS } from '../../src/formats/result-formats.ts';
import type { Transcript } from '../../src/formats/transcript.ts';
import { readTranscriptInPieces } from '../../src/formats/transcript-formats.ts';
import { convert } from '../../src/tasks/convert.ts';
import { createPipelineBench, POLICY } from '../../testing/pipeline.ts';
import { createTrivial, TRIVIAL_LANGUAGE } from '../../testing/trivial-engine.ts';
import { readZip } from '../../testing/zip.ts';

const SAMPLES = path.resolve(import.meta.dirname, '../../samples');
const RATE_HZ = 16_000;
const TOLERANCE_SEC = 0.0006;

/** A label with its times in seconds. */
type Label = readonly [startSec: number, endSec: number, text: string];
/** Labels in order of time, by tier. */
type Labels = Readonly<Record<string, readonly Label[]>>;

function read(bytes: Uint8Array | string, file: string, audioSec: number | null = null): Transcript {
  const options = { legacyEncoding: null, audioSec, warn: () => undefined };
  return atOnce(readTranscriptInPieces(Buffer.from(bytes as string), file, options));
}

function labelsOf({ tiers }: Pick<Transcript, 'tiers'>): Labels {
  return Object.fromEntries(
    tiers.map((tier) => [
      tier.name,
      (tier.kind === 'interval' ? tier.intervals : [])
        .filter(({ text }) => text !== '')
        .map(({ startSec, endSec, text }): Label => [startSec, endSec, text]),
    ]),
  );
}

/** Times may be rounded to milliseconds or samples. */
function assertSame(found: Labels, expected: Labels, what: string): void {
  const texts = (labels: Labels) =>
    Object.fromEntries(Object.entries(labels).map(([tier, all]) => [tier, all.map(([, , text]) => text)]));
  assert.deepEqual(texts(found), texts(expected), what);
  for (const [tier, all] of Object.entries(expected)) {
    for (const [index, [startSec, endSec, text]] of all.entries()) {
      const [from, to] = must(found[tier]?.[index], 'a label');
      const isNear = Math.abs(from - startSec) < TOLERANCE_SEC && Math.abs(to - endSec) < TOLERANCE_SEC;
      assert.ok(isNear, `${what}: "${text}" of ${tier} is at ${from} to ${to}, not ${startSec} to ${endSec}`);
    }
  }
}

/** The tiers of a kind, by speaker or by another name. */
function only(labels: Labels, endings: readonly string[], rename = (name: string) => name): Labels {
  return Object.fromEntries(
    Object.entries(labels)
      .filter(([name]) => endings.some((ending) => name.endsWith(ending)))
      .map(([name, all]) => [rename(name), all]),
  );
}
const speakerOf = (name: string) => name.replace(/ - \w+$/, '');

/** What a format contains of a result whose TextGrid has everything. Losses are removed or joined here. */
const HELD: Readonly<Record<ResultFormatName, (whole: Labels, sample: FormatSample) => Labels>> = {
  textgrid: (whole) => whole,
  short: (whole) => whole,
  // Without the text, which is in the TextGrids.
  csv: (whole) => only(whole, [' - word', ' - phone']),
  // The user's own EAF keeps the names of its tiers.
  eaf: (whole, { extension }) =>
    Object.fromEntries(
      Object.entries(whole).map(([name, all]) => [
        extension === 'eaf' ? name.replace(/ - trans$/, '') : name,
        all,
      ]),
    ),
  json: (whole) => whole,
  // Words, without phones and text.
  vtt: (whole) => only(whole, [' - word'], speakerOf),
  // Only words, without their speakers.
  srt: (whole) => ({
    speaker: Object.values(only(whole, [' - word']))
      .flat()
      .sort(([one], [other]) => one - other),
  }),
  emu: (whole) => whole,
  par: (whole) => only(whole, [' - phone', ' - trans']),
};

type Entries = ReadonlyMap<string, string>;

/** What is read from the files of a format in a result. */
const READ: Readonly<Record<ResultFormatName, (entries: Entries, stem: string) => Labels>> = {
  textgrid: (entries, stem) =>
    labelsOf(read(entryOf(entries, `ARPAbet/${stem}.TextGrid`), `${stem}.TextGrid`)),
  short: (entries, stem) =>
    labelsOf(read(entryOf(entries, `short/ARPAbet/${stem}.TextGrid`), `${stem}.TextGrid`)),
  csv: (entries, stem) => labelsOf(read(entryOf(entries, 'phones.csv'), `${stem}.csv`)),
  eaf: (entries, stem) => labelsOf(read(entryOf(entries, `ARPAbet/${stem}.eaf`), `${stem}.eaf`)),
  json: (entries, stem) => {
    const { tiers } = JSON.parse(entryOf(entries, `ARPAbet/${stem}.json`)) as {
      tiers: Record<string, { entries: Label[] }>;
    };
    return Object.fromEntries(
      Object.entries(tiers).map(([name, tier]) => [name, tier.entries.filter(([, , text]) => text !== '')]),
    );
  },
  // Our reader of subtitles takes phrases, without the times of words inside them.
  vtt: (entries, stem) => {
    const found: Record<string, Label[]> = {};
    for (const [, start = '', end = '', speaker = '', text = ''] of entryOf(
      entries,
      `words/${stem}.vtt`,
    ).matchAll(CUE))
      found[speaker] = [...(found[speaker] ?? []), ...wordsOfCue([secOf(start), secOf(end), text])];
    return found;
  },
  srt: (entries, stem) => labelsOf(read(entryOf(entries, `words/${stem}.srt`), `${stem}.srt`)),
  emu: (entries, stem) => {
    const name = `autophon_emuDB/0000_ses/${stem}_bndl/${stem}_annot.json`;
    const { levels } = JSON.parse(entryOf(entries, name)) as { levels: EmuLevel[] };
    const found: Record<string, Label[]> = {};
    let speaker = '';
    for (const level of levels) {
      const [, kind = ''] = /^(Text|Word|Phone)/.exec(level.name) ?? [];
      if (kind === 'Text') speaker = must(level.items[0]?.labels[1], 'a speaker').value;
      found[`${speaker} - ${kind.toLowerCase().replace('text', 'trans')}`] = level.items.flatMap(
        ({ sampleStart, sampleDur, labels: [label] }) =>
          label === undefined || label.value === '' ? [] : [spanOf(sampleStart, sampleDur, label.value)],
      );
    }
    return found;
  },
  par: (entries, stem) => {
    const found: Record<string, Label[]> = {};
    for (const [name, text] of entries) {
      if (!new RegExp(`^ARPAbet/${stem}.*\\.par$`).test(name)) continue;
      const lines = text.split('\n').map((line) => line.split('\t'));
      const speaker = must(/^SPN: (.*)$/m.exec(text)?.[1], 'a speaker');
      const rows = (kind: string) => lines.filter(([one]) => one === kind);
      found[`${speaker} - phone`] = rows('MAU:')
        .filter(([, , , word]) => word !== '-1')
        .map(([, start, duration, , phone = '']) => spanOf(Number(start), Number(duration), phone));
      found[`${speaker} - trans`] = rows('TRN:').map(([, start, duration, , said = '']) =>
        spanOf(Number(start), Number(duration), said),
      );
    }
    return found;
  },
};

interface EmuLevel {
  readonly name: string;
  readonly items: readonly {
    readonly sampleStart: number;
    readonly sampleDur: number;
    readonly labels: readonly { readonly value: string }[];
  }[];
}

function entryOf(entries: Entries, name: string): string {
  return must(entries.get(name), name);
}

/** A duration in samples is one less than the number of samples. */
function spanOf(start: number, duration: number, text: string): Label {
  return [start / RATE_HZ, (start + duration + 1) / RATE_HZ, text];
}

const CUE = /^([\d:.]+) --> ([\d:.]+)\n<v ([^>]*)>(.*)$/gm;

/** `so <00:00:01.250>it`: each word lasts until the next one, the last one as long as its phrase. */
function wordsOfCue([startSec, endSec, text]: Label): Label[] {
  const [first = '', ...others] = text.split('<');
  const words = others
    .map((one) => one.split('>'))
    .map(([time = '', word = '']) => [secOf(time), word] as const);
  const all = [[startSec, first] as const, ...words];
  return all.map(([from, word], index): Label => [from, all[index + 1]?.[0] ?? endSec, word.trim()]);
}

function secOf(time: string): number {
  return time.split(':').reduce((sec, part) => sec * 60 + Number(part), 0);
}

/** A stand-in that spreads words evenly, with the dictionary of the built-in English. */
function createEngine() {
  const own = createTrivial('/nowhere');
  const english = must(
    createSphinx().builtInLanguages.find(({ code }) => code === 'engUS_SPHINX_v010'),
    'English',
  );
  return { ...own, builtInLanguages: [{ ...english, code: TRIVIAL_LANGUAGE, engine: own.name }] };
}

for (const sample of FORMAT_SAMPLES) {
  const { folder, stem, extension } = sample;
  const file = path.join(SAMPLES, folder, `${stem}.${extension}`);

  test(`the result of ${folder} has the same in every format, but for what a format cannot hold`, async () => {
    await using bench = await createPipelineBench(createEngine());
    for (const name of [`${stem}.wav`, `${stem}.${extension}`])
      await bench.add(name, readFileSync(path.join(SAMPLES, folder, name)));
    const { zipPath, warnings } = await bench.run({ policy: { ...POLICY, formats: [...RESULT_FORMATS] } });
    assert.deepEqual(warnings, []);
    const entries = await readZip(zipPath);
    const whole = READ.textgrid(entries, stem);
    assert.ok(Object.values(only(whole, [' - word'])).flat().length >= 18);
    for (const format of RESULT_FORMATS)
      assertSame(READ[format](entries, stem), HELD[format](whole, sample), format);
  });

  test(`${folder} is the same after it was converted to every format and back, but for what is reported`, async () => {
    const dir = mkdtempSync(path.join(os.tmpdir(), 'autophon-sample-formats-'));
    const options = {
      legacyEncoding: null,
      columns: [],
      isForced: false,
      signal: new AbortController().signal,
    };
    const source = read(readFileSync(file), file, extension === 'txt' ? 51.4 : null);
    const names = Object.keys(labelsOf(source));
    try {
      for (const format of RESULT_FORMATS) {
        const to = path.join(dir, format, `${stem}.${RESULT_WRITERS[format].extension}`);
        mkdirSync(path.dirname(to));
        const [done] = await convert([{ from: file, to }], { ...options, format, folder: path.dirname(to) });
        const { losses, faults, others } = must(done, 'a conversion');
        assert.deepEqual(faults, [], format);
        assert.deepEqual(losses, toldLosses(format, sample, names), format);
        // Each speaker of a par has a file. There is no reader for these two formats.
        if (format === 'par') assert.equal(others.length, names.length - 1);
        if (format === 'emu' || format === 'par') continue;
        const before = labelsOf(source);
        const back = labelsOf(read(readFileSync(to), to));
        if (toldOfLabels(format, extension, names).length === 0) assertSame(speakersOf(back), before, format);
        else assert.equal(allWords(back), allWords(before), format);
      }
    } finally {
      rmSync(dir, { recursive: true });
    }
  });
}

/** What `convert` reports as missing in a format for a sample. */
function toldLosses(
  format: ResultFormatName,
  { extension }: FormatSample,
  names: readonly string[],
): string[] {
  const media = extension === 'eaf' && format !== 'eaf' ? [`not in ${format}: names of media`] : [];
  return [...media, ...toldOfLabels(format, extension, names)];
}

function toldOfLabels(format: ResultFormatName, extension: string, names: readonly string[]): string[] {
  if (format === 'srt' && extension !== 'srt' && extension !== 'txt')
    return [`tiers of these names are not in srt: ${names.map((name) => JSON.stringify(name)).join(', ')}`];
  // Subtitles do not keep the line breaks of a text.
  if ((format === 'srt' || format === 'vtt') && extension === 'txt')
    return [`1 of 1 labels are written in another way in ${format}`];
  return [];
}

/** Our table gives the name `anna - word` to the text of a speaker whose labels were taken for words. */
function speakersOf(labels: Labels): Labels {
  return Object.fromEntries(
    Object.entries(labels)
      .filter(([name, all]) => !(name.endsWith(' - phone') && all.every(([, , text]) => text === '')))
      .map(([name, all]) => [name.replace(/ - word$/, ''), all]),
  );
}

function allWords(labels: Labels): string {
  return Object.values(labels)
    .flat()
    .sort(([one], [other]) => one - other)
    .map(([, , text]) => text)
    .join(' ')
    .replaceAll(/\s+/g, ' ');
}

test.run();
