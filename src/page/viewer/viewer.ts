import { element } from './element.ts';
import { loadRecording } from './load.ts';
import { type Shown, showRecording } from './show-recording.ts';

export interface ViewerOptions {
  readonly taskId: string;
  /** Name of the recording, as the API lists it. */
  readonly recording: string;
  /** Seconds: what is selected at first. */
  readonly from?: number;
  readonly to?: number;
}

export interface Viewer {
  /** Selects a stretch and brings it onto the screen. */
  show(from: number, to: number): void;
  dispose(): void;
}

/** Shows a recording with its tiers in an element, which is emptied. Says in it what goes wrong. */
export function mountViewer(parent: HTMLElement, options: ViewerOptions): Viewer {
  const stop = new AbortController();
  const root = element('section', { className: 'viewer', ariaLabel: `Viewer: ${options.recording}` });
  root.append(element('p', { className: 'viewer-status' }, 'Loading…'));
  parent.replaceChildren(styleSheet(), root);
  let shown: Shown | null = null;
  let wanted = options.from === undefined ? null : { from: options.from, to: options.to ?? options.from };
  void loadRecording(options.taskId, options.recording, stop.signal)
    .then((loaded) => {
      if (stop.signal.aborted) return;
      shown = showRecording(root, loaded, stop.signal);
      if (wanted !== null) shown.show(wanted.from, wanted.to);
    })
    .catch((error: unknown) => {
      if (stop.signal.aborted) return;
      root.replaceChildren(
        element('p', { className: 'viewer-status', set: { role: 'alert' } }, messageOf(error)),
      );
    });
  return {
    show(from, to) {
      wanted = { from, to };
      shown?.show(from, to);
    },
    dispose() {
      stop.abort();
      parent.replaceChildren();
    },
  };
}

function styleSheet(): HTMLLinkElement {
  return element('link', { rel: 'stylesheet', href: new URL('./viewer.css', import.meta.url).href });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
