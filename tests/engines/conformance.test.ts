import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { AlignmentFile, Utterance } from '../../src/engines/engine.ts';
import { createFase } from '../../src/engines/htk/fase.ts';
import { createFave } from '../../src/engines/htk/fave.ts';
import { createMfa1 } from '../../src/engines/mfa/mfa1.ts';
import { createMfa2 } from '../../src/engines/mfa/mfa2.ts';
import { installFase } from '../../testing/fase.ts';
import { installFave } from '../../testing/fave.ts';
import { fileOf, requestOf, type Said, writeWav } from '../../testing/htk.ts';
import { type MfaBehaviour, makeRequest, makeStandIn, removeDirs } from '../../testing/mfa.ts';
import { type ConformanceFixtures, engineConformance } from './conformance.ts';

const root = mkdtempSync(path.join(os.tmpdir(), 'autophon-engines-'));
process.once('exit', () => {
  removeDirs();
  rmSync(root, { recursive: true, force: true });
});

const MFA_FILES = {
  a: {
    anna: [
      [0.5, 2, 'hello there'],
      [3, 4.5, 'how are you'],
    ],
    ben: [[2, 3.5, 'fine thanks']],
  },
  b: { cora: [[1, 5, 'not today']], dan: [[4, 6, 'why not']] },
} as const;
/** Far more phones than frames. */
const CROWDED: Utterance = { startSec: 5, endSec: 5.5, words: Array.from({ length: 40 }, () => 'hello') };

// All are made before the first suite, because uvu runs what exists when the file first waits for something.
const FAVE_LINES = ['he HH IY1', 'was W AA1 Z', 'not N AA1 T', 'ill IH1 L', 'ill IY1 L', 'man M AE1 N'];
const FAVE_FIXTURES = await htkFixtures('FAVE', FAVE_LINES, 'he was', {
  a: [[[1, 2, 'he was ill']], [[4, 5, 'he was not']]],
  b: [[[2, 3, 'not ill']], [[1, 4, 'man']]],
});
const FASE_LINES = ['la l a', 'casa k a s a', 'río R i o', 'río r i o', 'sí s i', 'año a NY o'];
const FASE_FIXTURES = await htkFixtures('FASE', FASE_LINES, 'casa casa', {
  a: [[[1, 2, 'la casa']], [[4, 5, 'sí']]],
  b: [[[2, 3, 'la la río']], [[1, 4, 'año']]],
});

for (const version of ['1.0.0', '1.0.1', '1.1.0-beta']) {
  const make = (behaviour: MfaBehaviour = {}) => {
    const { command } = makeStandIn('mfa_align', { version, ...behaviour });
    return createMfa1({ command, launcher: [], env: {} });
  };
  engineConformance(
    `MFA1 ${version}`,
    {
      working: () => make(),
      hanging: () => make({ hang: true }),
      missing: () => createMfa1({ command: '/nowhere/mfa_align', launcher: [], env: {} }),
    },
    mfaFixtures(),
  );
}

for (const version of ['2.2.17', '3.4.0']) {
  const make = (behaviour: MfaBehaviour = {}) => {
    const { command } = makeStandIn('mfa', { version, ...behaviour });
    return createMfa2({ command, launcher: [], env: { PATH: '/nowhere' } });
  };
  engineConformance(
    `MFA2 ${version}`,
    {
      working: () => make(),
      hanging: () => make({ hang: true }),
      missing: () => createMfa2({ command: '/nowhere/mfa', launcher: [], env: {} }),
    },
    mfaFixtures(),
  );
}

engineConformance(
  'FAVE',
  {
    working: async () => createFave(await installFave(makeDir())),
    hanging: async () => createFave(await installFave(makeDir(), { hang: true })),
    missing: () => createFave({ faveDir: '/nowhere', python: 'python3', launcher: [], env: {} }),
    isSilent: true,
  },
  FAVE_FIXTURES,
);

engineConformance(
  'FASE',
  {
    working: async () => createFase(await installFase(makeDir())),
    hanging: async () => createFase(await installFase(makeDir(), { hang: true })),
    missing: () => createFase({ command: '/nowhere/faseAlign', launcher: [], env: {} }),
    isSilent: true,
  },
  FASE_FIXTURES,
);

function mfaFixtures(): ConformanceFixtures {
  const { language, pronunciations, files } = makeRequest(MFA_FILES);
  return { language, pronunciations, files: twoOf(files), hopeless: CROWDED };
}

/** @param squeezed - words with more phones than fit into 0.1 s */
async function htkFixtures(
  engine: string,
  lines: readonly string[],
  squeezed: string,
  spoken: Readonly<Record<string, readonly (readonly Said[])[]>>,
): Promise<ConformanceFixtures> {
  const dir = makeDir();
  const files = Object.entries(spoken).map(([id, tiers]) =>
    fileOf(id, path.join(dir, `${id}.wav`), ...tiers),
  );
  for (const { audioPath, durationSec } of files) await writeWav(audioPath, durationSec);
  const { language, pronunciations } = requestOf(engine, lines, files);
  const hopeless = { startSec: 6, endSec: 6.1, words: squeezed.split(' ') };
  return { language, pronunciations, files: twoOf(files), hopeless };
}

function twoOf([first, second]: readonly AlignmentFile[]): readonly [AlignmentFile, AlignmentFile] {
  assert.ok(first !== undefined && second !== undefined);
  return [first, second];
}

function makeDir(): string {
  return mkdtempSync(path.join(root, 'x-'));
}
