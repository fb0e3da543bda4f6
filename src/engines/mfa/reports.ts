import { readFile } from 'node:fs/promises';
import path from 'node:path';

/** The reports that MFA 1 writes beside its TextGrids. Each file may be missing, and they are not complete. */
export interface MfaReports {
  /** `unaligned.txt` (1.1): utterances, as MFA joins speaker, file and times (`S1_f1_0_0_7_1`), with the reason. */
  readonly unaligned: readonly { readonly utterance: string; readonly reason: string }[];
  /** `oovs_found.txt`: words that MFA did not find in its dictionary. */
  readonly unknownWords: readonly string[];
  /** `utterance_oovs.txt`: those words by utterance. */
  readonly unknownByUtterance: ReadonlyMap<string, readonly string[]>;
  /** `output_errors.txt` (1.1): its lines. */
  readonly outputErrors: readonly string[];
}

/** @internal */
export async function readMfaReports(outDir: string): Promise<MfaReports> {
  const read = (name: string): Promise<string[]> => readLines(path.join(outDir, name));
  const [unaligned, unknownWords, unknownByUtterance, outputErrors] = await Promise.all([
    read('unaligned.txt'),
    read('oovs_found.txt'),
    read('utterance_oovs.txt'),
    read('output_errors.txt'),
  ]);
  return {
    unaligned: unaligned.map((line) => {
      const [utterance = '', ...reason] = line.split('\t');
      return { utterance, reason: reason.join(' ') };
    }),
    unknownWords,
    unknownByUtterance: new Map(
      unknownByUtterance.map((line) => {
        const [utterance = '', ...words] = line.split(/[\s,]+/);
        return [utterance, words];
      }),
    ),
    outputErrors,
  };
}

/** The reports as lines for the log. They have places and numbers, but no words of the transcript. */
export async function describeMfaReports(outDir: string): Promise<string[]> {
  const { unaligned, unknownWords, unknownByUtterance, outputErrors } = await readMfaReports(outDir);
  const places = [...unknownByUtterance].map(([utterance, words]) => `${words.length} in ${utterance}`);
  return [
    ...unaligned.map(({ utterance, reason }) => `${utterance} not aligned: ${reason}`),
    ...(unknownWords.length > 0
      ? [`words not found in the dictionary: ${unknownWords.length} (${places.join(', ')})`]
      : []),
    ...outputErrors.map((line) => `output error: ${line}`),
  ];
}

async function readLines(file: string): Promise<string[]> {
  try {
    const lines = (await readFile(file, 'utf8')).split(/\r?\n/);
    return lines.map((line) => line.trim()).filter((line) => line !== '');
  } catch {
    return [];
  }
}
