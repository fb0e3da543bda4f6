import { mayChange, session } from '../session.ts';
import { element } from './element.ts';
import { loadRecording, loadVersion } from './load.ts';
import { type Shown, showRecording } from './show-recording.ts';
import { createVersionList, type Version } from './versions.ts';

export interface ViewerOptions {
  readonly taskId: string;
  /** Name of the recording, as the API lists it. */
  readonly recording: string;
  /** Seconds: the selection at first. */
  readonly from?: number;
  readonly to?: number;
}

export interface Viewer {
  /** Whether there are corrections that no version on the server has. */
  readonly hasCorrections: boolean;
  /** Selects a stretch and shows it. */
  show(from: number, to: number): void;
  /** Goes on without the result, which the server no longer has, and offers the corrections as a file. */
  detach(): void;
  dispose(): void;
}

/** Shows a recording with its tiers in an element, which is emptied. Errors are shown in it. */
export function mountViewer(
  parent: HTMLElement,
  { taskId, recording, from, to = from }: ViewerOptions,
): Viewer {
  const stop = new AbortController();
  const root = element('section', { className: 'viewer', ariaLabel: `Viewer: ${recording}` });
  const place = element('div', {}, element('p', { className: 'viewer-status' }, 'Loading…'));
  root.append(place);
  parent.replaceChildren(styleSheet(), root);
  let shown: Shown | null = null;
  let wanted = from === undefined || to === undefined ? null : { from, to };
  let showing = new AbortController();
  stop.signal.addEventListener('abort', () => showing.abort(), { once: true });

  const start = async (): Promise<void> => {
    const result = await loadRecording(taskId, recording, stop.signal);
    const may = mayChange(session.get());
    const versions = createVersionList({
      ...{ taskId, recording, recordings: result.names, mayChange: may },
      onOpen: (version) => open(version),
    });
    const onKeep = may ? (text: string) => void versions.keep(text) : null;
    let last: Version | null;
    const open = async (version: Version | null): Promise<void> => {
      last = version;
      const loaded = version === null ? result : await loadVersion(result, taskId, version, stop.signal);
      // The user may have chosen another one meanwhile.
      if (stop.signal.aborted || last !== version) return;
      showing.abort();
      showing = new AbortController();
      const view = shown?.scale ?? null;
      shown = showRecording(place, { ...loaded, onKeep, view }, showing.signal);
      if (view === null && wanted !== null) shown.show(wanted.from, wanted.to);
      versions.mark(version);
    };
    await open(null);
    root.append(versions.root);
    // Without them, the result can still be seen and corrected.
    await versions.load().catch(() => undefined);
  };
  const fail = (error: unknown): void => {
    if (stop.signal.aborted) return;
    place.replaceChildren(
      element('p', { className: 'viewer-status', set: { role: 'alert' } }, messageOf(error)),
    );
  };
  void start().catch(fail);
  return {
    get hasCorrections() {
      return shown?.hasCorrections ?? false;
    },
    show(from, to) {
      wanted = { from, to };
      shown?.show(from, to);
    },
    detach() {
      const last = shown;
      if (last === null) return;
      last.detach();
      root.querySelector('.viewer-versions')?.remove();
      root.prepend(lostNotice(recording, () => last.download()));
      // The browser asks before it leaves the page.
      window.addEventListener('beforeunload', (event) => event.preventDefault(), { signal: stop.signal });
    },
    dispose() {
      stop.abort();
      parent.replaceChildren();
    },
  };
}

function lostNotice(recording: string, download: () => void): HTMLElement {
  const button = element('button', { type: 'button', onclick: download }, 'Download my corrections');
  const text =
    `The result of this task was deleted on the server. Your corrections of ${recording} are now on this screen only: ` +
    'download them before you leave this page.';
  return element('div', { className: 'viewer-lost', set: { role: 'alert' } }, element('p', {}, text), button);
}

function styleSheet(): HTMLLinkElement {
  return element('link', { rel: 'stylesheet', href: new URL('./viewer.css', import.meta.url).href });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
