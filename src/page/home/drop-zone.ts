import { useEffect, useState } from 'preact/hooks';
import { html, type View } from '../html.ts';
import { currentDraft, Draft } from './draft.ts';
import { filesOfDrop, filesOfInput, type GivenFile } from './dropped-files.ts';

/** Adds files to the draft. If there is none, a draft begins. */
function give(files: readonly GivenFile[]): void {
  if (files.length === 0) return;
  const draft = currentDraft.get() ?? new Draft();
  draft.add(files);
  currentDraft.set(draft);
}

export function openFileDialog(kind: 'files' | 'folder'): void {
  document.getElementById(`choose-${kind}`)?.click();
}

/** Files are dropped here, which is the whole window, or chosen here. */
export function DropZone({ isLarge }: { isLarge: boolean }): View {
  const [isOver, setOver] = useState(false);
  useEffect(() => followDrags(setOver), []);
  const choose = (event: Event): void => {
    const input = event.target as HTMLInputElement;
    void filesOfInput(input, give);
    input.value = '';
  };
  return html`<section class=${`drop ${isLarge ? 'large' : ''} ${isOver ? 'over' : ''}`} aria-label="Give recordings">
    ${isLarge && html`<div class="wave" aria-hidden="true">${WAVE.map((height) => html`<i style=${{ height: `${height}%` }} />`)}</div>`}
    <p class="lead">${isLarge ? 'Drop recordings and their transcripts here' : 'Drop recordings and transcripts'}</p>
    ${isLarge && html`<p class="hint">Files or whole folders. A recording and its transcript have the same name: <b>talk.wav</b> and <b>talk.TextGrid</b>, or .txt, .eaf, .srt and others. Everything is checked before it is queued.</p>`}
    <p class="choose">
      <button class=${isLarge ? 'main' : 'small'} onClick=${() => openFileDialog('files')}>Choose files</button>
      <button class=${isLarge ? '' : 'small'} onClick=${() => openFileDialog('folder')}>Choose a folder</button>
    </p>
    <input id="choose-files" type="file" multiple hidden aria-label="Files" onChange=${choose} />
    <input id="choose-folder" type="file" webkitdirectory hidden aria-label="Folder" onChange=${choose} />
  </section>`;
}

/** Heights of the bars of a drawn wave, in percent. */
const WAVE = [12, 30, 58, 92, 66, 34, 48, 84, 100, 72, 44, 24, 38, 62, 46, 22, 10];

function followDrags(setOver: (isOver: boolean) => void): () => void {
  const end = new AbortController();
  const on = (name: 'dragover' | 'dragleave' | 'drop', run: (event: DragEvent) => void): void =>
    document.addEventListener(name, run, { signal: end.signal });
  const hasFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') === true;
  on('dragover', (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    setOver(true);
  });
  on('dragleave', (event) => {
    if (event.relatedTarget === null) setOver(false);
  });
  on('drop', (event) => {
    if (event.dataTransfer === null || !hasFiles(event)) return;
    event.preventDefault();
    setOver(false);
    void filesOfDrop(event.dataTransfer, give);
  });
  return () => end.abort();
}
