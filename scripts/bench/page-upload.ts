import { readFile, rm } from 'node:fs/promises';
import http from 'node:http';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { BenchContext, Benchmark } from './benchmark.ts';
import { runPiece } from './children.ts';
import { readProcessUse } from './machine.ts';
import { timeMs } from './numbers.ts';
import { createPageSite } from './page-site.ts';
import { pieces, UPLOAD_BYTES } from './upload-bytes.ts';

const FILE_COUNT = 2;
const MB = 1_000_000;

export const pageUpload: Benchmark = {
  name: 'page-upload',
  summary: `a file of ${UPLOAD_BYTES / MB} MB sent over loopback, then ${FILE_COUNT} at once`,
  isLong: true,
  run: async (context: BenchContext) => {
    const floor = await runPiece('upload-main.ts', [path.join(context.dir, 'floor')], context.signal);
    await rm(path.join(context.dir, 'floor'));
    await using page = await createPageSite(context);
    const taskId = await createTask(page.address);
    const send = (name: string) => put(`${page.address}/api/v1/tasks/${taskId}/files/${name}`);
    const before = await readProcessUse(page.web.pid);
    const oneMs = await timeMs(() => send('one.wav'));
    const after = await readProcessUse(page.web.pid);
    const onePeak = await readPeakBytes(page.web.pid);
    const names = Array.from({ length: FILE_COUNT }, (_, index) => `many${index}.wav`);
    const manyMs = await timeMs(() => Promise.all(names.map(send)));
    const peak = await readPeakBytes(page.web.pid);
    const rate = (bytes: number, ms: number) => bytes / MB / (ms / 1000);
    const beside = { name: 'writing with sha256', value: rate(UPLOAD_BYTES, floor.sec * 1000) };
    return {
      figures: [
        {
          what: 'MB of one file received',
          value: rate(UPLOAD_BYTES, oneMs),
          unit: '1/s',
          beside,
          goal: { atLeast: 200 },
        },
        {
          what: 'processor time of the server for one file',
          value: after.cpuSec - before.cpuSec,
          unit: 's',
          beside: { name: beside.name, value: Number(floor.said['cpuSec']) },
        },
        {
          what: `MB of ${FILE_COUNT} files at once received`,
          value: rate(FILE_COUNT * UPLOAD_BYTES, manyMs),
          unit: '1/s',
          beside,
        },
        {
          what: `peak memory of the server, ${FILE_COUNT} files beside one`,
          value: peak / MB,
          unit: 'MB',
          beside: { name: 'one file', value: onePeak / MB },
          goal: { ratioAtMost: 1.2 },
        },
      ],
      notes: [],
    };
  },
};

async function createTask(address: string): Promise<string> {
  const response = await fetch(`${address}/api/v1/tasks`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Origin: address },
    body: JSON.stringify({ lang: 'engUS_SPHINX_v010' }),
  });
  const task = (await response.json()) as { id?: string };
  if (task.id === undefined) throw new Error(`no task was made: ${JSON.stringify(task)}`);
  return task.id;
}

async function put(address: string): Promise<void> {
  const headers = { 'Content-Length': UPLOAD_BYTES, Origin: new URL(address).origin };
  const request = http.request(address, { method: 'PUT', headers });
  const answered = new Promise<http.IncomingMessage>((resolve, reject) => {
    request.once('response', resolve).once('error', reject);
  });
  await Promise.all([pipeline(Readable.from(pieces(), { objectMode: false }), request), answered]);
  const response = await answered;
  response.resume();
  if (response.statusCode !== 201) throw new Error(`${address}: ${response.statusCode}`);
}

async function readPeakBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
}
