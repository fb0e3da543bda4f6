import { useEffect, useRef, useState } from 'preact/hooks';
import { addressOf, askText, type Problem } from '../api.ts';
import { html, type View } from '../html.ts';
import type { Task } from '../types.ts';

const POLL_MS = 1_500;
/** A page with more text than this becomes slow. */
const KEPT_CHARS = 400_000;

/** The log of the engine; it grows while the task runs. Requested when it is opened. */
export function LogPart({ task }: { task: Task }): View {
  const [isOpen, setOpen] = useState(false);
  if (task.status === 'uploading' || task.status === 'uploaded') return null;
  return html`<details class="fold" onToggle=${(event: Event) => setOpen((event.target as HTMLDetailsElement).open)}>
    <summary>Log of the engine</summary>
    ${isOpen && html`<${LogText} taskId=${task.id} isRunning=${task.status === 'processing'} />`}
  </details>`;
}

function LogText({ taskId, isRunning }: { taskId: string; isRunning: boolean }): View {
  const [text, setText] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const readBytes = useRef(0);
  const box = useRef<HTMLPreElement>(null);
  useEffect(() => {
    const end = new AbortController();
    const read = async (): Promise<void> => {
      const address = `${addressOf('tasks', taskId, 'log')}?from=${readBytes.current}`;
      try {
        const added = await askText(address, { signal: end.signal });
        readBytes.current += new TextEncoder().encode(added).length;
        setProblem(null);
        if (added !== '') setText((old) => (old + added).slice(-KEPT_CHARS));
      } catch (error) {
        if (!end.signal.aborted) setProblem((error as Problem).message);
      }
    };
    void read();
    const timer = isRunning ? setInterval(read, POLL_MS) : undefined;
    return () => {
      end.abort();
      clearInterval(timer);
    };
  }, [taskId, isRunning]);
  useEffect(() => {
    // Only while it runs: a reader of an old log begins at its start.
    if (isRunning) box.current?.scrollTo({ top: box.current.scrollHeight });
  }, [text]);
  if (problem !== null && text === '') return html`<p class="hint">${problem}</p>`;
  return html`<pre class="log" ref=${box} tabindex="0" aria-label="Log of the engine">${text === '' ? 'Nothing yet.' : text}</pre>`;
}
