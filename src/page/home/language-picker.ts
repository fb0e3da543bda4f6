import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { html, type View } from '../html.ts';
import { languages } from '../languages.ts';
import { useStore } from '../store.ts';
import type { Language } from '../types.ts';
import { findLanguages } from './find-languages.ts';

export interface LanguagePickerProps {
  /** A code; empty: none is chosen. */
  readonly value: string;
  readonly onChange: (code: string) => void;
}

/** A field to search for a language: by its name, its code or its engine. */
export function LanguagePicker({ value, onChange }: LanguagePickerProps): View {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const known = useStore(languages);
  const [typed, setTyped] = useState<string | null>(null);
  const [active, setActive] = useState(0);
  const chosen = known?.find(({ code }) => code === value);
  const found = typed === null ? [] : findLanguages(known ?? [], typed);
  const isOpen = typed !== null && found.length > 0;
  useEffect(() => document.getElementById(`${id}-${active}`)?.scrollIntoView({ block: 'nearest' }), [active]);
  const take = (language: Language | undefined): void => {
    if (language === undefined) return;
    setTyped(null);
    onChange(language.code);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      if (typed === null) setTyped('');
      else
        setActive((active + (event.key === 'ArrowDown' ? 1 : found.length - 1)) % Math.max(1, found.length));
    } else if (event.key === 'Enter' && isOpen) {
      event.preventDefault();
      take(found[active]);
    } else if (event.key === 'Escape' && typed !== null) {
      event.preventDefault();
      setTyped(null);
    }
  };
  return html`<div class="picker">
    <label for=${id}>Language</label>
    <input ref=${input} id=${id} role="combobox" aria-expanded=${isOpen ? 'true' : 'false'} aria-controls=${`${id}-list`} aria-autocomplete="list"
      aria-activedescendant=${isOpen ? `${id}-${active}` : undefined} autocomplete="off" spellcheck=${false}
      placeholder=${known === null ? 'loading' : 'Search, such as English'} value=${typed ?? nameOf(chosen, value)}
      onFocus=${() => input.current?.select()} onClick=${() => setTyped((old) => old ?? '')} onBlur=${() => setTyped(null)}
      onInput=${(event: Event) => {
        setActive(0);
        setTyped((event.target as HTMLInputElement).value);
      }}
      onKeyDown=${onKeyDown} />
    <ul id=${`${id}-list`} role="listbox" aria-label="Languages" hidden=${!isOpen}>
      ${found.map(
        (
          language,
          index,
        ) => html`<li key=${language.code} id=${`${id}-${index}`} role="option" aria-selected=${index === active ? 'true' : 'false'}
          onMouseDown=${(event: Event) => event.preventDefault()} onClick=${() => take(language)}>
          <span>${language.name}</span> <span class="quiet">${language.engines.join(', ')} · ${language.code}</span></li>`,
      )}
    </ul>
    ${typed !== null && typed !== '' && found.length === 0 && html`<p class="hint">No language matches “${typed}”.</p>`}
  </div>`;
}

function nameOf(chosen: Language | undefined, value: string): string {
  return chosen === undefined ? value : `${chosen.name} (${chosen.engines[0] ?? ''})`;
}
