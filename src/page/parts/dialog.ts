import { useEffect, useRef } from 'preact/hooks';
import { type Children, html, type View } from '../html.ts';

export interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly children?: Children;
}

/** A dialog of the browser itself: it keeps the focus, closes with Escape and gives the focus back. */
export function Dialog({ title, onClose, children }: DialogProps): View {
  const ref = useRef<HTMLDialogElement>(null);
  useEffect(() => ref.current?.showModal(), []);
  const closeOutside = (event: MouseEvent): void => {
    if (event.target === ref.current) onClose();
  };
  return html`<dialog ref=${ref} aria-label=${title} onClose=${onClose} onClick=${closeOutside}>
    <div class="inside">
      <header><h2>${title}</h2><button class="quiet" aria-label="Close" onClick=${onClose}>×</button></header>
      ${children}
    </div>
  </dialog>`;
}
