import { readdir, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { type Fault, TaskError, type Warning } from '../base/errors.ts';
import { findingAt } from '../base/finding.ts';
import { type InputKind, inputKindOf, pairKey } from '../base/input-kinds.ts';
import { whyNotFound } from '../base/not-found.ts';
import { isUnreadableName, NOT_UTF8, PAIRS_EXPECTED } from '../pipeline/prepare/input-files.ts';
import { type InputPath, type PairedFiles, pairUp } from '../pipeline/prepare/pairs.ts';

/**
 * Pairs recordings and transcripts among the files and folders that a user named for one task. Naming one of a pair is
 * enough: its partner beside it is found, unless another one is named. Folders are searched with their sub-folders;
 * names in the task are relative to the folder named.
 * @throws TaskError E_USAGE for a path that does not exist
 */
export async function gather(paths: readonly string[]): Promise<PairedFiles> {
  const found = new Gathering();
  const named: string[] = [];
  for (const given of paths) {
    const real = await realpath(given).catch((error: unknown) => {
      throw new TaskError('E_USAGE', `${given}: ${whyNotFound(error, 'file or folder')}`, { cause: error });
    });
    if (!(await stat(real)).isDirectory()) named.push(real);
    else await addFolder(real, found);
  }
  // After the folders, because a file that is named in addition to its folder is known already.
  for (const file of named) found.add(path.dirname(file), path.basename(file));
  await addPartners(named, found);
  const hint = ', or name only the files that do: submit talk.wav talk.TextGrid';
  const paired = pairUp(found.files, hint);
  const faults = [...found.faults, ...paired.faults];
  if (paired.recordings.length === 0 && faults.length === 0) {
    throw new TaskError('E_NO_FILES', `nothing to align in ${paths.join(', ')}: ${PAIRS_EXPECTED}`);
  }
  return { ...paired, faults, warnings: [...found.warnings, ...paired.warnings] };
}

/** Adds the partners that are beside named files. */
async function addPartners(named: readonly string[], found: Gathering): Promise<void> {
  const keys = new Set(named.map((file) => keyOfKind(file, inputKindOf(file))));
  const alone = named.filter((file) => !keys.has(keyOfKind(file, partnerKind(file))));
  for (const [dir, files] of Map.groupBy(alone, (file) => path.dirname(file))) {
    const wanted = new Set(files.map((file) => keyOfKind(file, partnerKind(file))));
    const partners = (await readdir(dir)).filter((name) => wanted.has(keyOfKind(name, inputKindOf(name))));
    for (const name of partners) found.add(dir, name);
  }
}

function partnerKind(file: string): InputKind {
  return inputKindOf(file) === 'audio' ? 'transcript' : 'audio';
}

/** The same for all files of one kind that may belong together, wherever they are. */
function keyOfKind(file: string, kind: InputKind | null): string {
  return `${kind} ${pairKey(path.basename(file))}`;
}

class Gathering {
  readonly faults: Fault[] = [];
  readonly warnings: Warning[] = [];
  readonly #byRelative = new Map<string, InputPath>();
  readonly #paths = new Set<string>();

  get files(): InputPath[] {
    return [...this.#byRelative.values()];
  }

  /** A link may lead to files of the system. Only a link that the user names is followed. */
  passOverLink(relative: string): void {
    const text = 'not used, since it is a symbolic link; name the file itself, or put it into the folder';
    if (inputKindOf(relative) !== null)
      this.warnings.push(findingAt('W_FILE_IGNORED', { file: relative }, text));
  }

  add(root: string, relative: string): void {
    const file: InputPath = { relative, path: path.join(root, relative) };
    if (this.#paths.has(file.path)) return;
    this.#paths.add(file.path);
    if (isUnreadableName(relative)) {
      this.faults.push(findingAt('E_PATH_KIND', { file: file.path }, NOT_UTF8));
      return;
    }
    const kind = inputKindOf(relative);
    if (kind === null || kind === 'dictionary') {
      this.warnings.push(findingAt('W_FILE_IGNORED', { file: relative }, 'not used'));
      return;
    }
    const earlier = this.#byRelative.get(relative);
    if (earlier !== undefined) {
      const text = `two files for ${relative}: ${earlier.path} and ${file.path}; submit them as two tasks`;
      this.faults.push({ code: 'E_USAGE', text });
      return;
    }
    this.#byRelative.set(relative, file);
  }
}

async function addFolder(dir: string, found: Gathering): Promise<void> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  const named = entries
    .filter((entry) => !entry.name.startsWith('.'))
    .map((entry) => ({ entry, relative: path.relative(dir, path.join(entry.parentPath, entry.name)) }))
    .sort((one, other) => (one.relative < other.relative ? -1 : 1));
  for (const { entry, relative } of named) {
    if (entry.isFile()) found.add(dir, relative);
    else if (entry.isSymbolicLink()) found.passOverLink(relative);
  }
}
