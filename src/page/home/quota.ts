import { formatBytes } from '../../base/bytes.ts';
import { html, type View } from '../html.ts';
import { session } from '../session.ts';
import { useStore } from '../store.ts';

/** From this share on, the user is told what to do. */
const NEARLY_FULL = 0.9;

/** How much space the user's files take, if there is a limit. */
export function QuotaLine(): View {
  const who = useStore(session);
  const quota = who.state === 'ready' ? (who.session.quota ?? null) : null;
  if (quota === null) return null;
  const { used_bytes: used, limit_bytes: limit } = quota;
  const isNearlyFull = used >= limit * NEARLY_FULL;
  return html`<p class=${isNearlyFull ? 'problem' : 'quiet'}>Your files take ${formatBytes(used)} of ${formatBytes(limit)}.${isNearlyFull && ' Delete tasks that you no longer need: new files may not fit.'}</p>`;
}
