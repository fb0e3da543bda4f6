import assert from 'node:assert/strict';
import { TaskError } from '../../src/base/errors.ts';
import { mutate, seededRandom } from './mutate.ts';

/** Any number. A failure names it together with the input. `FUZZ_SEED` chooses another. */
export const SEED = Number(process.env['FUZZ_SEED'] ?? 20_260_101);
/** `FUZZ_COUNT` replaces the usual number of inputs for each reader. */
const COUNT = process.env['FUZZ_COUNT'];
const HANG_MS = 1_000;
/** Number of repetitions of a piece: a reader that is not linear takes seconds. */
const LONG_CHARS = 100_000;

/** Gives a reader many inputs. It may refuse them with a TaskError. Any other error, or a hang, fails the test. */
export async function feed(
  count: number,
  good: readonly string[],
  pieces: readonly string[],
  read: (text: string) => unknown,
): Promise<void> {
  for (let number = 0; number < Number(COUNT ?? count); number++) {
    const random = seededRandom(SEED + number);
    const text = mutate(good[number % good.length] ?? '', pieces, random);
    // On a busy machine a reader may be slow once; a reader that hangs does so again.
    if ((await timed(text, number, read)) > HANG_MS && (await timed(text, number, read)) > HANG_MS)
      assert.fail(
        `input ${number} of seed ${SEED} takes over ${HANG_MS} ms: ${JSON.stringify(text.slice(0, 500))}`,
      );
  }
}

/** Gives a reader valid texts in which one of the pieces is repeated very often, at several places. @see feed */
export async function feedLong(
  good: readonly string[],
  pieces: readonly string[],
  read: (text: string) => unknown,
): Promise<void> {
  for (const [number, piece] of pieces.entries()) {
    const many = piece.repeat(LONG_CHARS / piece.length);
    for (const text of good) {
      for (const at of [0, text.length / 3, text.length / 2, text.length / 1.2, text.length].map(
        Math.floor,
      )) {
        const long = `${text.slice(0, at)}${many}${text.slice(at)}`;
        if ((await timed(long, number, read)) > HANG_MS && (await timed(long, number, read)) > HANG_MS)
          assert.fail(`${JSON.stringify(piece)} many times at ${at} takes over ${HANG_MS} ms`);
      }
    }
  }
}

async function timed(text: string, number: number, read: (text: string) => unknown): Promise<number> {
  // CPU time, so that a busy machine does not count.
  const started = process.cpuUsage();
  try {
    // Waiting for a value that is not a promise would take longer than most readers.
    const pending = read(text);
    if (pending instanceof Promise) await pending;
  } catch (error) {
    if (!(error instanceof TaskError))
      assert.fail(
        `input ${number} of seed ${SEED}: ${String(error)}\n${JSON.stringify(text.slice(0, 2_000))}`,
      );
  }
  const { user, system } = process.cpuUsage(started);
  return (user + system) / 1000;
}
