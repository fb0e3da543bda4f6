import { must } from '../../base/must.ts';
import type { SphinxPhone, SphinxWord } from './job.ts';

/**
 * Length of the quiet put before and after a stretch. Speakers' intervals are cut close to the words, and the decoder
 * gives a silence of less than 0.1 s to the word beside it: with the quiet, 96 instead of 92 % of the word boundaries
 * of the samples were found within 50 ms.
 */
const EDGE_SEC = 0.2;
const FRAME_SEC = 0.01;
/** Share of the frames of a stretch that are taken for quiet. */
const QUIET_SHARE = 0.05;
/**
 * Noise put over everything, at 75 dB below full scale: the model has never met the perfect silence of synthesisers and
 * of cut recordings. Without it, half of the unknown words before such a silence swallowed it.
 */
const FLOOR_PEAK = 6 / 32_768;
/** An even distribution over -1..1 has a root mean square of 1/sqrt(3). */
const EVEN_PEAK = Math.sqrt(3);

/** The samples between two quiets that are like the quietest parts of the samples. The same for the same samples. */
export function addEdges(samples: Float32Array, sampleRateHz: number): Float32Array {
  const edgeCount = Math.round(EDGE_SEC * sampleRateHz);
  const edgePeak = EVEN_PEAK * quietLevel(samples, Math.round(FRAME_SEC * sampleRateHz));
  const padded = new Float32Array(samples.length + 2 * edgeCount);
  padded.set(samples, edgeCount);
  let random = 1;
  for (let at = 0; at < padded.length; at++) {
    random = (Math.imul(random, 1_664_525) + 1_013_904_223) >>> 0;
    const noise = (2 * random) / 2 ** 32 - 1;
    const isEdge = at < edgeCount || at >= padded.length - edgeCount;
    padded[at] = (padded[at] ?? 0) + noise * (FLOOR_PEAK + (isEdge ? edgePeak : 0));
  }
  return padded;
}

function quietLevel(samples: Float32Array, frameCount: number): number {
  const levels: number[] = [];
  for (let at = 0; at + frameCount <= samples.length; at += frameCount) {
    const frame = samples.subarray(at, at + frameCount);
    levels.push(Math.sqrt(frame.reduce((sum, sample) => sum + sample * sample, 0) / frameCount));
  }
  return levels.sort((a, b) => a - b)[Math.floor(levels.length * QUIET_SHARE)] ?? 0;
}

/**
 * Words of a stretch with its edges, as words of the file. What lies in an edge is moved into the stretch; each phone
 * keeps a frame at least.
 * @param words - seconds from the start of the first edge
 */
export function removeEdges(words: readonly SphinxWord[], startSec: number, endSec: number): SphinxWord[] {
  const phones = words.flat().map((phone) => ({
    ...phone,
    startSec: startSec + phone.startSec - EDGE_SEC,
    endSec: startSec + phone.endSec - EDGE_SEC,
  }));
  let lowSec = startSec;
  for (const phone of phones) {
    phone.startSec = Math.max(phone.startSec, lowSec);
    phone.endSec = Math.max(phone.endSec, phone.startSec + FRAME_SEC);
    lowSec = phone.endSec;
  }
  let highSec = endSec;
  for (const phone of phones.toReversed()) {
    phone.endSec = Math.min(phone.endSec, highSec);
    phone.startSec = Math.min(phone.startSec, phone.endSec - FRAME_SEC);
    highSec = phone.startSec;
  }
  let at = 0;
  return words.map((word) => word.map(() => round(must(phones[at++], 'a phone of a word'))));
}

/** A span of a stretch with its edges, as one of the file; what lies in an edge is cut off. */
export function withoutEdges(
  span: { readonly startSec: number; readonly endSec: number },
  startSec: number,
  endSec: number,
): { readonly startSec: number; readonly endSec: number } {
  const toFile = (sec: number): number => Math.min(endSec, Math.max(startSec, startSec + sec - EDGE_SEC));
  return { startSec: toFile(span.startSec), endSec: toFile(span.endSec) };
}

/** Sums of frames carry rounding errors, which would be torn gaps between phones. */
function round({ label, startSec, endSec }: SphinxPhone): SphinxPhone {
  return { label, startSec: Number(startSec.toFixed(6)), endSec: Number(endSec.toFixed(6)) };
}
