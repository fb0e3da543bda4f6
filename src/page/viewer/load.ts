import { ask, correctionAddress } from '../api.ts';
import type { GivenTiers } from './tier.ts';
import type { Version } from './versions.ts';

export interface ViewedRecording {
  readonly name: string;
  readonly seconds: number;
  readonly sound: { readonly until: string | null; readonly deleted_at: string | null };
}

export interface Loaded {
  readonly tiers: GivenTiers;
  readonly recording: ViewedRecording;
  /** Address below which the parts of the recording are. */
  readonly url: string;
  /** Of all recordings of the task. */
  readonly names: readonly string[];
  /** Identifies these tiers among others of the recording. */
  readonly version: string;
}

/**
 * The data with which the viewer starts.
 * @throws Error with the server's message
 */
export async function loadRecording(taskId: string, recording: string, signal: AbortSignal): Promise<Loaded> {
  const view = `/api/v1/tasks/${encodeURIComponent(taskId)}/view`;
  const url = `${view}/${encodeURIComponent(recording)}`;
  const [list, tiers] = await Promise.all([
    fetchJson<{ recordings: readonly ViewedRecording[] }>(view, signal),
    fetchJson<GivenTiers>(`${url}/tiers`, signal),
  ]);
  const found = list.recordings.find(({ name }) => name === recording);
  if (found === undefined) throw new Error(`There is no recording ${recording}.`);
  const names = list.recordings.map(({ name }) => name);
  return { tiers, recording: found, url, names, version: '' };
}

/**
 * The same recording with the tiers of a version. The places to look at are those of the result.
 * @throws Problem
 */
export async function loadVersion(
  loaded: Loaded,
  taskId: string,
  { name, etag }: Version,
  signal: AbortSignal,
): Promise<Loaded> {
  const tiers = await ask<GivenTiers>(`${correctionAddress(taskId, name)}?as=tiers`, { signal });
  return { ...loaded, tiers: { ...tiers, doubtful: loaded.tiers.doubtful }, version: `${name} ${etag}` };
}

async function fetchJson<Answer>(url: string, signal: AbortSignal): Promise<Answer> {
  const response = await fetch(url, { signal, headers: { Accept: 'application/json' } });
  if (response.ok) return (await response.json()) as Answer;
  const problem = (await response.json().catch(() => ({}))) as { detail?: string };
  throw new Error(problem.detail ?? `The server answered ${response.status}.`);
}
