import type { AlignedTier, AlignedWord, Engine, Utterance } from '../../src/engines/engine.ts';
import { runProcess } from '../../src/engines/process/run-process.ts';
import { createTrivial } from '../../testing/trivial-engine.ts';

/**
 * The program that every queue of a benchmark starts for each task. It does nothing, or sleeps, and is started like the
 * worker's engines, with guard and log.
 */
export async function startEngine(
  engineSec: number,
  place: { readonly dir: string; readonly logPath: string },
  onStart: () => void,
): Promise<void> {
  await runProcess({
    argv: engineSec === 0 ? ['true'] : ['sleep', String(engineSec)],
    cwd: place.dir,
    env: { PATH: '/usr/bin:/bin' },
    logPath: place.logPath,
    timeoutSec: 60,
    silenceSec: 60,
    signal: new AbortController().signal,
    onStart,
  });
}

/** The trivial engine with a process that takes a given time. */
export function createSleepyEngine(stateDir: string, engineSec: number): Engine {
  const trivial = createTrivial(stateDir);
  if (engineSec === 0) return trivial;
  return {
    ...trivial,
    align: async ({ files, pronunciations }, context) => {
      await startEngine(engineSec, { dir: context.workDir, logPath: context.logPath }, () =>
        context.onStart?.(0),
      );
      const phonesOf = new Map(pronunciations.map(({ word, phones }) => [word, phones]));
      return files.flatMap(({ id, tiers }) =>
        tiers.map(
          (tier): AlignedTier => ({
            fileId: id,
            tierId: tier.id,
            words: tier.utterances.flatMap((utterance) => spread(utterance, phonesOf)),
          }),
        ),
      );
    },
  };
}

function spread(
  { startSec, endSec, words }: Utterance,
  phonesOf: ReadonlyMap<string, readonly string[]>,
): AlignedWord[] {
  const part = (from: number, to: number, count: number, index: number) => ({
    startSec: from + ((to - from) * index) / count,
    endSec: index === count - 1 ? to : from + ((to - from) * (index + 1)) / count,
  });
  return words.map((label, index) => {
    const span = part(startSec, endSec, words.length, index);
    const phones = phonesOf.get(label) ?? [];
    return {
      label,
      ...span,
      phones: phones.map((phone, n) => ({
        label: phone,
        ...part(span.startSec, span.endSec, phones.length, n),
      })),
    };
  });
}
