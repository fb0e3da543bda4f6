import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { must } from '../../src/base/must.ts';
import { createSphinx } from '../../src/engines/sphinx/sphinx.ts';
import { readPronunciations } from '../../src/lexicon/dictionary.ts';
import { lookupForm } from '../../src/lexicon/lookup-form.ts';
import { createEngineBench } from '../../testing/engine-bench.ts';
import { readZip } from '../../testing/zip.ts';
import type { Figure } from './benchmark.ts';
import { addReading, type Spoken } from './long-interval.ts';
import { readChildrenCpuSec } from './machine.ts';
import { MISMATCHES, type Reading } from './mismatches.ts';

const LANG = 'engUS_MFA2_v020';
const USER = 'ann';
const VOWELS = /^(?:AA|AE|AH|AO|AW|AY|EH|ER|EY|IH|IY|OW|OY|UH|UW)$/;

/**
 * The same interval, cut by the built-in engine for MFA. The program of MFA is a stand-in that finds nothing. Measures
 * the CPU time of all processes for the kind of imperfect text that takes most.
 */
export async function measureCuts(
  reading: Reading,
  text: string,
  signal: AbortSignal,
): Promise<{ figure: Figure; note: string }> {
  const clean = await cut(reading, { samples: reading.samples, text }, signal);
  const runs: { name: string; cpuSec: number }[] = [];
  for (const { name, make } of MISMATCHES)
    runs.push({ name, ...(await cut(reading, make(reading), signal)) });
  const worst = must(runs.toSorted((a, b) => b.cpuSec - a.cpuSec).at(0), 'a kind of imperfect text');
  return {
    figure: {
      what: `CPU time, cut for MFA, ${worst.name}`,
      value: worst.cpuSec,
      unit: 's',
      beside: { name: 'the right text', value: clean.cpuSec },
      goal: { ratioAtMost: 3 },
    },
    note: `cut for MFA, times the right text: ${runs
      .map(({ name, cpuSec }) => `${name} ${(cpuSec / clean.cpuSec).toFixed(2)}`)
      .join(', ')}`,
  };
}

async function cut({ rateHz }: Reading, spoken: Spoken, signal: AbortSignal): Promise<{ cpuSec: number }> {
  const cutter = createSphinx();
  await using bench = await createEngineBench('MFA2', {}, { lang: LANG, others: [cutter] });
  await addReading(bench, rateHz, spoken);
  const dir = path.join(bench.uploadsDir, USER, 'dic');
  await mkdir(dir, { recursive: true });
  await writeFile(path.join(dir, `${LANG}.dict`), await dictionaryOf(spoken.text, cutter));
  const before = await readChildrenCpuSec();
  const { zipPath } = await bench.run({ signal });
  const cpuSec = (await readChildrenCpuSec()) - before;
  const manifest = JSON.parse((await readZip(zipPath)).get('manifest.json') ?? '{}') as {
    cut?: object | null;
  };
  must(manifest.cut, 'an interval that was cut');
  return { cpuSec };
}

/** The words as the built-in engine knows them, with the stress marks of MFA's languages. */
async function dictionaryOf(
  text: string,
  { builtInLanguages }: ReturnType<typeof createSphinx>,
): Promise<string> {
  const { dictionaryPath } = must(builtInLanguages[0], 'English');
  const words = new Set(text.split(' ').map(lookupForm));
  const { pronunciations } = await readPronunciations(dictionaryPath, words);
  return pronunciations
    .map(
      ({ word, phones }) =>
        `${word}\t${phones.map((one) => (VOWELS.test(one) ? `${one}1` : one)).join(' ')}\n`,
    )
    .join('');
}
