import { useEffect, useRef, useState } from 'preact/hooks';
import { html, type View } from '../html.ts';

export interface TypedInputProps {
  readonly value: string;
  /** Called with the text, without blanks around it, when Enter is pressed or the field is left. */
  readonly onTake: (text: string) => void;
  /** Called after a pause of typing, too. */
  readonly pauseMs?: number;
  /** Attributes of the field. */
  readonly [attribute: string]: unknown;
}

/** A text field. Typed text stays while the page around it is drawn again, and is taken when the view is left. */
export function TypedInput({ value, onTake, pauseMs, ...attributes }: TypedInputProps): View {
  const [typed, setTyped] = useState<string | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const take = (input: HTMLInputElement): void => {
    clearTimeout(timer.current);
    if (input.reportValidity()) onTake(input.value.trim());
  };
  const onInput = ({ currentTarget: input }: { currentTarget: HTMLInputElement }): void => {
    setTyped(input.value);
    clearTimeout(timer.current);
    if (pauseMs !== undefined) timer.current = setTimeout(() => take(input), pauseMs);
  };
  const field = useRef<HTMLInputElement>(null);
  const now = useRef({ value, onTake });
  now.current = { value, onTake };
  useEffect(() => {
    // Reads the field itself, because the last typed text may not have been drawn yet.
    const leave = (): void => {
      const input = field.current;
      if (input !== null && input.value !== now.current.value && input.checkValidity())
        now.current.onTake(input.value.trim());
    };
    window.addEventListener('pagehide', leave);
    return () => window.removeEventListener('pagehide', leave);
  }, []);
  return html`<input ref=${field} spellcheck=${false} ...${attributes} value=${typed ?? value} onInput=${onInput}
    onChange=${({ currentTarget }: { currentTarget: HTMLInputElement }) => take(currentTarget)}
    onBlur=${({ currentTarget }: { currentTarget: HTMLInputElement }) => {
      // A text that cannot be accepted stays, so that the user can correct it.
      if (currentTarget.checkValidity()) setTyped(null);
    }} />`;
}
