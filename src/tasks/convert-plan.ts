import { stat } from 'node:fs/promises';
import path from 'node:path';
import { type Fault, TaskError, throwFaults } from '../base/errors.ts';
import { isThere } from '../base/not-written.ts';
import { parseResultFormats, RESULT_FORMATS, type ResultFormatName } from '../base/result-kinds.ts';
import { DATABASE_FOLDER } from '../formats/emu/bundles.ts';
import { RESULT_WRITERS } from '../formats/result-formats.ts';
import type { Conversion } from './convert.ts';
import { FORCE } from './write-new.ts';

export interface ConversionPlan {
  readonly format: ResultFormatName;
  readonly conversions: readonly Conversion[];
  /** The output folder, if there is one. */
  readonly folder: string | null;
}

/**
 * Decides which file becomes which.
 * @param out - a file, for one transcript; or a folder
 * @throws TaskError E_USAGE or E_FORMAT_UNKNOWN, before anything is read
 */
export async function planConversions(
  files: readonly string[],
  out: string,
  { to, isForced }: { readonly to: string | null; readonly isForced: boolean },
): Promise<ConversionPlan> {
  const isFolder = await isFolderAt(out);
  const [file, ...others] = files;
  if (!isFolder && (others.length > 0 || out.endsWith('/'))) {
    throw new TaskError('E_USAGE', 'expected a folder that exists, for several files', {
      place: { file: out },
    });
  }
  const format = to === null ? formatOf(out, isFolder) : formatNamed(to);
  const isDatabase = RESULT_WRITERS[format].isDatabase === true;
  if (isDatabase && !isFolder) {
    const text = `expected a folder that exists, since ${format} is a folder of files`;
    throw new TaskError('E_USAGE', text, { place: { file: out } });
  }
  if (!isFolder) assertExtension(out, format);
  const toFile = (from: string) =>
    isFolder ? path.join(out, `${path.parse(from).name}.${RESULT_WRITERS[format].extension}`) : out;
  const conversions =
    isFolder || file === undefined
      ? files.map((from) => ({ from, to: toFile(from) }))
      : [{ from: file, to: out }];
  const faults: Fault[] = [];
  for (const [target, same] of Map.groupBy(conversions, (one) => path.resolve(one.to))) {
    if (same.length > 1) {
      const names = same.map(({ from }) => from).join(' and ');
      faults.push({
        code: 'E_USAGE',
        text: `${names} would both become ${target}; convert them into two folders`,
      });
    }
    const found = isForced || isDatabase ? null : await stat(target).catch(() => null);
    if (found !== null) faults.push(...isThere(same[0]?.to ?? target, FORCE).faults);
  }
  const database = path.join(out, DATABASE_FOLDER);
  if (isDatabase && !isForced && (await isFolderAt(database)))
    faults.push(...isThere(database, FORCE).faults);
  throwFaults(faults);
  return { format, conversions, folder: isFolder ? out : null };
}

async function isFolderAt(out: string): Promise<boolean> {
  return stat(out).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

function formatNamed(to: string): ResultFormatName {
  const [format, ...others] = parseResultFormats(to);
  if (format === undefined || others.length > 0)
    throw new TaskError('E_USAGE', `--to ${to}: expected one format`);
  return format;
}

/** A file is read again by its name, so it must not have an extension that means another format. */
function assertExtension(out: string, format: ResultFormatName): void {
  const { extension } = RESULT_WRITERS[format];
  const found = path.extname(out).slice(1).toLowerCase();
  if (found === extension.toLowerCase()) return;
  const text = `--to ${format}: expected the extension .${extension}, found ${JSON.stringify(path.basename(out))}`;
  throw new TaskError('E_USAGE', text);
}

/** If formats have the same extension, the first one. */
function formatOf(out: string, isFolder: boolean): ResultFormatName {
  const extension = path.extname(out).slice(1).toLowerCase();
  const format = RESULT_FORMATS.find((name) => RESULT_WRITERS[name].extension.toLowerCase() === extension);
  if (!isFolder && format !== undefined) return format;
  const text = isFolder
    ? 'which format? Give --to'
    : `no format that is written has the extension of ${JSON.stringify(path.basename(out))}; give --to`;
  throw new TaskError('E_USAGE', `${text}. Known: ${RESULT_FORMATS.join(', ')}`);
}
