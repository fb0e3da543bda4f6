import { readdir, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { type Fault, TaskError } from '../base/errors.ts';
import { findingAt } from '../base/finding.ts';
import { chooseRecording, inputKindOf, transcriptNames } from '../base/input-kinds.ts';
import { type InputPair, isUnreadableName, NOT_UTF8, stemOf } from '../pipeline/prepare/input-files.ts';

/** The files that a person named for one task. */
export interface Gathered {
  readonly pairs: readonly InputPair[];
  readonly faults: readonly Fault[];
  /** Files that are neither recording nor transcript, and films beside their audio. */
  readonly ignored: readonly string[];
}

/**
 * Pairs up recordings and transcripts among files and folders. Naming one of a pair is enough: its partner beside it
 * is found. Folders are searched with their sub-folders; names in the task are relative to the folder named.
 * @throws TaskError E_USAGE for a path where nothing is
 */
export async function gather(paths: readonly string[]): Promise<Gathered> {
  const found = new Map<string, { audio?: string; transcript?: string }>();
  const faults: Fault[] = [];
  const ignored: string[] = [];
  for (const given of paths) {
    const real = await realpath(given).catch(() => {
      throw new TaskError('E_USAGE', `${given}: no such file or folder`);
    });
    const info = await stat(real);
    const files = info.isDirectory()
      ? await filesBelow(real)
      : [path.basename(real), ...(await partners(real))];
    const root = info.isDirectory() ? real : path.dirname(real);
    for (const relative of files) {
      if (isUnreadableName(relative)) {
        const file = path.join(root, relative);
        faults.push(findingAt('E_PATH_KIND', { file }, NOT_UTF8));
        continue;
      }
      const kind = inputKindOf(relative);
      if (kind === null || kind === 'dictionary') {
        ignored.push(relative);
        continue;
      }
      const stem = stemOf(relative.replace(/\.[^./]+$/, ''));
      const entry = found.get(stem) ?? {};
      const absolute = path.join(root, relative);
      const earlier = entry[kind];
      const choice = earlier === undefined || kind !== 'audio' ? null : chooseRecording(earlier, absolute);
      if (choice !== null) {
        ignored.push(path.relative(root, choice.passedOver));
        found.set(stem, { ...entry, audio: choice.taken });
        continue;
      }
      if (earlier !== undefined && earlier !== absolute) {
        faults.push({
          code: 'E_USAGE',
          text: `two files for ${stem}: ${earlier} and ${absolute}; expected one ${kind}; submit them as two tasks`,
        });
      }
      found.set(stem, { ...entry, [kind]: absolute });
    }
  }
  const pairs: InputPair[] = [];
  for (const [name, { audio, transcript }] of [...found].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (audio !== undefined && transcript !== undefined) {
      pairs.push({ name, audioPath: audio, transcriptPath: transcript });
    } else faults.push(withoutPartner(name, audio, transcript));
  }
  if (pairs.length === 0 && faults.length === 0) {
    throw new TaskError(
      'E_NO_FILES',
      `nothing to align in ${paths.join(', ')}: expected recordings (.wav) and, beside each, its transcript of the same name (${transcriptNames('')})`,
    );
  }
  return { pairs, faults, ignored: [...new Set(ignored)] };
}

async function filesBelow(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
    .map((entry) => path.relative(dir, path.join(entry.parentPath, entry.name)))
    .sort();
}

/** The other half of a pair, beside a file that was named alone. */
async function partners(file: string): Promise<string[]> {
  const { dir, name, base } = path.parse(file);
  const wanted = inputKindOf(base) === 'audio' ? 'transcript' : 'audio';
  return (await readdir(dir)).filter(
    (other) => stemOf(path.parse(other).name) === stemOf(name) && inputKindOf(other) === wanted,
  );
}

function withoutPartner(stem: string, audio?: string, transcript?: string): Fault {
  const name = path.basename(stem);
  return audio !== undefined
    ? findingAt(
        'E_TRANSCRIPT_MISSING',
        { file: audio },
        `no transcript; expected ${transcriptNames(name)} beside it`,
      )
    : findingAt(
        'E_AUDIO_MISSING',
        transcript === undefined ? {} : { file: transcript },
        `no recording; expected ${name}.wav beside it`,
      );
}
