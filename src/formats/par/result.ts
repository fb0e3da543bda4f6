import { type InPieces, Piece } from '../../base/pieces.ts';
import { NamesTaken, safePart } from '../../base/safe-names.ts';
import { onOneLine } from '../one-line.ts';
import { alphabetsOf, type ResultAudio, type ResultFormat } from '../result.ts';
import { parentsInTurn, type Speaker, type SpokenWord, speakersOf, spokenWords } from '../result-words.ts';
import { audioOf, hasLabel, type SampleSpan, toSamples } from '../samples.ts';
import { checkPar, NO_WORD, PAUSE } from './check.ts';

/**
 * BAS Partitur files: one for each speaker and alphabet. The header describes the signal that was aligned, 16 bits and
 * one channel, at the sample rate of the recording. See docs/results.md.
 */
export const PAR_RESULT: ResultFormat = {
  extension: 'par',
  isWordsOnly: true,
  files: ({ alphabet }) => [
    {
      place: `${alphabet}/*.par`,
      meaning: `BAS Partitur files, one for each speaker, with phones in ${alphabet}`,
    },
    { place: 'IPA/*.par', meaning: 'the same with phones in IPA' },
  ],
  howTo: [],
  begin: (task) => {
    const taken = new NamesTaken();
    return {
      *add(document, files) {
        const audio = audioOf(document, 'par');
        const speakers = speakersOf(document);
        const names = speakers.map(({ name }) => taken.take(fileName(document.name, name, speakers.length)));
        for (const { folder, tiers } of alphabetsOf(document, task)) {
          for (const [index, speaker] of speakersOf({ ...document, phones: tiers, ipa: null }).entries()) {
            const name = `${folder}/${names[index]}.par`;
            yield* writeSpeaker(speaker, audio, (text) => files.toRecording(name, text));
            yield;
          }
        }
      },
      *end() {},
    };
  },
  check: checkPar,
};

/** `talk`, or `talk_ann` where more than one speaks. */
function fileName(recording: string, speaker: string, speakerCount: number): string {
  if (speakerCount === 1) return recording;
  return `${recording}_${safePart(speaker.replaceAll('/', '_')) || 'unnamed'}`;
}

/** Writes the header, words (ORT), their phones (KAN), the transcription (TRN), and phones with times (MAU). */
function* writeSpeaker(speaker: Speaker, audio: ResultAudio, write: (text: string) => void): InPieces<void> {
  const piece = new Piece();
  function* lines<Of>(items: Iterable<Of>, toLine: (item: Of) => string): InPieces<void> {
    let text = '';
    for (const item of items) {
      const line = toLine(item);
      text += line;
      if (!piece.add(line)) continue;
      write(text);
      text = '';
      yield;
    }
    write(text);
  }
  // Bytes per sample, byte order (01: the lowest first), bits per sample, channels: SNB, SBF, SSB, NCH.
  write(
    `LHD: Partitur 1.3\nREP: unknown\nSNB: 2\nSAM: ${audio.sampleRateHz}\nSBF: 01\nSSB: 16\nNCH: 1\n` +
      `SPN: ${onOneLine(speaker.name) || 'unknown'}\nLBD:\n`,
  );
  const words = [...spokenWords(speaker)].filter(({ number }) => number !== null);
  yield* lines(words.entries(), ([index, { text }]) => `ORT:\t${index}\t${onOneLine(text)}\n`);
  yield* lines(words.entries(), ([index, { phones }]) =>
    phones.length === 0 ? '' : `KAN:\t${index}\t${phones.map(({ label }) => onOneLine(label)).join(' ')}\n`,
  );
  const texts = toSamples(speaker.trans?.intervals ?? [], audio).filter(hasLabel);
  const wordsOf = wordsIn(texts, words);
  yield* lines(texts.entries(), ([index, span]) => {
    const own = wordsOf.get(index) ?? [NO_WORD];
    return `TRN:\t${times(span)}\t${own.join(',')}\t${onOneLine(span.text)}\n`;
  });
  const wordOf = parentsInTurn(words);
  const phones = speaker.phone?.intervals ?? [{ startSec: 0, endSec: 0, text: '' }];
  yield* lines(toSamples(phones, audio), (span) => {
    const label = onOneLine(span.text);
    return `MAU:\t${times(span)}\t${label === '' ? NO_WORD : (wordOf(span) ?? NO_WORD)}\t${label || PAUSE}\n`;
  });
}

/** The indexes of the words whose middle lies in a span, by the index of the span. */
function wordsIn(
  spans: readonly SampleSpan[],
  words: readonly SpokenWord[],
): ReadonlyMap<number, readonly number[]> {
  const found = new Map<number, number[]>();
  const spanOf = parentsInTurn(spans);
  for (const [index, word] of words.entries()) {
    const span = spanOf(word);
    if (span === null) continue;
    const own = found.get(span) ?? [];
    found.set(span, own);
    own.push(index);
  }
  return found;
}

/** The first sample, and the duration: as in EMU, the number of samples - 1. */
function times({ firstSample, sampleCount }: SampleSpan): string {
  return `${firstSample}\t${sampleCount - 1}`;
}
