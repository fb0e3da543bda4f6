import { element } from './element.ts';
import type { Command } from './keys.ts';

export interface Toolbar {
  readonly root: HTMLElement;
  readonly speed: HTMLSelectElement;
  readonly status: HTMLElement;
  /** The server no longer keeps anything. */
  withdrawKeep(): void;
  show(state: {
    readonly isPlaying: boolean;
    readonly canPlay: boolean;
    readonly isLooping: boolean;
    /** A tier is selected. */
    readonly canCut: boolean;
    readonly canUndo: boolean;
    readonly canRedo: boolean;
    readonly isIpa: boolean;
    readonly time: string;
  }): void;
}

interface ToolbarOptions {
  readonly hasIpa: boolean;
  readonly run: (command: Command) => void;
  readonly onIpa: () => void;
  readonly onDownload: () => void;
  readonly onKeep: (() => void) | null;
}

const SPEEDS = ['1', '0.75', '0.5', '0.25'];

/** The buttons below the picture. */
export function createToolbar({ hasIpa, run, onIpa, onDownload, onKeep }: ToolbarOptions): Toolbar {
  const button = (text: string, title: string, onclick: () => void) =>
    element('button', { type: 'button', title, onclick }, text);
  const play = button('▶ Play', 'Play the selection (Tab)', () => run('play'));
  const loop = button('Loop', 'Play the selection again and again (L)', () => run('loop'));
  const insert = button('Insert boundary', 'Insert a boundary at the cursor or in the interval (B)', () =>
    run('insert'),
  );
  const remove = button('Remove boundary', 'Join the interval with the one before it (Alt-Backspace)', () =>
    run('join-before'),
  );
  const undo = button('Undo', 'Undo (Ctrl-Z)', () => run('undo'));
  const redo = button('Redo', 'Redo (Ctrl-Y)', () => run('redo'));
  const keep = button('Keep on the server', 'Keep the TextGrid with your corrections beside the result', () =>
    onKeep?.(),
  );
  const ipa = button('IPA', 'Show phones in IPA', onIpa);
  const speed = element(
    'select',
    { ariaLabel: 'Speed' },
    ...SPEEDS.map((value) => element('option', { value }, `${value}×`)),
  );
  const time = element('output', { className: 'viewer-time' });
  const status = element('p', { className: 'viewer-status' });
  const group = (label: string, ...children: Node[]) =>
    element('div', { className: 'viewer-group', set: { role: 'group', 'aria-label': label } }, ...children);
  const root = element(
    'div',
    { className: 'viewer-bar' },
    group('Sound', play, loop, speed),
    group(
      'Zoom',
      button('In', 'Zoom in (I)', () => run('zoom-in')),
      button('Out', 'Zoom out (O)', () => run('zoom-out')),
      button('All', 'Show all (A)', () => run('zoom-all')),
      button('Selection', 'Zoom to the selection (N)', () => run('zoom-selection')),
    ),
    group(
      'Labels',
      ...(hasIpa ? [ipa] : []),
      insert,
      remove,
      undo,
      redo,
      button('Download TextGrid', 'Download the TextGrid as it is shown, with your corrections', onDownload),
      ...(onKeep === null ? [] : [keep]),
    ),
    time,
  );
  return {
    root,
    speed,
    status,
    withdrawKeep: () => keep.remove(),
    show(state) {
      play.textContent = state.isPlaying ? '■ Stop' : '▶ Play';
      play.disabled = !state.canPlay;
      loop.disabled = !state.canPlay;
      loop.ariaPressed = String(state.isLooping);
      insert.disabled = !state.canCut;
      remove.disabled = !state.canCut;
      undo.disabled = !state.canUndo;
      redo.disabled = !state.canRedo;
      // Without a correction it is the result, which is kept already.
      keep.disabled = !state.canUndo;
      ipa.ariaPressed = String(state.isIpa);
      time.textContent = state.time;
    },
  };
}
