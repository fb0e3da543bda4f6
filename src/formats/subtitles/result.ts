import { type InPieces, Piece } from '../../base/pieces.ts';
import { onOneLine } from '../one-line.ts';
import { checkWhole } from '../read-back.ts';
import type { ResultDocument, ResultFormat } from '../result.ts';
import { type Speaker, speakersOf, spokenWords } from '../result-words.ts';
import { checkSubtitles } from './check-result.ts';
import { type Phrase, phrasesOf } from './phrases.ts';
import { INLINE_TIMES } from './read-cues.ts';
import { withoutArrow } from './times.ts';
import { formatCueTime, toMs } from './write-times.ts';

const FOLDER = 'words/';

/** A cue with the words of one speaker. */
interface WrittenCue {
  readonly startMs: number;
  readonly endMs: number;
  readonly text: string;
}

/**
 * WebVTT with a cue for each phrase and, inside it, the time of each word, as in lyrics and in YouTube's own subtitles:
 * `<v Ann>so <00:00:01.250>it`. If a pause follows a word, the cue also has the time where the word ends.
 * Source: W3C, WebVTT.
 */
export const VTT_RESULT: ResultFormat = subtitles('vtt', {
  meaning: 'subtitles (WebVTT): phrases with their speakers, and the time of each word inside them',
  head: 'WEBVTT\n\n',
  start: /^WEBVTT\n\n/,
  cuesOf: function* (speaker) {
    // A name that ends in `--` would make an arrow with the `>` of its tag.
    const voice = onOneLine(speaker.name).replace(/(?<!-)-+$/, '-');
    const start = voice === '' ? '' : `<v ${escapeTags(voice)}>`;
    for (const phrase of phrasesOf(speaker)) {
      const { startMs, endMs } = cueTimes(phrase);
      yield { startMs, endMs, text: start + withTimes(phrase, startMs, endMs) };
    }
  },
  block: ({ startMs, endMs, text }) =>
    `${formatCueTime(startMs, '.')} --> ${formatCueTime(endMs, '.')}\n${text}\n\n`,
});

/** SRT with a cue for each word: the format has no times inside a cue, and no names of speakers. */
export const SRT_RESULT: ResultFormat = subtitles('srt', {
  meaning: 'subtitles (SRT) with one cue for each word',
  head: '',
  start: /^(?:1\n|$)/,
  cuesOf: function* (speaker) {
    for (const word of spokenWords(speaker)) {
      if (word.number !== null) yield { ...cueTimes(word), text: withoutInlineTimes(onOneLine(word.text)) };
    }
  },
  block: ({ startMs, endMs, text }, number) =>
    `${number}\n${formatCueTime(startMs, ',')} --> ${formatCueTime(endMs, ',')}\n${text}\n\n`,
});

interface Form {
  /** What its files are, for README.txt. */
  readonly meaning: string;
  /** The text before the first cue. */
  readonly head: string;
  /** Matches the beginning of each file. */
  readonly start: RegExp;
  readonly cuesOf: (speaker: Speaker) => Generator<WrittenCue, void>;
  /** The text of a cue. @param number - from 1 */
  readonly block: (cue: WrittenCue, number: number) => string;
}

function subtitles(extension: string, { meaning, head, start, cuesOf, block }: Form): ResultFormat {
  return {
    extension,
    isWordsOnly: true,
    files: () => [{ place: `${FOLDER}*.${extension}`, meaning }],
    howTo: [],
    begin: () => ({
      *add(document, files) {
        const name = `${FOLDER}${document.name}.${extension}`;
        files.toRecording(name, head);
        const piece = new Piece();
        let number = 0;
        for (const cue of yield* cuesByStart(document, cuesOf)) {
          number += 1;
          const text = block(cue, number);
          files.toRecording(name, text);
          if (piece.add(text)) yield;
        }
      },
      *end() {},
    }),
    check: checkWhole((text, file) => checkSubtitles(text, start, file)),
  };
}

/** The cues of all speakers, sorted by their starts, as players need them. */
function* cuesByStart(document: ResultDocument, cuesOf: Form['cuesOf']): InPieces<readonly WrittenCue[]> {
  const piece = new Piece();
  const cues: WrittenCue[] = [];
  for (const speaker of speakersOf(document)) {
    for (const { startMs, endMs, text } of cuesOf(speaker)) {
      if (text !== '') cues.push({ startMs, endMs, text: withoutArrow(text) });
      if (piece.add(text)) yield;
    }
  }
  return cues.sort((one, other) => one.startMs - other.startMs);
}

/** Replaces `<1>` by `‹1›`: readers would take it for the time of a word and leave it out, and SRT cannot escape it. */
function withoutInlineTimes(text: string): string {
  // All brackets, since those around a time may become a tag without it: `<c.<1>>`.
  return text.search(INLINE_TIMES) < 0 ? text : text.replaceAll('<', '\u2039').replaceAll('>', '\u203a');
}

function cueTimes({ startSec, endSec }: { startSec: number; endSec: number }): {
  startMs: number;
  endMs: number;
} {
  const startMs = toMs(startSec);
  // Players do not show a cue without length.
  return { startMs, endMs: Math.max(startMs + 1, toMs(endSec)) };
}

/**
 * The text of a phrase with the times of its words. WebVTT requires that they rise, and lie between those of the cue.
 */
function withTimes({ words }: Phrase, startMs: number, endMs: number): string {
  let reachedMs = startMs;
  const time = (ms: number) => {
    if (ms <= reachedMs || ms >= endMs) return '';
    reachedMs = ms;
    return `<${formatCueTime(ms, '.')}>`;
  };
  let text = '';
  let wordEndMs = startMs;
  for (const word of words) {
    const wordStartMs = toMs(word.startSec);
    if (text !== '') text += `${wordStartMs > wordEndMs ? time(wordEndMs) : ''} ${time(wordStartMs)}`;
    text += escapeTags(onOneLine(word.text));
    wordEndMs = toMs(word.endSec);
  }
  return text;
}

function escapeTags(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
