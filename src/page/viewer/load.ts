import type { GivenTiers } from './tier.ts';

export interface ViewedRecording {
  readonly name: string;
  readonly seconds: number;
  readonly sound: { readonly until: string | null; readonly deleted_at: string | null };
}

export interface Loaded {
  readonly tiers: GivenTiers;
  readonly recording: ViewedRecording;
  /** Address of the parts of the recording. */
  readonly url: string;
}

/** What the viewer starts with. @throws Error with what the server says */
export async function loadRecording(taskId: string, recording: string, signal: AbortSignal): Promise<Loaded> {
  const view = `/api/v1/tasks/${encodeURIComponent(taskId)}/view`;
  const url = `${view}/${encodeURIComponent(recording)}`;
  const [list, tiers] = await Promise.all([
    fetchJson<{ recordings: readonly ViewedRecording[] }>(view, signal),
    fetchJson<GivenTiers>(`${url}/tiers`, signal),
  ]);
  const found = list.recordings.find(({ name }) => name === recording);
  if (found === undefined) throw new Error(`There is no recording ${recording}.`);
  return { tiers, recording: found, url };
}

async function fetchJson<Answer>(url: string, signal: AbortSignal): Promise<Answer> {
  const response = await fetch(url, { signal, headers: { Accept: 'application/json' } });
  if (response.ok) return (await response.json()) as Answer;
  const problem = (await response.json().catch(() => ({}))) as { detail?: string };
  throw new Error(problem.detail ?? `The server answered ${response.status}.`);
}
