import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { lookUpForms, type Speech, type SpokenPhone, wordOf } from './speech.ts';
import { readWav } from './wav.ts';

const VOWEL = /^[aeiou]/;
const PAUSE = 'pau';

/**
 * Speaks with flite. It prints the end of each phone, but not to which word the phone belongs. So each word is also
 * spoken alone: in the sentence it gets as many phones as it has alone.
 */
export function speakWithFlite(voice: string, text: string, workDir: string): Speech {
  const wavPath = path.join(workDir, 'flite.wav');
  const segments = fliteSegments(voice, text, wavPath);
  const phones = segments.filter(({ label }) => label !== PAUSE);
  let next = 0;
  const words = lookUpForms(text).map((word) => {
    const alone = fliteSegments(voice, word, 'none').filter(({ label }) => label !== PAUSE);
    const own = phones.slice(next, next + alone.length);
    next += alone.length;
    const fits = own.every((phone, index) => isSamePhone(phone.label, alone[index]?.label ?? ''));
    if (!fits) throw new Error(`flite says "${word}" in "${text}" with other phones than alone`);
    return wordOf(own, word);
  });
  if (next !== phones.length)
    throw new Error(`flite says ${phones.length - next} phones too many in "${text}"`);
  const { rateHz, channels } = readWav(wavPath);
  return { rateHz, samples: channels[0] ?? new Float32Array(), words };
}

/** All phones and pauses in order. flite prints `label:end`, in seconds. */
function fliteSegments(voice: string, text: string, wavPath: string): SpokenPhone[] {
  const printed = execFileSync('flite', ['-voice', voice, '-psdur', '-t', text, '-o', wavPath], {
    encoding: 'utf8',
  });
  let startSec = 0;
  return [...printed.matchAll(/(\S+):(\d+\.\d+)/g)].map(([, label = '', end = '']) => {
    const phone = { label, startSec, endSec: Number(end) };
    startSec = phone.endSec;
    return phone;
  });
}

/** Vowels are weaker inside a sentence than in a word alone. */
function isSamePhone(inSentence: string, alone: string): boolean {
  return inSentence === alone || (VOWEL.test(inSentence) && VOWEL.test(alone));
}
