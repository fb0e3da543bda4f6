import { type ErrorCode, TaskError } from '../../base/errors.ts';
import { describeProcessEnd, engineFailed } from '../process/failure.ts';
import type { ProcessResult } from '../process/run-process.ts';
import type { MfaCorpus } from './corpus.ts';

/** What a failed run left, for messages. */
const FOUND = 'no TextGrid';

interface KnownFailure {
  /** Occurs in the last lines of MFA's output. */
  readonly pattern: RegExp;
  readonly code: ErrorCode;
  /** The cause, and the fix if there is one. */
  readonly meaning: string;
  /** An error of one of Kaldi's programs tells more than MFA's own message. */
  readonly isOfKaldi?: true;
}

/** The causes of MFA's errors. Sources: runs of 1.0.1, 1.1.0-beta and 2.2.17, and the names of exceptions in their code. */
const KNOWN_FAILURES: readonly KnownFailure[] = [
  {
    pattern: /No space left on device|Disk quota exceeded/,
    code: 'E_DISK_FULL',
    meaning: 'the disk is full',
  },
  {
    pattern: /do not have acoustic models|PronunciationAcousticMismatch/,
    code: 'E_LANGUAGE_BROKEN',
    meaning:
      'the dictionary has phones that the acoustic model does not have; compare the phones of both, and of the user dictionary',
  },
  {
    pattern: /BadZip|not a zip file|ModelLoadError|ModelError/,
    code: 'E_LANGUAGE_BROKEN',
    meaning: 'the acoustic model cannot be read; put the zip file of the model there again',
  },
  {
    pattern: /RIFF|wave\.Error|LibsndfileError|SoundFileParsingError|SoundFileError/,
    code: 'E_AUDIO_FORMAT',
    meaning: 'an audio file is not a plain 16-bit PCM wav',
  },
  {
    pattern: /^EOFError$/,
    code: 'E_AUDIO_EMPTY',
    meaning: 'an audio file is empty',
  },
  {
    pattern: /ZeroDivisionError/,
    code: 'E_AUDIO_RATE',
    meaning: 'no audio file has 16 kHz or more',
  },
  {
    pattern: /EOF when reading a line|words not found in the dictionary|sre_constants\.error|re\.error/,
    code: 'E_WORDS_UNKNOWN',
    meaning: 'words are not in the dictionary that it was given',
  },
  {
    pattern: /ThirdpartyError|initdb|sox: not found|Could not find.*(sox|fstcompile)/,
    code: 'E_ENGINE_MISSING',
    meaning:
      'a program that it needs is not on PATH (initdb, for 2.x also sox); set the launcher of the engine, or CONDA_ENV',
  },
  {
    pattern: /KaldiProcessingError/,
    isOfKaldi: true,
    code: 'E_ENGINE_FAILED',
    meaning:
      'Kaldi failed: either the acoustic model is broken, or not one of the intervals could be aligned; check that the transcript says what is heard',
  },
  {
    pattern: /MemoryError|Cannot allocate memory/,
    code: 'E_ENGINE_FAILED',
    meaning: 'there was not enough memory',
  },
];

/**
 * The error of a run of MFA that left nothing usable. Its code tells whether another attempt may help. Its cause has the last lines
 * of MFA.
 * @param kaldiError - the last error of Kaldi's programs; null: they reported none
 */
export function describeMfaFailure(
  engine: string,
  result: ProcessResult,
  corpus: MfaCorpus,
  kaldiError: string | null = null,
): TaskError {
  const lines = result.lastLines.map((line) => line.trim());
  const plain = engineFailed(engine, result, FOUND);
  const known = KNOWN_FAILURES.find(({ pattern }) => lines.some((line) => pattern.test(line)));
  if (known === undefined) {
    if (kaldiError === null) return plain;
    return new TaskError(plain.code, `${plain.message}; Kaldi said "${kaldiError}"`, { cause: plain.cause });
  }
  // MFA's last line may be only the path of a log, which is deleted with the working directory.
  const said = (known.isOfKaldi ? kaldiError : null) ?? lines.findLast((line) => known.pattern.test(line));
  const stem = lines.map((line) => /\b(f\d+)\.wav\b/.exec(line)?.[1]).find((found) => found !== undefined);
  const file = corpus.files.find((candidate) => candidate.stem === stem);
  return new TaskError(
    known.code,
    `${describeProcessEnd(engine, result, FOUND)}: ${known.meaning} ("${said}")`,
    {
      ...(file === undefined ? {} : { place: { file: file.fileId } }),
      cause: plain.cause,
    },
  );
}
