import { TaskError } from '../../base/errors.ts';
import { engineFailed, type ProcessEnd } from '../process/failure.ts';

/** Looks for faults in the messages of FAVE or faseAlign. */
export interface HtkFaults {
  read(line: string): void;
  /**
   * Why it failed: E_ENGINE_MISSING if it could not start a program, E_AUDIO_FORMAT if it could not open the audio, otherwise
   * E_ENGINE_FAILED.
   */
  explain(result: ProcessEnd): TaskError;
  /** E_ENGINE_FAILED with an error of HTK; null: HTK reported none. HTK reports no error if the words do not fit the audio. */
  suspect(): TaskError | null;
  /** @throws TaskError E_ENGINE_FAILED when a message shows that this HTK cannot be used with FAVE */
  assertFit(): void;
}

/** HTK numbers its errors: `  ERROR [+8522]  LatFromPaths: Align have dur<=0`. */
const HTK_ERROR = /^\s*ERROR \[\+(\d+)\]\s+(.*)/;
/** The error of HTK as it is published, for each utterance of two or more words that is aligned with pauses between them. */
const UNCHANGED_HTK = '8522';

export function watchHtkFaults(engine: string): HtkFaults {
  let tool: string | null = null;
  let isAudioRefused = false;
  let htkError: RegExpExecArray | null = null;
  const suspect = (): TaskError | null => {
    if (htkError === null) return null;
    const [, number, text] = htkError;
    const fix =
      number === UNCHANGED_HTK
        ? 'the aligner is not installed correctly; tell the operator: this HTK lacks the change that pauses between words need: in HTKLib/HRec.c, where "splabid" is compared, ' +
          'write "labpr" for "labid", and build HTK again'
        : 'the log of the task has its whole output';
    return new TaskError('E_ENGINE_FAILED', `${engine}: HTK failed with error ${number} ("${text}"): ${fix}`);
  };
  return {
    read: (line) => {
      htkError ??= HTK_ERROR.exec(line);
      tool ??= missingToolIn(line);
      // Python's wave module. The last message of FAVE, after it has tried to use Praat, does not help.
      isAudioRefused ||= /^(wave\.Error|EOFError)\b/.test(line.trim());
    },
    explain: (result) => {
      if (tool !== null) {
        const message = `${engine} needs ${tool}, not found on PATH: ${howToInstall(tool)}, then run "make doctor"`;
        return new TaskError('E_ENGINE_MISSING', message);
      }
      const failed = engineFailed(engine, result);
      if (!isAudioRefused) return failed;
      const message = `${engine} could not open the audio: expected a plain 16-bit PCM wav file; convert it`;
      return new TaskError('E_AUDIO_FORMAT', message, { cause: failed.cause });
    },
    suspect,
    assertFit: () => {
      if (htkError?.[1] === UNCHANGED_HTK) throw suspect();
    },
  };
}

export function howToInstall(tool: string): string {
  return tool === 'sox' ? 'install the package sox' : 'install HTK 3.4.1, which brings HCopy and HVite';
}

/** The program of sox or HTK that is missing, according to a line; null: the line does not tell that. */
function missingToolIn(line: string): string | null {
  const named =
    /\b(sox|HCopy|HVite): (?:command )?not found/.exec(line) ??
    /No such file or directory: '(sox|HCopy|HVite)'/.exec(line);
  if (named?.[1] !== undefined) return named[1];
  if (line.includes('HTK Toolkit cannot be found')) return 'HVite';
  return /SoX could not be found/i.test(line) ? 'sox' : null;
}
