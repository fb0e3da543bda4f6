import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { type Speech, type SpokenPhone, wordOf } from './speech.ts';

const FULL_SCALE = 32768;
const PAUSE = /^_/;

interface Token {
  /** Character of the sentence where the token starts, from 1. */
  readonly firstChar: number;
  readonly text: string;
  readonly phones: SpokenPhone[];
}

/**
 * Speaks with espeak-ng through `espeak-times` (espeak-times.c), which prints where words and phones start. The end of
 * a word or phone is the start of the next. The closure of a stop consonant lies between the start of a word and its
 * first phone. It belongs to the word, except after a pause, where it cannot be heard.
 */
export function speakWithEspeak(program: string, voice: string, text: string, workDir: string): Speech {
  const pcmPath = path.join(workDir, 'espeak.pcm');
  const printed = execFileSync(program, [voice, text, pcmPath], { encoding: 'utf8' });
  const tokens = [...text.matchAll(/\S+/g)].map(
    (match): Token => ({ firstChar: match.index + 1, text: match[0], phones: [] }),
  );
  const rateHz = Number(/^rate (\d+)$/m.exec(printed)?.[1]);
  let token: Token | undefined;
  let wordAt: number | null = null;
  let open: { label: string; startAt: number } | null = null;
  let isAfterPause = true;

  for (const [, kind = '', position = '', rest = ''] of printed.matchAll(
    /^(word|phone|end) (\d+) ?(.*)$/gm,
  )) {
    const at = Number(position);
    if (open !== null) {
      token?.phones.push({ label: open.label, startSec: open.startAt / rateHz, endSec: at / rateHz });
      open = null;
    }
    if (kind === 'word') {
      // "l'équipe" may come as two words of one token; an event after the last token has no phones.
      token = tokens.findLast(({ firstChar }) => firstChar <= Number(rest));
      wordAt = at;
    } else if (PAUSE.test(rest) || kind === 'end') {
      isAfterPause = true;
    } else {
      open = { label: rest, startAt: isAfterPause || wordAt === null ? at : wordAt };
      wordAt = null;
      isAfterPause = false;
    }
  }
  return {
    rateHz,
    samples: readPcm(pcmPath),
    words: tokens.map(({ phones, text: word }) => wordOf(phones, word)),
  };
}

function readPcm(file: string): Float32Array {
  const bytes = readFileSync(file);
  return Float32Array.from(
    { length: bytes.length / 2 },
    (_, index) => bytes.readInt16LE(2 * index) / FULL_SCALE,
  );
}
