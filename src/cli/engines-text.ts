import type { ActiveInstance } from '../tasks/wait-reason.ts';

/** Which engines an instance can run, and which are still being checked: `SPHINX, MFA2 (checking)`. */
export function formatEngines(engines: ActiveInstance['engines']): string {
  const found = Object.entries(engines);
  // An instance writes its row before it has checked any engine.
  if (found.length === 0) return 'checking';
  const names = found.flatMap(([name, { state }]) => {
    if (state === 'ready') return [name];
    return state === 'checking' ? [`${name} (checking)`] : [];
  });
  return names.join(', ') || 'none';
}
