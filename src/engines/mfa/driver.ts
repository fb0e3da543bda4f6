import { appendFile } from 'node:fs/promises';
import { messageOf, TaskError } from '../../base/errors.ts';
import type { AlignedTier, AlignmentRequest, Engine, EngineContext } from '../engine.ts';
import { runProcess } from '../process/run-process.ts';
import { type MfaCorpus, writeMfaCorpus } from './corpus.ts';
import { makeMfaDirs } from './dirs.ts';
import { describeMfaFailure } from './failure.ts';
import { guessPronunciations } from './g2p.ts';
import type { MfaHealth } from './health.ts';
import { watchKaldiLogs } from './kaldi-logs.ts';
import type { MfaKind } from './kind.ts';
import { placeMfaModel } from './model.ts';
import { readMfaOutput } from './output.ts';
import { trackMfaPhases } from './phases.ts';
import { describeMfaReports } from './reports.ts';
import { type MfaSettings, mfaEnvironment } from './settings.ts';

/** For how many seconds MFA may write nothing per second of speech: its longest phases write nothing until they end. */
const SILENCE_PER_SPEECH = 0.1;

/** Makes the engine MFA1 or MFA2. It aligns all files and tiers of a request in one start. */
export function createMfaEngine<Version>(kind: MfaKind<Version>, settings: MfaSettings): Engine {
  let version: Version | null = null;
  const check = async (signal: AbortSignal): Promise<MfaHealth<Version>> => {
    const found = await kind.check(settings, signal);
    version = found.version;
    return found;
  };
  const findVersion = async (signal: AbortSignal): Promise<Version> => {
    if (version !== null) return version;
    const found = await check(signal);
    if (found.version === null) throw new TaskError('E_ENGINE_MISSING', found.health.note);
    return found.version;
  };
  const withVersion = async <T>(signal: AbortSignal, run: (found: Version) => Promise<T>): Promise<T> => {
    try {
      return await run(await findVersion(signal));
    } catch (error) {
      // Another version, with other options, may have been installed since the last check.
      version = null;
      throw error;
    }
  };
  return {
    name: kind.name,
    // MFA 1 does not align audio below 16 kHz.
    audio: { minHz: 16_000, maxHz: 48_000, resampleToHz: 16_000 },
    // Words without a pronunciation are in the dictionary with this phone: MFA 1.0.0 would ask about missing words.
    unknownPhone: 'spn',
    cost: kind.cost,
    builtInLanguages: [],
    check: async (signal) => {
      try {
        return (await check(signal)).health;
      } catch (error) {
        const reason = messageOf(error);
        return { state: 'sick', version: null, note: `${kind.name}: the check did not end: ${reason}` };
      }
    },
    align: async (request, context) =>
      withVersion(context.signal, (found) => alignAll(kind, found, settings, request, context)),
    pronounce: async (words, language, context) =>
      withVersion(context.signal, (found) =>
        guessPronunciations(kind, found, settings, words, language, context),
      ),
  };
}

/** Runs MFA. Words that it lost are missing in the result; the log gets its reports about them. */
async function alignAll<Version>(
  kind: MfaKind<Version>,
  version: Version,
  settings: MfaSettings,
  request: AlignmentRequest,
  context: EngineContext,
): Promise<AlignedTier[]> {
  const corpus = await writeMfaCorpus(request, context.workDir, kind.toDictionaryLine);
  if (corpus.files.length === 0) return [];
  const modelPath = await placeMfaModel(request.language, context.workDir);
  const dirs = await makeMfaDirs(context.workDir);
  const args = kind.toArguments({
    version,
    corpus,
    dirs,
    modelPath,
    search: request.search ?? 'usual',
  });
  const [program = '', ...rest] = [...settings.launcher, settings.command, ...args];
  const kaldiLogs = watchKaldiLogs(context.workDir);
  const trackPhase = trackMfaPhases(kind.phases, context.report);
  const result = await runProcess({
    ...context,
    name: kind.name,
    argv: [program, ...rest],
    cwd: context.workDir,
    env: mfaEnvironment(settings, { HOME: dirs.home, TMPDIR: dirs.tmp, ...kind.toEnvironment(dirs) }),
    silenceSec: context.silenceSec + corpus.speechSec * SILENCE_PER_SPEECH,
    onLine: (line) => {
      trackPhase(line);
      kaldiLogs.read(line);
    },
  });
  const { tiers, faults } = await readMfaOutput(dirs.out, corpus);
  const notes = [...(await describeMfaReports(dirs.out)), ...faults];
  await appendFile(context.logPath, notes.map((note) => `== ${kind.name}: ${note}\n`).join(''));
  const kaldiError = await kaldiLogs.copyTo(context.logPath);
  if (result.exitCode !== 0 && tiers.length === 0) {
    throw describeMfaFailure(kind.name, result, corpus, kaldiError);
  }
  return result.exitCode === 0 ? [...tiers] : [...tiers, ...untriedTiers(corpus, tiers)];
}

/** The tiers of files that MFA had not written when it failed. */
function untriedTiers({ files }: MfaCorpus, tiers: readonly AlignedTier[]): AlignedTier[] {
  const written = new Set(tiers.map(({ fileId }) => fileId));
  return files
    .filter(({ fileId }) => !written.has(fileId))
    .flatMap(({ fileId, speakers }) =>
      speakers.map(({ tierId, utterances }) => ({ fileId, tierId, words: [], untried: utterances })),
    );
}
