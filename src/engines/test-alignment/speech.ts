import path from 'node:path';

/** 2.8 s of synthetic speech with a pause of 0.6 s, mono 16 kHz. Source: a part of samples/english-read. */
export const SPEECH = {
  path: path.join(import.meta.dirname, 'speech.wav'),
  sampleRateHz: 16_000,
  durationSec: 2.8,
};
