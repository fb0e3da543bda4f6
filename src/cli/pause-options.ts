import type { Pause } from '../db/pauses.ts';
import { usage } from './args.ts';

const MAX_REASON_CHARS = 1000;

/** Options of the commands that begin or end pauses. */
export const ENGINE_OPTION = { type: 'string', value: 'NAME', help: 'tasks of this engine only' } as const;
export const INSTANCE_OPTION = {
  type: 'string',
  value: 'ID',
  help: 'this worker only, as "autophon status" names it; the beginning is enough',
} as const;
export const REASON_OPTION = {
  type: 'string',
  value: 'TEXT',
  help: 'why; "autophon status" and the page show it',
} as const;

/** A pause as --json shows it. */
export function pauseDocument({ id, engine, instance, host, is_drain, reason, paused_by, paused_at }: Pause) {
  return { id, engine, instance, host, isDrain: is_drain, reason, by: paused_by, since: paused_at };
}

/** @throws TaskError E_USAGE */
export function parseReason(command: string, text: string | undefined): string | null {
  if (text === undefined || text.trim() === '') return null;
  if (text.length > MAX_REASON_CHARS)
    throw usage(command, `--reason: expected at most ${MAX_REASON_CHARS} characters, found ${text.length}`);
  return text;
}
