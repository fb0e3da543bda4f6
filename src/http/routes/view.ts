import type { ServerResponse } from 'node:http';
import path from 'node:path';
import { TaskError } from '../../base/errors.ts';
import {
  listViewed,
  openViewAudio,
  openViewTiers,
  type Picture,
  readViewPeaks,
  readViewTile,
} from '../../tasks/view.ts';
import { answerKnown, isKnown } from '../conditions.ts';
import { Refusal } from '../problem.ts';
import type { Answer, Route, TaskCall } from '../route.ts';
import { sendFile } from '../send-file.ts';

const VIEW = '/api/v1/tasks/:id/view';
const GONE = 410;
/** Media types of audio that a browser may know. The browser itself reports what it cannot play. */
const AUDIO_TYPES: Readonly<Record<string, string>> = {
  '.wav': 'audio/wav',
  '.mp3': 'audio/mpeg',
  '.flac': 'audio/flac',
  '.ogg': 'audio/ogg',
  '.opus': 'audio/ogg; codecs=opus',
  '.m4a': 'audio/mp4',
  '.m4r': 'audio/mp4',
  '.mp4': 'audio/mp4',
  '.aac': 'audio/aac',
  '.webm': 'audio/webm',
};

const look = { method: 'GET', may: 'look', about: 'task' } as const;

const AUDIO = {
  path: `${VIEW}/:name/sound`,
  summary: 'The audio of a recording, or the Range of it, while it is kept',
  headers: ['Range'],
  answers: 'application/octet-stream',
  answer: sendAudio,
} as const;

/** The data that the viewer shows of a result: tiers, pictures, audio. */
export const VIEW_ROUTES: readonly Route[] = [
  {
    ...look,
    path: VIEW,
    summary: 'The recordings of a result, and until when they can be heard',
    answers: 'application/json',
    answer: listRecordings,
  },
  {
    ...look,
    path: `${VIEW}/:name/tiers`,
    summary: 'The tiers of a recording, and where to look',
    answers: 'application/json',
    answer: sendTiers,
  },
  {
    ...look,
    path: `${VIEW}/:name/peaks/:level`,
    summary: 'The waveform of a recording: pairs of lowest and highest values',
    headers: ['If-None-Match'],
    answers: 'application/octet-stream',
    answer: sendPeaks,
  },
  {
    ...look,
    path: `${VIEW}/:name/spectrogram/:tile`,
    summary: 'A part of the spectrogram of a recording',
    headers: ['If-None-Match'],
    answers: 'image/png',
    answer: sendTile,
  },
  { ...look, ...AUDIO },
  { ...look, ...AUDIO, method: 'HEAD' },
];

async function listRecordings({ task, context }: TaskCall): Promise<Answer> {
  const { config, db, drafts } = context;
  const audioDelaySec = Math.max(config.removalDelaySec, config.view.keepAudioSec);
  const recordings = await listViewed({ db, uploads: drafts.uploads, audioDelaySec }, task);
  return {
    json: {
      recordings: recordings.map(({ name, seconds, state }) => ({
        name,
        seconds,
        sound: { until: state.until, deleted_at: state.deletedAt },
      })),
    },
  };
}

async function sendTiers({ task, params, request, response, context }: TaskCall): Promise<null> {
  const tiers = await openViewTiers(context.drafts.uploads, task, params.get('name'));
  await sendFile(request, response, { ...tiers, contentType: 'application/json' });
  return null;
}

async function sendPeaks(call: TaskCall): Promise<null> {
  const { task, params, context } = call;
  const level = toNumber(params.get('level'));
  const peaks = await readViewPeaks(context.drafts.uploads, task, params.get('name'), level);
  return sendPicture(call, peaks, 'application/octet-stream');
}

async function sendTile(call: TaskCall): Promise<null> {
  const { task, params, context } = call;
  const tile = toNumber(params.get('tile').replace(/\.png$/, ''));
  return sendPicture(
    call,
    await readViewTile(context.drafts.uploads, task, params.get('name'), tile),
    'image/png',
  );
}

async function sendAudio({ task, params, request, response, context }: TaskCall): Promise<null> {
  const { db, drafts } = context;
  const audio = await openViewAudio({ db, uploads: drafts.uploads }, task, params.get('name'));
  if ('deletedAt' in audio) {
    const when = audio.deletedAt === null ? '' : ` at ${audio.deletedAt.toISOString()}`;
    throw new Refusal(
      GONE,
      new TaskError(
        'E_NOT_FOUND',
        `the audio was deleted${when}, as promised; drop your own copy into the viewer to hear it`,
      ),
    );
  }
  const contentType = AUDIO_TYPES[path.extname(audio.name).toLowerCase()] ?? 'application/octet-stream';
  await sendFile(request, response, { ...audio, contentType });
  return null;
}

/** A browser may keep pictures, and asks whether they are still the newest. */
function sendPicture(
  { request, response }: { request: TaskCall['request']; response: ServerResponse },
  { bytes, tag }: Picture,
  contentType: string,
): null {
  const headers = { ETag: `"${tag}"`, 'Cache-Control': 'private, no-cache' };
  if (isKnown(request, tag)) return answerKnown(response, headers);
  response
    .writeHead(200, { ...headers, 'Content-Type': contentType, 'Content-Length': bytes.length })
    .end(bytes);
  return null;
}

function toNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text))
    throw new TaskError('E_USAGE', `expected a whole number, found ${JSON.stringify(text)}`);
  return Number(text);
}
