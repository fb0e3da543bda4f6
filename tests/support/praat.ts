import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

/** Folder for the forms in which Praat can write a TextGrid. */
export interface PraatForms {
  readonly longPath: string;
  readonly shortPath: string;
  readonly utf16Path: string;
  readonly chronologicalPath: string;
  readonly binaryPath: string;
  /** The long form, with characters in place of backslash trigraphs. */
  readonly unicodePath: string;
}

const TIMEOUT_MS = 600_000;
const SCRIPT = `form Save a TextGrid in each form
  sentence in
  sentence long
  sentence short
  sentence utf16
  sentence chronological
  sentence binary
  sentence unicode
endform
Text writing preferences: "UTF-8"
Read from file: in$
Save as text file: long$
Save as short text file: short$
Save as chronological text file: chronological$
Save as binary file: binary$
Text writing preferences: "UTF-16"
Save as text file: utf16$
Text writing preferences: "UTF-8"
Convert to Unicode
Save as text file: unicode$
`;

/** Path of the real Praat; null: not installed on this machine. */
export function findPraat(): string | null {
  for (const dir of (process.env['PATH'] ?? '').split(path.delimiter)) {
    const candidate = path.join(dir, 'praat');
    try {
      accessSync(candidate, constants.X_OK);
      return candidate;
    } catch {
      // Look in the next folder.
    }
  }
  return null;
}

/**
 * Has Praat read a TextGrid and write it again.
 * @throws with Praat's message if it refuses the file
 */
export async function rewriteWithPraat(praat: string, inputPath: string, dir: string): Promise<PraatForms> {
  const forms: PraatForms = {
    longPath: path.join(dir, 'long.TextGrid'),
    shortPath: path.join(dir, 'short.TextGrid'),
    utf16Path: path.join(dir, 'utf16.TextGrid'),
    chronologicalPath: path.join(dir, 'chronological.TextGrid'),
    binaryPath: path.join(dir, 'binary.TextGrid'),
    unicodePath: path.join(dir, 'unicode.TextGrid'),
  };
  await runPraat(praat, SCRIPT, [inputPath, ...(Object.values(forms) as string[])], dir);
  return forms;
}

/**
 * Runs a script in Praat.
 * @param args - for the fields of its form
 * @param dir - for the script
 * @returns what it writes to the Info window
 * @throws with Praat's message if a command fails
 */
export async function runPraat(
  praat: string,
  script: string,
  args: readonly string[],
  dir: string,
): Promise<string> {
  const scriptPath = path.join(dir, 'script.praat');
  await writeFile(scriptPath, script);
  const { stdout } = await promisify(execFile)(
    praat,
    ['--run', scriptPath, ...args],
    // Praat keeps its preferences in HOME. Without an option it would look for a screen.
    { timeout: TIMEOUT_MS, env: { PATH: process.env['PATH'], HOME: dir, QT_QPA_PLATFORM: 'offscreen' } },
  );
  return stdout;
}
