import type { TextGrid } from '../../src/formats/textgrid/model.ts';
import type { Interval } from '../../src/formats/tiers.ts';
import { quietNoise } from './quiet-noise.ts';
import { lookUpForms, type Speech } from './speech.ts';
import { withGaps } from './textgrid.ts';
import type { Recording } from './texts.ts';
import type { Pcm } from './wav.ts';

/** Silence around the speech of each turn inside its interval, as careful transcribers leave it. */
const MARGIN_SEC = 0.08;
const EDGE_SEC = 0.5;
/**
 * Turns start and end on a grid of 20 ms. That is a whole number of samples at every rate used here, and gives short
 * decimals.
 */
const GRID_HZ = 50;
const PEAK = 0.5;

export interface Sample {
  readonly pcm: Pcm;
  /** What a user would submit: a tier for each speaker, an interval for each sentence. */
  readonly transcript: TextGrid;
  /** The synthesiser's own times, with the tier names of a result. */
  readonly reference: TextGrid;
}

interface PlacedTurn {
  readonly tier: string;
  readonly text: string;
  readonly startSec: number;
  readonly endSec: number;
  /** Seconds to add to a time of the speech to get a time of the recording. */
  readonly shiftSec: number;
  readonly speech: Speech;
}

/**
 * Joins the turns of a recording.
 * @param speeches - one for each turn, all at the same rate
 */
export function assemble(recording: Recording, speeches: readonly Speech[]): Sample {
  const turns = placeTurns(recording, speeches);
  const voiceRateHz = speeches[0]?.rateHz ?? 0;
  if (speeches.some(({ rateHz }) => rateHz !== voiceRateHz)) {
    throw new Error(`${recording.stem}: the voices have different rates`);
  }
  const endSec = onGrid(Math.max(...turns.map((turn) => turn.endSec)) + EDGE_SEC);
  const channels = Array.from({ length: recording.channelCount }, (_, channel) => {
    const mixed = quietNoise(Math.round(endSec * voiceRateHz), channel);
    for (const turn of turns) addTurn(mixed, turn, recording.speakers[turn.tier]?.gains[channel] ?? 0);
    return recording.rateFactor === 2 ? doubledRate(mixed) : mixed;
  });
  return {
    pcm: { rateHz: voiceRateHz * recording.rateFactor, channels },
    transcript: transcriptOf(turns, endSec),
    reference: referenceOf(turns, endSec),
  };
}

function placeTurns(recording: Recording, speeches: readonly Speech[]): PlacedTurn[] {
  let lastEndSec = EDGE_SEC;
  return recording.turns.map(({ tier, text, gapSec }, index) => {
    const speech = speeches[index];
    const first = speech?.words.at(0);
    const last = speech?.words.at(-1);
    if (speech === undefined || first === undefined || last === undefined) {
      throw new Error(`${recording.stem}: nothing spoken for "${text}"`);
    }
    const startSec = onGrid(lastEndSec + (index === 0 ? 0 : gapSec));
    const shiftSec = startSec + MARGIN_SEC - first.startSec;
    const endSec = onGrid(last.endSec + shiftSec + MARGIN_SEC);
    lastEndSec = endSec;
    return { tier, text, startSec, endSec, shiftSec, speech };
  });
}

function onGrid(sec: number): number {
  return Math.round(sec * GRID_HZ) / GRID_HZ;
}

/** Adds the speech of a turn, cut to the interval and at an even loudness. */
function addTurn(mixed: Float32Array, turn: PlacedTurn, gain: number): void {
  const { samples, rateHz } = turn.speech;
  const peak = samples.reduce((highest, value) => Math.max(highest, Math.abs(value)), 0);
  const shift = Math.round(turn.shiftSec * rateHz);
  const from = Math.round(turn.startSec * rateHz);
  const to = Math.round(turn.endSec * rateHz);
  for (let at = from; at < to; at++) {
    mixed[at] = (mixed[at] ?? 0) + ((samples[at - shift] ?? 0) * gain * PEAK) / peak;
  }
}

/** Doubles the rate: each new sample is computed from its 32 neighbours by a windowed sinc. */
function doubledRate(samples: Float32Array): Float32Array {
  const reach = 16;
  const weights = Array.from({ length: 2 * reach }, (_, index) => {
    const distance = index - reach + 0.5;
    const sinc = Math.sin(Math.PI * distance) / (Math.PI * distance);
    return sinc * Math.cos((Math.PI * distance) / (2 * reach)) ** 2;
  });
  const doubled = new Float32Array(2 * samples.length);
  samples.forEach((value, at) => {
    doubled[2 * at] = value;
    doubled[2 * at + 1] = weights.reduce(
      (sum, weight, index) => sum + weight * (samples[at - reach + 1 + index] ?? 0),
      0,
    );
  });
  return doubled;
}

function transcriptOf(turns: readonly PlacedTurn[], endSec: number): TextGrid {
  const tiers = tierNames(turns).map((name) => {
    const own = turns.filter(({ tier }) => tier === name);
    return { name, intervals: own.map(({ startSec, endSec, text }) => ({ startSec, endSec, text })) };
  });
  return withGaps(tiers, endSec);
}

function referenceOf(turns: readonly PlacedTurn[], endSec: number): TextGrid {
  const tiers = tierNames(turns).flatMap((name) => {
    const phones: Interval[] = [];
    const words: Interval[] = [];
    const sentences: Interval[] = [];
    for (const { startSec, endSec, shiftSec, speech, text } of turns.filter(({ tier }) => tier === name)) {
      const forms = lookUpForms(text);
      sentences.push({ startSec, endSec, text });
      speech.words.forEach((word, index) => {
        words.push(shifted(word, shiftSec, forms[index] ?? ''));
        phones.push(...word.phones.map((phone) => shifted(phone, shiftSec, phone.label)));
      });
    }
    return [
      { name: `${name} - phone`, intervals: phones },
      { name: `${name} - word`, intervals: words },
      { name: `${name} - trans`, intervals: sentences },
    ];
  });
  return withGaps(tiers, endSec);
}

function tierNames(turns: readonly PlacedTurn[]): string[] {
  return [...new Set(turns.map(({ tier }) => tier))];
}

/** In whole milliseconds. */
function shifted(times: { startSec: number; endSec: number }, shiftSec: number, text: string): Interval {
  const shift = (sec: number): number => Math.round((sec + shiftSec) * 1000) / 1000;
  return { startSec: shift(times.startSec), endSec: shift(times.endSec), text };
}
