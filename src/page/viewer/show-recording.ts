import { doEdit, goToPlace, runOnModel, showStretch } from './commands.ts';
import { downloadText } from './download.ts';
import { writeLabel } from './edit.ts';
import { element } from './element.ts';
import { keepEdits } from './kept-edits.ts';
import { type Command, commandOf } from './keys.ts';
import { editLabel } from './label-input.ts';
import { layOut } from './layout.ts';
import type { Loaded } from './load.ts';
import { createModel } from './model.ts';
import { createPeaks } from './peaks.ts';
import { createPlaceList } from './place-list.ts';
import { listenToOverview, listenToPointer } from './pointer.ts';
import { createScreen } from './screen.ts';
import { describeSelection } from './selection.ts';
import { startSound } from './sound.ts';
import { writeTextGrid } from './textgrid.ts';
import { labelOf } from './tier.ts';
import { LabelWidths } from './tier-bands.ts';
import { createTiles, TILE_SEC } from './tiles.ts';
import { formatTime, type TimeScale } from './time-scale.ts';
import { createToolbar } from './toolbar.ts';
import { createTransport } from './transport.ts';

const HELP =
  'Arrow keys go to the next and previous interval and to other tiers. Tab or Space plays. ' +
  'I, O, A and N zoom in, out, to all and to the selection. Enter edits the label, Alt with the left and right arrows ' +
  'moves its start, with Shift its end. B puts a boundary in, Alt with Backspace or Delete takes one away. D goes to the next doubtful place. Escape leaves the picture.';

/** Commands after which the tiers have changed. */
const CHANGES = /^(?:undo|redo|start-|end-|insert|join-)/;

export interface Shown {
  readonly scale: TimeScale;
  readonly hasCorrections: boolean;
  show(from: number, to: number): void;
  /** Gives the user the TextGrid as it is shown. */
  download(): void;
  /** Takes away what needs the server. */
  detach(): void;
}

export interface Showing extends Loaded {
  /** Keeps the TextGrid as it is shown; null: the user may not. */
  readonly onKeep: ((text: string) => void) | null;
  /** What is on the screen at first; null: the beginning. */
  readonly view: TimeScale | null;
}

/** Shows a loaded recording in an element, and listens until the signal is aborted. */
export function showRecording(
  root: HTMLElement,
  { tiers, recording, url, version, onKeep, view }: Showing,
  signal: AbortSignal,
): Shown {
  const model = createModel(tiers, root.clientWidth);
  if (view !== null) model.scale.show(view.from, view.to);
  keepEdits(`${url} ${version}`.trim(), model.edits, signal);
  const layout = layOut(model.tiers.length);
  const sources = {
    peaks: createPeaks(`${url}/peaks`, model.scale.seconds, () => screen.redraw(), signal),
    tiles: createTiles(
      `${url}/spectrogram`,
      Math.ceil(model.scale.seconds / TILE_SEC),
      () => screen.redraw(),
      signal,
    ),
    widths: new LabelWidths(),
  };
  const toText = () => writeTextGrid(model.tiers, model.scale.seconds, model.isIpa);
  const download = () => downloadText(`${recording.name.split('/').at(-1)}.TextGrid`, toText());
  const screen = createScreen(recording.name, HELP, model, layout, sources, signal);
  const onFault = (text: string) => {
    toolbar.status.textContent = text;
  };
  const transport = createTransport(model, () => onChange(), onFault);
  const toolbar = createToolbar({
    hasIpa: model.hasIpa,
    run: (command) => run(command),
    onIpa: () => {
      model.isIpa = !model.isIpa;
      screen.redraw();
      onChange();
    },
    onDownload: download,
    onKeep: onKeep === null ? null : () => onKeep(toText()),
  });
  const list = createPlaceList(model.doubtful, (index) => {
    goToPlace(model, index);
    onChange();
  });
  const spoken = element('p', { className: 'viewer-spoken', set: { 'aria-live': 'polite' } });
  let said = model.selection;
  function onChange(): void {
    screen.update();
    const { selection, scale, edits, isIpa, isLooping, place } = model;
    toolbar.show({
      isPlaying: transport.isPlaying,
      canPlay: transport.canPlay,
      isLooping,
      canCut: selection.tier !== null,
      canUndo: edits.canUndo,
      canRedo: edits.canRedo,
      isIpa,
      time: timesOf(selection, scale.seconds),
    });
    if (selection === said) return;
    said = selection;
    spoken.textContent = describeSelection(model.tiers, selection, isIpa);
    if (place !== null) list.mark(place);
  }
  function run(asked: Command): void {
    // As in Praat, Enter inserts a boundary where there is a cursor and no interval.
    const isAtInterval = model.selection.index !== null;
    const command = asked === 'edit-or-insert' ? (isAtInterval ? 'edit' : 'insert') : asked;
    if (command === 'play') transport.toggle(Number(toolbar.speed.value));
    else if (command === 'edit') edit();
    else if (command === 'leave') transport.stop();
    else if (runOnModel(model, command) && CHANGES.test(command)) screen.redraw();
    onChange();
  }
  function edit(): void {
    const { tier, index, from, to } = model.selection;
    const band = tier === null ? undefined : layout.tiers[tier];
    const edited = tier === null ? undefined : model.tiers[tier];
    if (tier === null || index === null || band === undefined || edited === undefined) return;
    const left = Math.max(0, model.scale.toX(from));
    const width = Math.max(120, Math.min(model.scale.width, model.scale.toX(to)) - left);
    const box = {
      left: Math.min(left, model.scale.width - width),
      top: band.top,
      width,
      height: band.height,
    };
    editLabel(screen.stage, box, labelOf(edited, index, model.isIpa), (text) => {
      if (text !== null) doEdit(model, writeLabel(model.tiers, tier, index, text, model.isIpa));
      screen.focus();
      screen.redraw();
      onChange();
    });
  }
  screen.canvas.addEventListener('keydown', (event) => {
    const command = commandOf(event);
    if (command === null || (command === 'play' && event.key === 'Tab' && hasLeft)) return;
    hasLeft = command === 'leave';
    event.preventDefault();
    run(command);
  });
  // After Escape, Tab goes on to the next element, so that the keyboard is not trapped here.
  let hasLeft = false;
  screen.canvas.addEventListener('focus', () => {
    hasLeft = false;
  });
  listenToPointer(screen.canvas, model, layout, {
    onChange: () => onChange(),
    onEdited: () => screen.redraw(),
    onOpen: () => run('edit'),
  });
  listenToOverview(screen.overview, model, onChange);
  startSound(root, {
    recording,
    url,
    seconds: model.scale.seconds,
    transport,
    status: toolbar.status,
    signal,
  });
  root.replaceChildren(screen.root, toolbar.root, toolbar.status, list.root, spoken);
  onChange();
  return {
    scale: model.scale,
    get hasCorrections() {
      // A label that is being typed is one, too.
      return model.edits.canUndo || screen.stage.querySelector('input') !== null;
    },
    download,
    detach: () => toolbar.withdrawKeep(),
    show(from, to) {
      showStretch(model, from, to);
      onChange();
    },
  };
}

function timesOf({ from, to }: { readonly from: number; readonly to: number }, seconds: number): string {
  const stretch =
    to > from
      ? `${formatTime(from, 3)} – ${formatTime(to, 3)} (${(to - from).toFixed(3)} s)`
      : formatTime(from, 3);
  return `${stretch} of ${formatTime(seconds, 1)}`;
}
