import { atOnce } from '../../src/base/pieces.ts';
import { readTranscriptInPieces } from '../../src/formats/transcript-formats.ts';
import type { Figure } from './benchmark.ts';
import { timeInTurn } from './numbers.ts';

const UTTERANCES = 50_000;
export const READER_ROUNDS = 15;
/** Lengths as in subtitles and transcripts of talks. */
const UTTERANCE_SEC = 2;
const WORDS = ['and', 'so', 'they', 'said', 'it', 'was', 'raining', 'all', 'day', 'long'];

interface Utterance {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** How a file of each format contains the same utterances. */
const FILES: Readonly<Record<string, (utterances: readonly Utterance[]) => string>> = {
  'talk.srt': (all) => all.map((one, at) => `${at + 1}\n${span(one, ',')}\n${one.text}\n\n`).join(''),
  'talk.vtt': (all) => `WEBVTT\n\n${all.map((one) => `${span(one, '.')}\n${one.text}\n\n`).join('')}`,
  'talk.cha': (all) =>
    [
      '@UTF8\n@Begin\n@Languages:\teng\n@Participants:\tANN Ann Adult\n@ID:\teng|x|ANN|||||Adult|||\n',
      ...all.map(({ start, end, text }) => `*ANN:\t${text} . \u0015${start * 1_000}_${end * 1_000}\u0015\n`),
      '@End\n',
    ].join(''),
  'talk.trs': (all) =>
    [
      '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE Trans SYSTEM "trans-14.dtd">\n<Trans audio_filename="talk">\n',
      '<Speakers>\n<Speaker id="spk1" name="Ann"/>\n</Speakers>\n<Episode>\n',
      `<Section type="report" startTime="0" endTime="${all.at(-1)?.end ?? 0}">\n`,
      ...all.map(
        ({ start, end, text }) =>
          `<Turn speaker="spk1" startTime="${start}" endTime="${end}">\n<Sync time="${start}"/>\n${text}\n</Turn>\n`,
      ),
      '</Section>\n</Episode>\n</Trans>\n',
    ].join(''),
  'talk.csv': (all) =>
    `"speaker","begin","end","text"\n${all.map(({ start, end, text }) => `"Ann",${start},${end},"${text}"\n`).join('')}`,
  'talk.tsv': (all) =>
    `speaker\tbegin\tend\ttext\n${all.map(({ start, end, text }) => `Ann\t${start}\t${end}\t${text}\n`).join('')}`,
  'talk.lab': (all) =>
    all.map(({ start, end, text }) => `${start}\t${end}\t${text.replaceAll(' ', '_')}\n`).join(''),
  'talk.json': (all) => JSON.stringify({ segments: all }),
  'talk.txt': (all) => all.map(({ text }) => `${text}.\n`).join(''),
};

/**
 * Readers of transcripts, compared with JSON.parse on the same utterances. The goal is a third of the speed of JSON.
 */
export async function readerFigures(): Promise<Figure[]> {
  const utterances = Array.from({ length: UTTERANCES }, (_, at) => ({
    start: at * UTTERANCE_SEC,
    end: at * UTTERANCE_SEC + 1.5,
    text: Array.from({ length: 8 }, (_unused, n) => WORDS[(at * 3 + n * n) % WORDS.length]).join(' '),
  }));
  const json = Buffer.from(JSON.stringify(utterances));
  const audioSec = UTTERANCES * UTTERANCE_SEC;
  const figures: Figure[] = [];
  for (const [file, write] of Object.entries(FILES)) {
    const bytes = Buffer.from(write(utterances));
    const options = { audioSec, legacyEncoding: 'windows-1252', warn: () => {} } as const;
    const { oursMs, besideMs } = await timeInTurn(
      READER_ROUNDS,
      () => atOnce(readTranscriptInPieces(bytes, file, options)),
      () => JSON.parse(json.toString()),
    );
    figures.push({
      what: `${file.slice(file.indexOf('.') + 1)} read, ${(bytes.length / 1e6).toFixed(1)} MB`,
      value: oursMs,
      unit: 'ms',
      beside: { name: 'JSON.parse', value: besideMs },
      goal: { ratioAtMost: 3 },
    });
  }
  return figures;
}

function span({ start, end }: Utterance, point: string): string {
  return `${clock(start, point)} --> ${clock(end, point)}`;
}

function clock(sec: number, point: string): string {
  const two = (value: number) => String(value).padStart(2, '0');
  const ms = String(Math.round((sec % 1) * 1_000)).padStart(3, '0');
  const wholeSec = Math.floor(sec);
  return `${two(Math.floor(wholeSec / 3_600))}:${two(Math.floor(wholeSec / 60) % 60)}:${two(wholeSec % 60)}${point}${ms}`;
}
