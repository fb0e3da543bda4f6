import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { writeTextGrid } from '../../formats/textgrid/write.ts';
import type { Pronunciation } from '../../lexicon/language.ts';
import type { EngineContext } from '../engine.ts';
import { engineEnvironment } from '../environment.ts';
import { placeFile } from '../exchange/place-file.ts';
import { engineFailed } from '../process/failure.ts';
import { runProcess } from '../process/run-process.ts';
import { SPEECH } from '../test-alignment/speech.ts';
import { askFaseOptions } from './fase-options.ts';
import type { FaseSettings } from './settings.ts';

/** Words that the rules can read. faseAlign removes other signs from a word, or fails. */
const SPELLED = /^[a-záéíóúüñ]+$/;
/** `Automatic Phonemicization: CASA- k a s a`, in some versions with a colon instead of the hyphen. */
const RULE_LINE = /^Automatic Phonemicization: (\S+)[-:] (\S.*)$/;

/**
 * Makes pronunciations of words by the rules of faseAlign (`-p`), which it writes before it aligns. For this it gets the audio of
 * the test alignment, whose alignment is not used.
 * @returns empty if this faseAlign has no rules
 * @throws TaskError E_ENGINE_FAILED when there is no pronunciation at all; the reason of the signal when aborted
 */
export async function pronounceByRules(
  settings: FaseSettings,
  words: readonly string[],
  context: EngineContext,
): Promise<Pronunciation[]> {
  const spelled = words.filter((word) => SPELLED.test(word));
  const { hasRules } = await askFaseOptions(settings, context.signal);
  if (spelled.length === 0 || !hasRules) return [];
  const dir = context.workDir;
  const whole = { startSec: 0, endSec: SPEECH.durationSec };
  const intervals = [{ ...whole, text: spelled.join(' ') }];
  const tiers = [{ kind: 'interval' as const, name: 'S1', ...whole, intervals }];
  await mkdir(path.join(dir, 'o'));
  await writeFile(path.join(dir, 'a.TextGrid'), writeTextGrid({ ...whole, tiers }));
  await placeFile(SPEECH.path, path.join(dir, 'a.wav'));
  const [command = settings.command, ...args] = [
    ...settings.launcher,
    settings.command,
    ...['-p', '-w', 'a.wav', '-t', 'a.TextGrid', '-o', 'o', '-n', 'r'],
  ];
  const asked = new Map(spelled.map((word) => [word.toUpperCase(), word]));
  const told = new Map<string, Pronunciation>();
  const result = await runProcess({
    ...context,
    name: 'the rules of faseAlign',
    argv: [command, ...args],
    cwd: dir,
    env: engineEnvironment({ HOME: dir, TMPDIR: dir }, settings.env),
    onLine: (line) => {
      const [, head = '', phones = ''] = RULE_LINE.exec(line.trim()) ?? [];
      const word = asked.get(head);
      if (word !== undefined) told.set(word, { word, phones: phones.split(/\s+/) });
    },
  });
  if (told.size === 0) throw engineFailed('the rules of faseAlign', result, 'no pronunciation');
  return [...told.values()];
}
