import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { TRANSCRIPT_EXTENSIONS, transcriptFormatOf } from '../../src/base/input-kinds.ts';
import { atOnce } from '../../src/base/pieces.ts';
import { RESULT_FORMATS, type ResultFormatName } from '../../src/base/result-kinds.ts';
import { RESULT_WRITERS } from '../../src/formats/result-formats.ts';
import { shownLabel } from '../../src/formats/transcript.ts';
import { readTranscriptInPieces } from '../../src/formats/transcript-formats.ts';
import { convert } from '../../src/tasks/convert.ts';
import { makeWorkbook } from '../../testing/make-workbook.ts';
import { makeWav } from '../../testing/wav.ts';
import { told } from '../formats/transcripts.ts';
import { aligned, eafTier, makeEaf } from '../support/eaf.ts';
import { suiteWithTempDir } from '../support/temp-dir.ts';

const test = suiteWithTempDir('conversions of each format into each other');
const AUDIO_SEC = 4;
const RATE_HZ = 16_000;

/** The words of Anna and Ben in each format that can be read. A format without speakers has those of Anna. */
const SOURCES: Readonly<Record<string, string | Buffer>> = {
  'long.TextGrid':
    'File type = "ooTextFile"\nObject class = "TextGrid"\n\n0 4 <exists> 3\n"IntervalTier" "Anna" 0 4 3 0 1.25 "so it" 1.25 2 "" 2 4 "was ""late"""\n' +
    '"IntervalTier" "Ben" 0 4 2 0 2.5 "yes\nno" 2.5 4 ""\n"TextTier" "clicks" 0 4 1 1.5 "tick"\n',
  'elan.eaf': makeEaf({
    times: [0, 1250, 2000, 4000],
    tiers: [
      eafTier('Anna', [aligned('a1', 1, 2, 'so it'), aligned('a2', 3, 4, 'was "late"')]),
      eafTier('Ben', [aligned('a3', 1, 3, 'yes &amp; no')]),
    ],
  }),
  'plain.txt': 'so it\nwas late\n',
  'htk.lab': '0 12500000 so\n20000000 40000000 was\n',
  'rows.csv': 'speaker,begin,end,text\nAnna,0,1.25,"so, it"\nBen,0,2.5,"yes ""no"""\nAnna,2,4,was\n',
  'rows.tsv': 'start\tend\ttext\n0\t1250\tso it\n2000\t4000\twas\n',
  'rows.xlsx': makeWorkbook({
    sheets: [
      {
        rows: [
          ['speaker', 'begin', 'end', 'text'],
          ['Anna', 0, 1.25, 'so it'],
          ['Ben', 2, 4, 'was'],
        ],
      },
    ],
  }),
  'cues.srt': '1\n00:00:00,000 --> 00:00:01,250\n<i>so</i> it\n\n2\n00:00:02,000 --> 00:00:04,000\nwas\n',
  'cues.vtt':
    'WEBVTT\n\n00:00.000 --> 00:01.250\n<v Anna>so &amp; it\n\n00:02.000 --> 00:04.000\n<v Ben>was\n',
  'turns.trs':
    '<Trans><Speakers><Speaker id="a" name="Anna"/></Speakers><Episode><Section><Turn speaker="a" startTime="0" endTime="4">' +
    '<Sync time="0"/>so it<Sync time="1.25"/>was</Turn></Section></Episode></Trans>',
  'lines.cha':
    '@UTF8\n@Begin\n@Participants:\tMOT Anna Mother\n*MOT:\tso &-uh it . \u00150_1250\u0015\n%mor:\tx\n*MOT:\twas . \u00152000_4000\u0015\n@End\n',
  'whisper.json': JSON.stringify({
    segments: [
      {
        start: 0,
        end: 1.25,
        text: ' so it',
        words: [
          { word: ' so', start: 0, end: 0.5 },
          { word: ' it', start: 0.5, end: 1.25 },
        ],
      },
      { start: 2, end: 4, text: ' was', words: [{ word: ' was', start: 2, end: 4 }] },
    ],
  }),
  'tiers.json': JSON.stringify({
    start: 0,
    end: 4,
    tiers: {
      Anna: {
        type: 'interval',
        entries: [
          [0, 1.25, 'so it'],
          [2, 4, 'was'],
        ],
      },
      clicks: { type: 'point', entries: [[1.5, 'tick']] },
    },
  }),
};

/** Formats that keep all tiers, labels and times, except tags of subtitles. */
const WHOLE: readonly ResultFormatName[] = ['textgrid', 'short', 'json'];

const SILENCE = makeWav({ samples: new Float64Array(AUDIO_SEC * RATE_HZ), sampleRateHz: RATE_HZ });

/** A source with its recording. */
function addSource(dir: string, name: string): string {
  const file = path.join(dir, name);
  writeFileSync(file, SOURCES[name] ?? '');
  writeFileSync(path.join(dir, `${path.parse(name).name}.wav`), SILENCE);
  return file;
}

/**
 * Labels by tier. Escapes of WebVTT are replaced, empty intervals are left out, and our tables call a tier of labels
 * `Anna - word`.
 */
function read(file: string): Record<string, string[]> {
  const options = { legacyEncoding: null, audioSec: AUDIO_SEC, warn: () => {} };
  const transcript = atOnce(readTranscriptInPieces(readFileSync(file), file, options));
  const all = Object.entries(told(transcript)).map(([name, labels]) => [
    path.extname(file) === '.csv' ? name.replace(/ - word$/, '') : name,
    labels
      .filter((label) => !label.endsWith(' '))
      .map((label) => (path.extname(file) === '.vtt' ? shownLabel(transcript, label) : label)),
  ]);
  return Object.fromEntries(all.filter(([, labels]) => labels?.length !== 0));
}

test('there is a source of every format that can be read', () => {
  const formats = new Set(TRANSCRIPT_EXTENSIONS.map((extension) => transcriptFormatOf(`x.${extension}`)));
  for (const name of Object.keys(SOURCES)) formats.delete(transcriptFormatOf(name));
  assert.deepEqual([...formats], []);
});

for (const name of Object.keys(SOURCES)) {
  for (const format of RESULT_FORMATS) {
    test(`${name} as ${format} comes back equal, or what is lost is reported`, async ({ dir }) => {
      const from = addSource(dir, name);
      const to = path.join(dir, `out-${path.parse(name).name}.${RESULT_WRITERS[format].extension}`);
      const { signal } = new AbortController();
      const options = { format, folder: dir, legacyEncoding: null, columns: [], isForced: true, signal };
      const [one] = await convert([{ from, to }], options);
      assert.deepEqual(one?.faults, []);
      // There is no reader for these two formats; each file was checked when it was written.
      if (format === 'emu' || format === 'par') {
        for (const file of [one?.to ?? '', ...(one?.others ?? [])]) assert.ok(readFileSync(file).length > 0);
        return;
      }
      const [before, after] = [read(from), read(to)];
      if (WHOLE.includes(format) && !name.startsWith('cues.')) assert.deepEqual(after, before);
      if (JSON.stringify(before) === JSON.stringify(after)) return;
      assert.ok((one?.losses ?? []).length > 0, `nothing is told: ${JSON.stringify([before, after])}`);
    });
  }
}

test.run();
