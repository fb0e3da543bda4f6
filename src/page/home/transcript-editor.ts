import { useEffect, useRef, useState } from 'preact/hooks';
import { type Finding, formatPlace } from '../../base/finding.ts';
import { transcriptFormatOf } from '../../base/input-kinds.ts';
import { ask, askBytes, fileAddress, Problem } from '../api.ts';
import { html, type View } from '../html.ts';
import { Dialog } from '../parts/dialog.ts';
import { findingText } from '../parts/finding-words.ts';
import { useLoaded } from '../parts/load.ts';
import type { Draft } from './draft.ts';
import { findInText } from './place-in-text.ts';

/** Longer texts are slow to edit in a page. */
const MAX_BYTES = 2_000_000;
const CHANGED = 412;
const CHANGED_WORDS =
  'Another window has changed this file meanwhile, so nothing was saved. Copy what you need of your text, then load the file again.';
const MARKS = [
  ['utf-16le', 0xff, 0xfe],
  ['utf-16be', 0xfe, 0xff],
] as const;

/** A text, and of which version of the file it was made. */
interface Text {
  readonly text: string;
  readonly etag: string;
}

/** What was typed and not saved, by draft and file: a dialog is closed by a click beside it. */
const typed = new Map<string, Text>();

/** The parts of a finding about a file that are needed to correct it. */
export type ToCorrect = Pick<Finding, 'place' | 'text'>;

/** Whether the file of a finding can be corrected in the page. */
export function canCorrect(draft: Draft, { place }: ToCorrect): boolean {
  const entry = draft.entries.get(place?.file ?? '');
  if (entry?.state !== 'done' || entry.bytes > MAX_BYTES) return false;
  const format = transcriptFormatOf(entry.name);
  return format !== null && format !== 'Spreadsheet';
}

export interface TranscriptEditorProps {
  readonly draft: Draft;
  /** About a file that can be corrected. */
  readonly finding: ToCorrect;
  readonly onClose: () => void;
}

/** The text of a transcript with the place of a finding selected. When it is saved, it replaces the file. */
export function TranscriptEditor({ draft, finding, onClose }: TranscriptEditorProps): View {
  const { file: name = '', ...within } = finding.place ?? {};
  const key = `${draft.taskId}/${name}`;
  const { value, problem, reload } = useLoaded(key, () => readText(draft, name));
  const [changed, setChanged] = useState(typed.get(key));
  const [refusal, setRefusal] = useState<Problem | null>(null);
  const area = useRef<HTMLTextAreaElement>(null);
  const shown = changed ?? value;
  const isThere = shown !== null;
  useEffect(() => {
    if (area.current !== null) select(area.current, findInText(area.current.value, within));
  }, [isThere]);
  const write = (event: Event): void => {
    const text = (event.target as HTMLTextAreaElement).value;
    const now = { text, etag: shown?.etag ?? '' };
    typed.set(key, now);
    setChanged(now);
  };
  const save = async (): Promise<void> => {
    try {
      await replaceText(draft, name, shown ?? { text: '', etag: '' });
    } catch (error) {
      setRefusal(error instanceof Problem ? error : new Problem(500, '', String(error)));
      return;
    }
    typed.delete(key);
    onClose();
  };
  const loadAgain = (): void => {
    typed.delete(key);
    setChanged(undefined);
    setRefusal(null);
    reload();
  };
  return html`<${Dialog} title=${`Correct ${name}`} onClose=${onClose}>
    <p><strong>${formatPlace(within)}</strong> ${findingText(finding.text)}</p>
    ${problem !== null && html`<p class="problem" role="alert">${problem.message}</p>`}
    ${refusal !== null && html`<p class="problem" role="alert">${refusal.status === CHANGED ? CHANGED_WORDS : refusal.message}</p>`}
    ${isThere && html`<textarea ref=${area} rows="18" wrap="off" spellcheck=${false} autocapitalize="off" aria-label=${`Text of ${name}`} value=${shown.text} onInput=${write} />`}
    <p class="row"><button class="main small" disabled=${changed === undefined} onClick=${save}>Save and check again</button>
      ${refusal?.status === CHANGED && html`<button class="small" onClick=${loadAgain}>Load the file again</button>`}
      <span class="quiet">The copy on the server is changed, not the file on your computer.</span></p>
  </${Dialog}>`;
}

/** @throws Problem for a file that the server does not have, or that is no text */
async function readText(draft: Draft, name: string): Promise<Text> {
  // Not the file that was given here: another window may have corrected it.
  const { bytes, etag } = await askBytes(fileAddress(draft.taskId ?? '', name));
  const [encoding = 'utf-8'] =
    MARKS.find(([, first, second]) => bytes[0] === first && bytes[1] === second) ?? [];
  try {
    return { text: new TextDecoder(encoding, { fatal: true }).decode(bytes), etag };
  } catch {
    const fix = 'Correct it in the program that wrote it, and drop it here again.';
    throw new Problem(415, '', `This file is not in UTF-8 or UTF-16. ${fix}`);
  }
}

/** Puts a text in the place of the file that it was made of. @throws Problem with status 412 when that was changed meanwhile */
async function replaceText(draft: Draft, name: string, { text, etag }: Text): Promise<void> {
  const { bytes } = await ask<{ bytes: number }>(fileAddress(draft.taskId ?? '', name), {
    method: 'PUT',
    body: text,
    headers: { 'if-match': etag, 'content-type': 'application/octet-stream' },
  });
  const now = { bytes, modified: null, file: null, received: bytes };
  Object.assign(draft.entries.get(name) ?? {}, now);
  draft.forgetCheck();
}

/** Selects a part of the text and shows it in the middle: all lines are equally high. */
function select(area: HTMLTextAreaElement, [start, end]: readonly [number, number]): void {
  area.focus();
  area.setSelectionRange(start, end);
  const linesBefore = area.value.slice(0, start).split('\n').length - 1;
  const lines = area.value.split('\n').length;
  area.scrollTop = (linesBefore / lines) * area.scrollHeight - area.clientHeight / 3;
  area.scrollLeft = 0;
}
