import { addressOf, ask, correctionAddress } from '../api.ts';
import { exactTime } from '../times.ts';
import { element } from './element.ts';

/** A corrected TextGrid that the server keeps beside the result. */
export interface Version {
  readonly name: string;
  readonly bytes: number;
  readonly changed_at: string;
  readonly etag: string;
}

/** Their names in the page. */
const DATED = /^\d{4}-\d\d-\d\d \d\d\.\d\d\.\d\d$/;

interface VersionListOptions {
  readonly taskId: string;
  readonly recording: string;
  /** Of all recordings of the task. */
  readonly recordings: readonly string[];
  /** Whether the user may delete them. */
  readonly mayChange: boolean;
  /** Shows a version in place of the result; null: the result. */
  readonly onOpen: (version: Version | null) => Promise<void>;
}

export interface VersionList {
  readonly root: HTMLElement;
  /** Keeps a TextGrid as a new version. */
  keep(text: string): Promise<void>;
  /** Reads the list again. */
  load(): Promise<void>;
  /** Marks the version that is shown. */
  mark(version: Version | null): void;
}

/** The versions of a recording below its picture. Each can be opened, downloaded and deleted. */
export function createVersionList(options: VersionListOptions): VersionList {
  const { taskId, recording, recordings, mayChange, onOpen } = options;
  const status = element('p', { className: 'viewer-status', set: { role: 'status' } });
  const list = element('ul', {});
  const heading = element('h3', {}, 'Kept on the server');
  const root = element('section', { className: 'viewer-versions', hidden: true }, heading, list, status);
  let versions: readonly Version[] = [];
  let shown: Version | null = null;

  const load = async (): Promise<void> => {
    const answer = await ask<{ corrections: readonly Version[] }>(addressOf('tasks', taskId, 'corrections'));
    versions = answer.corrections.filter(({ name }) => recordingOf(name, recordings) === recording);
    draw();
  };
  const attempt = async (work: () => Promise<string>): Promise<void> => {
    try {
      status.textContent = await work();
    } catch (error) {
      status.textContent = (error as Error).message;
    }
    draw();
    // The button that was pressed may be gone.
    if (document.activeElement === document.body) list.querySelector<HTMLElement>('button:enabled')?.focus();
  };
  const open = (version: Version | null): Promise<void> =>
    attempt(async () => {
      await onOpen(version);
      return '';
    });
  const remove = (version: Version): Promise<void> =>
    attempt(async () => {
      if (!window.confirm(`Delete the version of ${exactTime(version.changed_at)}? This cannot be undone.`))
        return '';
      const headers = { 'if-match': version.etag };
      await ask(correctionAddress(taskId, version.name), { method: 'DELETE', headers });
      if (shown?.name === version.name) await onOpen(null);
      await load();
      return 'The version is deleted.';
    });

  function draw(): void {
    root.hidden = versions.length === 0 && shown === null && status.textContent === '';
    const result = row('The result', shown === null, () => void open(null));
    const rows = versions.map((version) => {
      const { name, changed_at: at } = version;
      const given = name.slice(recording.length, -'.TextGrid'.length).trim();
      // Programs may have kept it under another name.
      const when = given === '' || DATED.test(given) ? exactTime(at) : `${exactTime(at)} ${given}`;
      const download = element(
        'a',
        { href: correctionAddress(taskId, name), download: name.split('/').at(-1) ?? name },
        'Download',
      );
      download.ariaLabel = `Download the version of ${when}`;
      const gone = element(
        'button',
        { type: 'button', ariaLabel: `Delete the version of ${when}`, onclick: () => void remove(version) },
        'Delete',
      );
      const isShown = shown?.name === name && shown.etag === version.etag;
      return row(when, isShown, () => void open(version), download, ...(mayChange ? [gone] : []));
    });
    list.replaceChildren(result, ...rows);
  }

  return {
    root,
    load,
    mark(version) {
      shown = version;
      draw();
    },
    keep: (text) =>
      attempt(async () => {
        const name = `${recording} ${exactTime(new Date().toISOString()).replaceAll(':', '.')}.TextGrid`;
        // Another tab may keep one in the same second.
        const headers = { 'if-none-match': '*', 'content-type': 'application/octet-stream' };
        await ask(correctionAddress(taskId, name), { method: 'PUT', body: text, headers });
        await load();
        return 'Your corrections are kept beside the result.';
      }),
  };
}

function row(text: string, isShown: boolean, open: () => void, ...more: Node[]): HTMLLIElement {
  const button = element('button', { type: 'button', disabled: isShown, onclick: open }, 'Open');
  button.ariaLabel = `Open ${text}`;
  const words = element('span', {}, text);
  const made = element('li', {}, words, isShown ? element('span', {}, 'shown') : button, ...more);
  if (isShown) made.setAttribute('aria-current', 'true');
  return made;
}

/** With `talk` and `talk 2`, `talk 2 checked.TextGrid` is a version of the second. */
function recordingOf(name: string, recordings: readonly string[]): string | undefined {
  return recordings
    .filter((one) => name.startsWith(`${one} `) || name === `${one}.TextGrid`)
    .sort((a, b) => b.length - a.length)[0];
}
