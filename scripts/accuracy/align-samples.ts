import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { silentLog } from '../../src/base/log.ts';
import { readConfig } from '../../src/config.ts';
import { createSphinx } from '../../src/engines/sphinx/sphinx.ts';
import type { TextGrid } from '../../src/formats/textgrid/model.ts';
import { loadLanguage } from '../../src/lexicon/load-languages.ts';
import { createAudioDecoder } from '../../src/pipeline/prepare/decode-audio.ts';
import { runPipeline } from '../../src/pipeline/run.ts';
import { policyOf } from '../../src/pipeline/stage.ts';
import { RECORDINGS, type Recording } from '../samples/texts.ts';
import { readResults } from './results.ts';

/** The defaults of the settings. */
const { policy: POLICY, taskLimits: TASK_LIMITS } = readConfig({}, {}, '/');

const SAMPLES = path.join(import.meta.dirname, '..', '..', 'samples');
const LANGUAGE_CODES: Readonly<Record<Recording['language'], string>> = {
  'en-us': 'engUS_SPHINX_v010',
  'fr-fr': 'fraFR_SPHINX_v010',
};
const USER = 'accuracy';
const LIMITS = { timeoutSec: 600, silenceSec: 300 };

/**
 * Runs the stages of the worker on all samples, one task for each folder, without queue and database.
 * @returns the TextGrids of the finished zips, by file name without extension
 */
export async function alignSamples(): Promise<Map<string, TextGrid>> {
  const engine = createSphinx();
  const { version } = await engine.check(new AbortController().signal);
  const root = mkdtempSync(path.join(tmpdir(), 'autophon-accuracy-'));
  try {
    const zips: string[] = [];
    for (const folder of new Set(RECORDINGS.map((recording) => recording.folder))) {
      const own = RECORDINGS.filter((recording) => recording.folder === folder);
      const place = (name: string): string => {
        const dir = path.join(root, name, folder);
        mkdirSync(dir, { recursive: true });
        return dir;
      };
      const taskPath = path.join(USER, 'upl', folder);
      const uploadDir = place(path.join('uploads', USER, 'upl'));
      for (const { stem } of own) {
        for (const ending of ['wav', 'TextGrid']) {
          copyFileSync(
            path.join(SAMPLES, folder, `${stem}.${ending}`),
            path.join(uploadDir, `${stem}.${ending}`),
          );
        }
      }
      const { zipPath } = await runPipeline({
        task: {
          taskId: folder,
          userUuid: USER,
          lang: own.map(({ language }) => LANGUAGE_CODES[language])[0] ?? '',
          engine: engine.name,
          taskPath,
        },
        uploadsDir: path.join(root, 'uploads'),
        // As in the worker: results lie in the folder of uploads, and packaging refuses any other place.
        outputDir: place(path.join('uploads', USER, 'otp')),
        workspaceDir: place('work'),
        logPath: path.join(root, `${folder}.log`),
        findLanguage: (code) => loadLanguage(code, { adminDir: null, builtIn: engine.builtInLanguages }),
        decodeAudio: createAudioDecoder({ ffmpeg: 'ffmpeg', inherited: {} }),
        engines: new Map([[engine.name, engine]]),
        engineVersion: () => version,
        pictures: 'never',
        taskLimits: TASK_LIMITS,
        policy: policyOf({ ...POLICY, unknownWords: 'fail' }),
        limits: { ...LIMITS, coreCount: availableParallelism() },
        signal: new AbortController().signal,
        log: silentLog,
        report: () => undefined,
      });
      zips.push(zipPath);
    }
    return await readResults(zips);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}
