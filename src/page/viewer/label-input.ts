import { element } from './element.ts';

/**
 * Edits a label in its place: Enter keeps it, Escape does not.
 * @param onEnd - the text, or null
 */
export function editLabel(
  parent: HTMLElement,
  box: { readonly left: number; readonly top: number; readonly width: number; readonly height: number },
  text: string,
  onEnd: (text: string | null) => void,
): void {
  const input = element('input', { className: 'viewer-label', value: text, ariaLabel: 'Label' });
  Object.assign(input.style, {
    left: `${box.left}px`,
    top: `${box.top}px`,
    width: `${box.width}px`,
    height: `${box.height}px`,
  });
  let isOver = false;
  const end = (result: string | null) => {
    if (isOver) return;
    isOver = true;
    input.remove();
    onEnd(result);
  };
  input.addEventListener('keydown', (event) => {
    event.stopPropagation();
    if (event.key === 'Enter') end(input.value);
    else if (event.key === 'Escape') end(null);
  });
  input.addEventListener('blur', () => end(input.value));
  parent.append(input);
  input.focus();
  input.select();
}
