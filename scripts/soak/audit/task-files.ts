import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { type ExpectedEntry, verifyZip } from '../../../src/pipeline/package/verify.ts';
import { readZip } from '../../../testing/zip.ts';
import { RECORDING_SEC } from '../behaviours.ts';
import type { FileRow, Finding, TaskRow } from './final-rows.ts';

const INPUTS_RULE = 'inputs are kept until success, audio deleted with a receipt after it';

/** Files on the disk for one task. Paths are relative to the uploads folder. */
export interface TaskOnDisk {
  readonly inputs: readonly string[];
  readonly results: readonly string[];
}

/** All files below a folder, relative to it. */
export async function listFilesIn(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => path.relative(dir, path.join(entry.parentPath, entry.name)))
    .sort();
}

/** Whether a file is a result, or belongs to the viewer's view of it. */
export function isOfResult(file: string, downloadPath: string | null): boolean {
  if (downloadPath === null) return false;
  const [dir, shown] = [path.dirname(downloadPath), path.basename(file)];
  return (
    file === downloadPath ||
    (path.dirname(file) === path.join(dir, 'view') &&
      /^(list\.json|\d+\.(tiers\.json|pictures))$/.test(shown))
  );
}

/**
 * Compares the files of a task with its row: which must exist and which must not.
 * @param stems - of the recordings that its user has submitted
 * @param adopted - results of earlier attempts that a later attempt has adopted
 */
export async function checkFiles(
  row: TaskRow,
  listed: readonly FileRow[],
  stems: readonly string[],
  disk: TaskOnDisk,
  { uploadsDir, adopted }: { readonly uploadsDir: string; readonly adopted: ReadonlySet<string> },
): Promise<Finding[]> {
  const findings: Finding[] = checkReceipts(row, listed, disk);
  const transcripts = stems.map((stem) => `${stem}.TextGrid`);
  const recordings = stems.map((stem) => `${stem}.wav`);
  const wanted = row.task_status === 'completed' ? transcripts : [...transcripts, ...recordings];
  const missing = wanted.filter((file) => !disk.inputs.includes(file));
  if (missing.length > 0)
    findings.push({
      rule: INPUTS_RULE,
      message: `${row.task_status}, and of its inputs are gone: ${missing.join(', ')}`,
    });
  if (row.task_status !== 'completed') {
    if (row.download_path !== null)
      findings.push({
        rule: 'a result is published once, by the last fence',
        message: `${row.task_status}, and points to ${row.download_path}`,
      });
    // Results of its own attempts stay while its inputs do: after lost commits, one may be the only copy.
    for (const file of disk.results.filter((name) => !name.includes(`/${row.id}.`)))
      findings.push({
        rule: 'nothing of a lost fence is left',
        message: `${row.task_status}, and there is ${file}`,
      });
    return findings;
  }
  findings.push(...checkAudioGone(row, listed, recordings, disk));
  const published = resultPath(row);
  // After lost commits, the verified result of an attempt that the database has forgotten may be used as the result.
  if (row.download_path !== published && !adopted.has(row.download_path ?? ''))
    findings.push({
      rule: 'a result is published once, by the last fence',
      message: `expected the result at ${published}, the row says ${row.download_path}`,
    });
  for (const file of disk.results.filter((name) => !isOfResult(name, row.download_path)))
    findings.push({
      rule: 'nothing of a lost fence is left',
      message: `completed by attempt ${attemptName(row)}, and there is ${file}`,
    });
  try {
    await checkZip(path.join(uploadsDir, row.download_path ?? 'none'), row, listed, stems, uploadsDir);
  } catch (error) {
    findings.push({
      rule: 'a result is whole',
      message: `${row.download_path}: ${(error as Error).message}`,
    });
  }
  return findings;
}

function resultPath(row: TaskRow): string {
  return path.join(row.user_uuid, 'otp', row.task_id, attemptName(row), `${row.task_id}.zip`);
}

/** No other attempt has used it, also none of a namesake. */
function attemptName({ id, claim }: TaskRow): string {
  return `${id}.${claim}`;
}

/** Whatever the status of the task is. */
function checkReceipts(row: TaskRow, listed: readonly FileRow[], disk: TaskOnDisk): Finding[] {
  return listed
    .filter((file) => file.deleted_at !== null && [...disk.inputs, ...disk.results].includes(file.path))
    .map((file) => ({
      rule: 'a receipt is for a file that is gone' as const,
      message: `${row.task_status}, with a receipt for ${file.path}, and it is there`,
    }));
}

function checkAudioGone(
  row: TaskRow,
  listed: readonly FileRow[],
  recordings: readonly string[],
  disk: TaskOnDisk,
): Finding[] {
  const receipts = listed.filter(({ kind, deleted_at }) => kind === 'audio' && deleted_at !== null);
  const audio = receipts.map((file) => file.path).sort();
  const expected = [...recordings].sort();
  const left = recordings.filter((file) => disk.inputs.includes(file));
  const findings: Finding[] = [];
  if (left.length > 0)
    findings.push({ rule: INPUTS_RULE, message: `completed, and there is ${left.join(', ')}` });
  if (audio.join() !== expected.join())
    findings.push({
      rule: INPUTS_RULE,
      message: `receipts for ${audio.join(', ') || 'nothing'}; expected ${expected.join(', ')}`,
    });
  if (row.stage !== null)
    findings.push({ rule: INPUTS_RULE, message: `completed, and still in ${row.stage}` });
  return findings;
}

/** Checks the zip by the program's own check, then against the file list of the row and the transcripts on the disk. */
async function checkZip(
  zipPath: string,
  row: TaskRow,
  listed: readonly FileRow[],
  stems: readonly string[],
  uploadsDir: string,
): Promise<void> {
  const names = stems.map((stem) => path.relative(row.task_path, stem));
  const durationsSec = [RECORDING_SEC];
  const expected: ExpectedEntry[] = [
    { name: 'README.txt', result: null },
    { name: 'manifest.json', result: null },
    { name: 'phones.csv', result: { format: 'csv', durationsSec } },
    ...['ARPAbet', 'IPA'].flatMap((folder) =>
      names.map((name) => ({
        name: `${folder}/${name}.TextGrid`,
        result: { format: 'textgrid' as const, durationsSec },
      })),
    ),
  ];
  await verifyZip(zipPath, expected, new AbortController().signal);
  const outputs = listed.filter(({ kind }) => kind === 'output');
  const sum = sha256(await readFile(zipPath));
  if (outputs.length !== 1 || outputs[0]?.path !== row.download_path || outputs[0]?.sha256 !== sum)
    throw new Error(`task_files lists ${JSON.stringify(outputs)}, and the zip has ${sum}`);
  const manifest = JSON.parse((await readZip(zipPath)).get('manifest.json') ?? '{}') as {
    files: { name: string; transcript: { sha256: string } }[];
  };
  for (const { name, transcript } of manifest.files) {
    const input = await readFile(path.join(uploadsDir, row.task_path, `${name}.TextGrid`));
    if (transcript.sha256 !== sha256(input))
      throw new Error(`it was not made from the task's ${name}.TextGrid`);
  }
}

function sha256(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
