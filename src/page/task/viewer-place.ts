import { useEffect, useRef, useState } from 'preact/hooks';
import { html, type View } from '../html.ts';
import type { TaskDetail } from '../types.ts';

/** The exports of the viewer's module. */
interface ViewerModule {
  mountViewer(
    element: HTMLElement,
    options: { taskId: string; recording: string; from?: number; to?: number },
  ): Viewer | Promise<Viewer>;
}

interface Viewer {
  readonly hasCorrections: boolean;
  show(from: number, to: number): void;
  detach(): void;
  dispose(): void;
}

/** By its address, because it is fetched only when a result is opened. */
const VIEWER = '/viewer/viewer.js';

/**
 * Shows and plays the recording that the address names. If the result goes while there are corrections in the viewer, they
 * stay on the screen.
 * @param props - `isGone`: the task was deleted
 */
export function ViewerPlace(props: { task: TaskDetail; query: string; isGone: boolean }): View {
  const { task, query, isGone } = props;
  const given = new URLSearchParams(query);
  const recording = given.get('recording');
  const from = numberOf(given.get('from'));
  const to = numberOf(given.get('to'));
  const element = useRef<HTMLDivElement>(null);
  const viewer = useRef<Viewer | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const hasResult = task.status === 'completed' && !isGone;
  const isKept = useRef(false);
  isKept.current = !hasResult && (isKept.current || (viewer.current?.hasCorrections ?? false));
  const isShown = hasResult || isKept.current;
  useEffect(() => {
    if (recording === null || element.current === null) return;
    let isOver = false;
    setProblem(null);
    const mount = async (place: HTMLElement): Promise<void> => {
      try {
        const { mountViewer } = (await import(VIEWER)) as ViewerModule;
        if (isOver) return;
        const times = from === null || to === null ? {} : { from, to };
        const mounted = await mountViewer(place, { taskId: task.id, recording, ...times });
        if (isOver) mounted.dispose();
        else viewer.current = mounted;
      } catch {
        if (!isOver) setProblem('The viewer cannot be shown. The result can be downloaded.');
      }
    };
    void mount(element.current);
    return () => {
      isOver = true;
      viewer.current?.dispose();
      viewer.current = null;
    };
  }, [task.id, recording, isShown]);
  useEffect(() => {
    if (!hasResult) viewer.current?.detach();
  }, [hasResult]);
  useEffect(() => {
    if (from !== null && to !== null) viewer.current?.show(from, to);
  }, [from, to]);
  if (!isShown || recording === null) return null;
  return html`<section class="viewer-place" aria-label="Viewer">
    ${problem !== null && html`<p class="hint">${problem}</p>`}
    <div id="viewer" ref=${element} />
  </section>`;
}

function numberOf(text: string | null): number | null {
  const value = Number(text ?? Number.NaN);
  return text !== null && text !== '' && Number.isFinite(value) ? value : null;
}
