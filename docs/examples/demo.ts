import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fillGaps, writeTextGrid } from '../../formats/textgrid/write.ts';
import type { AlignedTier, AlignmentFile, EngineHealth } from '../engine.ts';
import { engineEnvironment } from '../environment.ts';
import { parseOutput, readSpeaker } from '../exchange/speaker-tiers.ts';
import { createWordTokens, type WordTokens } from '../exchange/word-tokens.ts';
import { alignPerFile, type FileContext } from '../htk/per-file.ts';
import type { EngineKind, Installation } from '../kind.ts';
import { engineFailed } from '../process/failure.ts';
import { probe } from '../process/probe.ts';
import { runProcess } from '../process/run-process.ts';

/** demo-align: one start per file. What it cannot align it leaves out, with exit status 0. */
export const DEMO: EngineKind = {
  name: 'DEMO',
  setting: { name: 'DEMO', takes: 'program', meaning: 'the path of demo-align' },
  needsModel: false,
  create: (installation) => ({
    name: 'DEMO',
    audio: { minHz: 16_000, maxHz: 48_000, resampleToHz: 16_000 },
    unknownPhone: null,
    builtInLanguages: [],
    check: (signal) => check(installation, signal),
    align: (request, context) => {
      // Plain letters in place of words: no name or text of a user reaches the program.
      const words = createWordTokens(request.pronunciations);
      return alignPerFile(request, context, (file, own) => alignFile(installation, file, words, own));
    },
  }),
};

async function check({ place, launcher, env }: Installation, signal: AbortSignal): Promise<EngineHealth> {
  try {
    const answer = await probe([...launcher, place, '--version'], engineEnvironment({}, env), signal);
    const version = /demo-align (\d\S*)/.exec(answer.lines.join('\n'))?.[1] ?? null;
    if (version !== null) return { state: 'ready', version, note: place };
    const note = `${place}: no demo-align; set DEMO to the path of demo-align`;
    return { state: answer.isFound ? 'sick' : 'missing', version, note };
  } catch (error) {
    return { state: 'sick', version: null, note: `demo-align: the check did not end: ${error}` };
  }
}

async function alignFile(
  { place, launcher, env }: Installation,
  file: AlignmentFile,
  words: WordTokens,
  context: FileContext,
): Promise<AlignedTier[]> {
  const { dir } = context;
  const used = file.tiers.flatMap((tier) => tier.utterances.flatMap((utterance) => utterance.words));
  const whole = { startSec: 0, endSec: file.durationSec };
  const tiers = file.tiers.map(({ utterances }, n) => {
    const labels = utterances.map(({ startSec, endSec, words: spoken }) => ({
      startSec,
      endSec,
      text: spoken.map(words.tokenOf).join(' '),
    }));
    const intervals = fillGaps(labels, 0, file.durationSec);
    return { kind: 'interval' as const, name: `S${n}`, ...whole, intervals };
  });
  await writeFile(path.join(dir, 'a.TextGrid'), writeTextGrid({ ...whole, tiers }));
  await writeFile(path.join(dir, 'd.dict'), `${words.dictionaryOf(used, '\t').join('\n')}\n`);
  const [command = place, ...args] = [
    ...[...launcher, place],
    ...[file.audioPath, 'a.TextGrid', 'd.dict', 'out.TextGrid'],
  ];
  const result = await runProcess({
    ...context,
    argv: [command, ...args],
    cwd: dir,
    env: engineEnvironment({ HOME: dir, TMPDIR: dir }, env),
    timeoutSec: context.leftSec(),
  });
  const output = await readFile(path.join(dir, 'out.TextGrid'), 'utf8').catch(() => null);
  if (output === null) throw engineFailed('demo-align', result);
  const grid = await parseOutput(output, 'demo-align');
  return file.tiers.map(({ id }, n) => ({
    fileId: file.id,
    tierId: id,
    words: readSpeaker(grid, { words: `S${n} - words`, phones: `S${n} - phones` }, words.wordOf),
  }));
}
