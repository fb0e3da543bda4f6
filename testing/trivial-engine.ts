import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { TaskError } from '../src/base/errors.ts';
import type {
  AlignedTier,
  AlignmentRequest,
  Engine,
  EngineContext,
  EngineHealth,
  Utterance,
} from '../src/engines/engine.ts';
import { engineFailed } from '../src/engines/process/failure.ts';
import { runProcess } from '../src/engines/process/run-process.ts';
import type { Language } from '../src/lexicon/language.ts';

export const TRIVIAL_LANGUAGE = 'engUS_TRIVIAL_v010';

/** The same under another name, for instances that differ in what they can run. */
export const RISKY_LANGUAGE = 'engUS_RISKY_v010';

/**
 * An engine that runs a real process and then spreads the words evenly. Words of the transcript decide how it behaves:
 * `slow` takes a third of a second each time it is said, `hang` never ends, `wait` ends when a test lets it go on (`letGo`
 * of a site), `fail` exits with 1, `crash` dies by a signal, `poison` takes the worker down with it. `flaky` fails the first
 * time it is seen, `fork` leaves a process behind, `lose` leaves its interval out, `vanish` its whole recording. `babble`
 * prints characters that no table and no terminal takes, `garble` fails with them.
 * @param stateDir - keeps what was seen, for all processes
 */
export function createTrivial(
  stateDir: string,
  health: EngineHealth['state'] = 'ready',
  name: 'TRIVIAL' | 'RISKY' = 'TRIVIAL',
  note = 'a stand-in',
): Engine {
  const code = name === 'TRIVIAL' ? TRIVIAL_LANGUAGE : RISKY_LANGUAGE;
  return {
    name,
    audio: { minHz: 8_000, maxHz: 48_000, resampleToHz: 16_000 },
    unknownPhone: 'spn',
    builtInLanguages: [{ ...LANGUAGE, code, engine: name }],
    check: async () => ({ state: health, version: '1', note }),
    align: (request, context) => align(request, context, stateDir),
  };
}

const LANGUAGE: Language = {
  code: TRIVIAL_LANGUAGE,
  displayName: 'English (trivial)',
  engine: 'TRIVIAL',
  alphabet: 'ARPAbet',
  dictionaryPath: path.resolve(import.meta.dirname, '../tests/fixtures/trivial.dict'),
  complexDictionaryPath: null,
  acousticModelPath: null,
  phones: new Set(),
  complexToSimple: new Map(),
  ipa: new Map([['AH', 'ʌ']]),
  citation: null,
  guidePath: null,
};

async function align(
  request: AlignmentRequest,
  context: EngineContext,
  stateDir: string,
): Promise<AlignedTier[]> {
  const utterances = request.files.flatMap(({ tiers }) => tiers.flatMap((tier) => tier.utterances));
  const words = utterances.flatMap((utterance) => utterance.words);
  const said = new Set(words);
  const marker = path.join(stateDir, `met-${words.join('-')}`);
  const isFirstMeeting = said.has('flaky') && !existsSync(marker);
  if (isFirstMeeting) writeFileSync(marker, '');
  context.report(0.5);
  const result = await runProcess({
    argv: commandFor(words, isFirstMeeting, stateDir),
    cwd: context.workDir,
    env: { PATH: '/usr/bin:/bin' },
    logPath: context.logPath,
    timeoutSec: context.timeoutSec,
    silenceSec: context.silenceSec,
    signal: context.signal,
    onStart: (pid) => {
      context.onStart?.(pid);
      if (said.has('poison')) process.kill(process.pid, 'SIGKILL');
    },
  });
  if (said.has('garble')) throw engineFailed('TRIVIAL', result);
  if (result.exitCode !== 0) throw new TaskError('E_ENGINE_FAILED', `TRIVIAL exited with ${result.exitCode}`);
  const pronounce = new Map(request.pronunciations.map(({ word, phones }) => [word, phones]));
  const files = request.files.filter(
    ({ tiers }) => !tiers.some(({ utterances: some }) => isSaid('vanish', some)),
  );
  return files.flatMap(({ id, tiers }) =>
    tiers.map((tier) => ({
      fileId: id,
      tierId: tier.id,
      words: tier.utterances
        .filter(({ words }) => !words.includes('lose'))
        .flatMap((utterance) => spread(utterance, pronounce)),
    })),
  );
}

function commandFor(
  said: readonly string[],
  isFirstMeeting: boolean,
  stateDir: string,
): [string, ...string[]] {
  if (said.includes('hang') || said.includes('poison')) return ['sleep', '1000'];
  if (said.includes('wait')) return ['sh', '-c', WAIT_PROGRAM, goPath(stateDir, said), stateDir];
  if (said.includes('fail') || isFirstMeeting) return ['false'];
  if (said.includes('garble') || said.includes('babble'))
    return [process.execPath, '-e', STRANGE_PROGRAM, said.includes('garble') ? '1' : '0'];
  // Ends as its child did, which it kills.
  if (said.includes('crash')) return ['timeout', '--signal=KILL', '0.05', 'sleep', '1000'];
  if (said.includes('fork')) return ['setsid', '--fork', 'sleep', '1000'];
  const slowness = said.filter((word) => word === 'slow').length;
  return slowness === 0 ? ['true'] : ['sleep', (slowness * 0.3).toFixed(1)];
}

/** The file whose existence ends an engine that waits. */
export function goPath(stateDir: string, words: readonly string[]): string {
  return path.join(stateDir, `go-${words.join('-')}`);
}

/** Ends with the folder, too: a test that fails leaves no process behind. */
const WAIT_PROGRAM = 'until [ -e "$0" ] || [ ! -d "$1" ]; do sleep 0.05; done';

/**
 * NUL, half of a surrogate pair, bytes that are not UTF-8, colours, text from right to left, and a line without end.
 */
export const STRANGE_TEXT = 'bad header \0 \ud800 \u001b[31m \u202egpj.exe\u2066 \u0085 \ufeff';
const STRANGE_PROGRAM = `
  process.stderr.write(${JSON.stringify(STRANGE_TEXT)} + 'x'.repeat(200_000) + '\\r');
  process.stderr.write(Buffer.from([0xff, 0xfe, 0, 0xc3, 0x28, 10]));
  process.stderr.write('ValueError: ' + ${JSON.stringify(STRANGE_TEXT)} + '\\n', () => process.exit(Number(process.argv[1])));`;

function isSaid(word: string, utterances: readonly Utterance[]): boolean {
  return utterances.some(({ words }) => words.includes(word));
}

function spread({ startSec, endSec, words }: Utterance, pronounce: ReadonlyMap<string, readonly string[]>) {
  const stepSec = (endSec - startSec) / words.length;
  return words.map((label, index) => {
    const from = startSec + index * stepSec;
    const to = index === words.length - 1 ? endSec : from + stepSec;
    const phones = pronounce.get(label) ?? [];
    const phoneSec = (to - from) / phones.length;
    return {
      label,
      startSec: from,
      endSec: to,
      phones: phones.map((phone, n) => ({
        label: phone,
        startSec: from + n * phoneSec,
        endSec: n === phones.length - 1 ? to : from + (n + 1) * phoneSec,
      })),
    };
  });
}
