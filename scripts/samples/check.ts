import type { TextGrid } from '../../src/formats/textgrid/model.ts';
import { median } from '../accuracy/figures.ts';
import type { Sample } from './assemble.ts';
import type { Pcm } from './wav.ts';

const FRAME_SEC = 0.005;
/** Share of the loudest frame of a sentence above which a frame counts as speech: 34 dB below. */
const SPEECH_SHARE = 0.02;
const MEDIAN_LIMIT_SEC = 0.02;

/**
 * Compares the reference with the audio: the first word of a sentence must start where the speech starts, and the last
 * must end where it ends. Sentences during which another speaker speaks are left out.
 * @returns the median distance in seconds
 */
export function assertTimesFitAudio(name: string, { pcm, reference }: Sample): number {
  const distances: number[] = [];
  for (const { startSec, endSec, firstSec, lastSec } of loneSentences(reference)) {
    const frames = loudness(pcm, startSec, endSec);
    const threshold = Math.max(...frames) * SPEECH_SHARE;
    const first = frames.findIndex((value) => value > threshold);
    const last = frames.findLastIndex((value) => value > threshold) + 1;
    distances.push(
      Math.abs(startSec + first * FRAME_SEC - firstSec),
      Math.abs(startSec + last * FRAME_SEC - lastSec),
    );
  }
  const medianSec = median(distances);
  if (!(medianSec <= MEDIAN_LIMIT_SEC)) {
    throw new Error(
      `${name}: expected the reference within ${MEDIAN_LIMIT_SEC} s of the audio, found ${medianSec.toFixed(3)} s`,
    );
  }
  return medianSec;
}

interface Sentence {
  readonly startSec: number;
  readonly endSec: number;
  readonly firstSec: number;
  readonly lastSec: number;
}

function loneSentences(reference: TextGrid): Sentence[] {
  const tiers = reference.tiers.filter((tier) => tier.kind === 'interval');
  const all = tiers
    .filter(({ name }) => name.endsWith(' - trans'))
    .flatMap(({ name, intervals }) =>
      intervals.filter(({ text }) => text !== '').map((sentence) => ({ ...sentence, tier: name })),
    );
  return all
    .filter((one) =>
      all.every((other) => one === other || one.endSec <= other.startSec || other.endSec <= one.startSec),
    )
    .map(({ tier, startSec, endSec }) => {
      const words = tiers
        .find(({ name }) => name === tier.replace(/ - trans$/, ' - word'))
        ?.intervals.filter((word) => word.text !== '' && word.startSec >= startSec && word.endSec <= endSec);
      return { startSec, endSec, firstSec: words?.at(0)?.startSec ?? 0, lastSec: words?.at(-1)?.endSec ?? 0 };
    });
}

/** Root mean square of each frame, all channels together. */
function loudness({ rateHz, channels }: Pcm, startSec: number, endSec: number): number[] {
  const frameLength = Math.round(FRAME_SEC * rateHz);
  const frameCount = Math.floor((endSec - startSec) / FRAME_SEC);
  const from = Math.round(startSec * rateHz);
  return Array.from({ length: frameCount }, (_, frame) => {
    let sum = 0;
    for (const channel of channels) {
      for (const value of channel.subarray(from + frame * frameLength, from + (frame + 1) * frameLength)) {
        sum += value * value;
      }
    }
    return Math.sqrt(sum / (frameLength * channels.length));
  });
}
