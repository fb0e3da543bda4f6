import { addressOf, ask, Problem } from './api.ts';
import { createStore } from './store.ts';
import type { Session } from './types.ts';

export type SessionState =
  | { readonly state: 'loading' }
  | { readonly state: 'ready'; readonly session: Session }
  | { readonly state: 'failed'; readonly problem: Problem };

const RETRY_MS = 3_000;

export const session = createStore<SessionState>({ state: 'loading' });

/** Asks the server who the user is, until it answers. */
export async function loadSession(): Promise<void> {
  try {
    session.set({ state: 'ready', session: await ask<Session>(addressOf('session')) });
  } catch (error) {
    const problem = error instanceof Problem ? error : new Problem(0, '', String(error));
    session.set({ state: 'failed', problem });
    if (problem.status === 0 || problem.status >= 500) setTimeout(loadSession, RETRY_MS);
  }
}

/** Whether the server has another version than the page, because it was updated after it sent the page. */
export const isOutdated = createStore(false);

/** Asks whether the server has been updated. If it does not answer, it is asked when it does. */
export async function compareVersion(): Promise<void> {
  const known = session.get();
  if (known.state !== 'ready') return;
  const now = await ask<Session>(addressOf('session')).catch(() => null);
  if (now !== null && now.version !== known.session.version) isOutdated.set(true);
}

/** Whether the user may change things; a viewer may only look. */
export function mayChange(state: SessionState): boolean {
  return state.state === 'ready' && state.session.role !== 'viewer';
}

/** Whether the user may see the tasks of all. */
export function seesAll(state: SessionState): boolean {
  return state.state === 'ready' && state.session.role !== 'user';
}
