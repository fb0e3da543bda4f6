import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { readTextGrid } from '../../../src/formats/textgrid/read.ts';
import { verifyZip } from '../../../src/packaging/verify.ts';
import { readZip } from '../../../tests/support/zip.ts';
import { RECORDING_SEC } from '../tempers.ts';
import type { FileRow, TaskRow, Violation } from './books.ts';

/** What lies on the disk for one task. Paths are relative to the uploads folder. */
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

/** What the intervals of the task's transcripts say. They are kept whatever becomes of the task. */
export async function readLabels(uploadsDir: string, { inputs }: TaskOnDisk): Promise<string[]> {
  const labels: string[] = [];
  for (const file of inputs.filter((name) => name.endsWith('.TextGrid'))) {
    const grid = readTextGrid(await readFile(path.join(uploadsDir, file), 'utf8'), file);
    for (const tier of grid.tiers)
      if (tier.kind === 'interval') labels.push(...tier.intervals.map(({ text }) => text));
  }
  return labels;
}

/** Holds the files of a task against its row: what must be there, and what must not. */
export async function checkFiles(
  row: TaskRow,
  listed: readonly FileRow[],
  disk: TaskOnDisk,
  uploadsDir: string,
): Promise<Omit<Violation, 'taskId'>[]> {
  const violations: Omit<Violation, 'taskId'>[] = [];
  const stems = disk.inputs.filter((name) => name.endsWith('.TextGrid')).map((name) => name.slice(0, -9));
  const sounds = disk.inputs.filter((name) => name.endsWith('.wav'));
  if (row.task_status !== 'completed') {
    const rule = 'inputs are kept until success, sound deleted with a receipt after it';
    if (sounds.length !== stems.length || stems.length === 0)
      violations.push({
        rule,
        message: `${row.task_status}, and of its inputs there are ${disk.inputs.join(', ')}`,
      });
    if (row.download_path !== null)
      violations.push({
        rule: 'a result is published once, by the last fence',
        message: `${row.task_status}, and points to ${row.download_path}`,
      });
    for (const file of disk.results)
      violations.push({
        rule: 'nothing of a lost fence is left',
        message: `${row.task_status}, and there is ${file}`,
      });
    return violations;
  }
  violations.push(...checkReceipts(row, listed, stems, sounds));
  const wanted = path.join(row.user_uuid, 'otp', row.task_id, String(row.fence), `${row.task_id}.zip`);
  if (row.download_path !== wanted)
    violations.push({
      rule: 'a result is published once, by the last fence',
      message: `expected the result at ${wanted}, the row says ${row.download_path}`,
    });
  for (const file of disk.results.filter((name) => name !== row.download_path))
    violations.push({
      rule: 'nothing of a lost fence is left',
      message: `completed by fence ${row.fence}, and there is ${file}`,
    });
  try {
    await checkZip(path.join(uploadsDir, row.download_path ?? 'none'), row, listed, stems, uploadsDir);
  } catch (error) {
    violations.push({
      rule: 'a result is whole',
      message: `${row.download_path}: ${(error as Error).message}`,
    });
  }
  return violations;
}

function checkReceipts(
  row: TaskRow,
  listed: readonly FileRow[],
  stems: readonly string[],
  sounds: readonly string[],
): Omit<Violation, 'taskId'>[] {
  const rule = 'inputs are kept until success, sound deleted with a receipt after it';
  const receipts = listed.filter(({ kind, deleted_at }) => kind === 'audio' && deleted_at !== null);
  const audio = receipts.map((file) => file.path).sort();
  const expected = stems.map((stem) => `${stem}.wav`).sort();
  const violations: Omit<Violation, 'taskId'>[] = [];
  if (sounds.length > 0) violations.push({ rule, message: `completed, and there is ${sounds.join(', ')}` });
  if (audio.join() !== expected.join())
    violations.push({
      rule,
      message: `receipts for ${audio.join(', ') || 'nothing'}; expected ${expected.join(', ')}`,
    });
  if (row.stage !== null) violations.push({ rule, message: `completed, and still in ${row.stage}` });
  return violations;
}

/** By the program's own check, then against the row's list and the transcripts that lie there. */
async function checkZip(
  zipPath: string,
  row: TaskRow,
  listed: readonly FileRow[],
  stems: readonly string[],
  uploadsDir: string,
): Promise<void> {
  const names = stems.map((stem) => path.relative(row.task_path, stem));
  await verifyZip(zipPath, [
    { name: 'README.txt', durationSec: null },
    { name: 'manifest.json', durationSec: null },
    ...['ARPAbet', 'IPA'].flatMap((folder) =>
      names.map((name) => ({ name: `${folder}/${name}.TextGrid`, durationSec: RECORDING_SEC })),
    ),
  ]);
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
