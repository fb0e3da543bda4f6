/**
 * Makes everything in samples/ except its README. Started by scripts/make-samples.sh, which has built `espeak-times`.
 * Usage: node scripts/samples/make.ts ESPEAK_TIMES
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { textRulesOf } from '../../src/lexicon/text-rules.ts';
import { resolveLabel } from '../../src/lexicon/words.ts';
import { assemble } from './assemble.ts';
import { writeBroken } from './broken.ts';
import { assertTimesFitAudio } from './check.ts';
import { speakWithEspeak } from './speak-espeak.ts';
import { speakWithFestival } from './speak-festival.ts';
import { speakWithFlite } from './speak-flite.ts';
import type { Speech } from './speech.ts';
import { textGridBytes } from './textgrid.ts';
import { RECORDINGS, type Recording, type VoiceName } from './texts.ts';
import { writeWav } from './wav.ts';

const ROOT = path.join(import.meta.dirname, '..', '..');
const SAMPLES = path.join(ROOT, 'samples');
const MODELS = path.join(ROOT, 'node_modules', 'soundswallower', 'model');

const espeakTimes = process.argv[2];
if (espeakTimes === undefined) throw new Error('usage: node scripts/samples/make.ts ESPEAK_TIMES');
const workDir = mkdtempSync(path.join(tmpdir(), 'autophon-samples-'));
try {
  RECORDINGS.forEach(assertWordsKnown);
  for (const folder of [...new Set(RECORDINGS.map((recording) => recording.folder)), 'broken', 'reference']) {
    rmSync(path.join(SAMPLES, folder), { recursive: true, force: true });
  }
  for (const recording of RECORDINGS) writeRecording(recording, espeakTimes);
  writeBroken(path.join(SAMPLES, 'broken'), workDir);
} finally {
  rmSync(workDir, { recursive: true, force: true });
}

function writeRecording(recording: Recording, espeakTimesPath: string): void {
  const speeches = recording.turns.map(({ tier, text }) => {
    const voice = recording.speakers[tier]?.voice;
    if (voice === undefined) throw new Error(`${recording.stem}: no voice for the tier "${tier}"`);
    return speak(voice, text, espeakTimesPath);
  });
  const sample = assemble(recording, speeches);
  const folder = path.join(SAMPLES, recording.folder);
  const name = `${recording.folder}/${recording.stem}`;
  const referenceFolder = path.join(SAMPLES, 'reference', recording.folder);
  mkdirSync(folder, { recursive: true });
  mkdirSync(referenceFolder, { recursive: true });
  writeWav(path.join(folder, `${recording.stem}.wav`), sample.pcm);
  writeFileSync(
    path.join(folder, `${recording.stem}.TextGrid`),
    textGridBytes(sample.transcript, recording.textGrid),
  );
  writeFileSync(
    path.join(referenceFolder, `${recording.stem}.TextGrid`),
    textGridBytes(sample.reference, { form: 'long', encoding: 'utf8' }),
  );
  const medianSec = assertTimesFitAudio(name, sample);
  console.log(
    `${name}: ${sample.transcript.endSec} s, reference within ${Math.round(medianSec * 1000)} ms of the audio`,
  );
}

function speak(voice: VoiceName, text: string, espeakTimesPath: string): Speech {
  const [program, name = ''] = voice.split(':');
  if (program === 'flite') return speakWithFlite(name, text, workDir);
  if (program === 'festival') return speakWithFestival(name, text, workDir);
  return speakWithEspeak(espeakTimesPath, name, text, workDir);
}

/** Otherwise a user would be the first to find that the built-in engine cannot align a sample. */
function assertWordsKnown({ language, stem, turns }: Recording): void {
  const dictionary = readFileSync(path.join(MODELS, language, 'dict.txt'), 'utf8');
  const known = new Set(dictionary.split('\n').map((line) => line.split(/[\s(]/, 1)[0] ?? ''));
  const rules = {
    ...textRulesOf({ code: '' }),
    isKnown: (lookup: string) => known.has(lookup),
    takesUnknown: false,
  };
  const unknown = turns
    .flatMap(({ text }) => resolveLabel(text, rules).words)
    .filter((word) => !word.known)
    .map(({ text }) => text);
  if (unknown.length > 0)
    throw new Error(`${stem}: not in the dictionary of ${language}: ${unknown.join(', ')}`);
}
