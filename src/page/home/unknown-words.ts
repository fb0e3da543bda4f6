import { useState } from 'preact/hooks';
import { plural } from '../../base/count-text.ts';
import { formatPlace, type Place } from '../../base/finding.ts';
import { addressOf, ask, Problem } from '../api.ts';
import { html, type View } from '../html.ts';
import { useLoaded } from '../parts/load.ts';
import { tell } from '../parts/notices.ts';
import type { UnknownWord } from '../types.ts';
import type { Draft } from './draft.ts';
import type { ToCorrect } from './transcript-editor.ts';

const SHOWN_AT_FIRST = 30;
const SHOWN_MORE = 500;

export interface UnknownWordsProps {
  readonly draft: Draft;
  readonly words: readonly UnknownWord[];
  readonly lang: string;
  readonly corrector: (one: ToCorrect) => (() => void) | null;
}

/**
 * Words that are in no dictionary. The user can write their pronunciations here, which go into the user's dictionary.
 */
export function UnknownWords({ draft, words, lang, corrector }: UnknownWordsProps): View {
  const [typed, setTyped] = useState<Readonly<Record<string, string>>>({});
  const [problem, setProblem] = useState<string | null>(null);
  const [limit, setLimit] = useState(SHOWN_AT_FIRST);
  const [current, setCurrent] = useState<string | null>(null);
  const known = useLoaded(lang, () =>
    ask<{ phones: readonly string[] }>(addressOf('languages', lang, 'phones')),
  );
  if (words.length === 0) return null;
  const entries = Object.entries(typed)
    .map(([word, phones]) => ({ word, phones: phones.trim() }))
    .filter(({ phones }) => phones !== '');
  const save = async (event: Event): Promise<void> => {
    event.preventDefault();
    try {
      await ask(addressOf('dictionary', lang, 'entries'), { method: 'POST', body: { entries } });
      setTyped({});
      setProblem(null);
      tell(`${plural(entries.length, 'word is', 'words are')} in your dictionary`);
      draft.forgetCheck();
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      setProblem(error.message);
    }
  };
  const write = (phone: string): void => {
    const word = current ?? words[0]?.word ?? '';
    setCurrent(word);
    setTyped((old) => ({ ...old, [word]: `${(old[word] ?? '').trimEnd()} ${phone} `.trimStart() }));
  };
  return html`<details class="words" open>
    <summary>${plural(words.length, 'word is', 'words are')} in no dictionary</summary>
    <form onSubmit=${save}>
      <p class="hint">Write how it is pronounced, with blanks between the phones. Pronunciations are saved in your dictionary for all your tasks. A click on its place corrects a misspelled word.</p>
      <div class="scroll"><table>
        <thead><tr><th scope="col">Word</th><th scope="col" class="number">Times</th><th scope="col">Pronunciation</th><th scope="col">Similar words</th><th scope="col">First place</th></tr></thead>
        <tbody>${words.slice(0, limit).map(
          (one) => html`<tr key=${one.word}>
            <th scope="row">${one.word}</th><td class="number">${one.count}</td>
            <td><input aria-label=${`Pronunciation of ${one.word}`} spellcheck=${false} autocapitalize="off" value=${typed[one.word] ?? ''} placeholder=${one.guesses[0]?.join(' ') ?? 'phones'}
              onFocus=${() => {
                setCurrent(one.word);
                const [guess] = one.guesses;
                if (guess !== undefined && typed[one.word] === undefined)
                  setTyped({ ...typed, [one.word]: guess.join(' ') });
              }}
              onInput=${(event: Event) => setTyped({ ...typed, [one.word]: (event.target as HTMLInputElement).value })} /></td>
            <td>${one.near.join(', ')}</td><td class="quiet"><${FirstPlace} place=${one.place} correct=${corrector({ ...(one.place === undefined ? {} : { place: one.place }), text: `“${one.word}” is in no dictionary.` })} /></td></tr>`,
        )}</tbody>
      </table></div>
      ${
        known.value !== null &&
        known.value.phones.length > 0 &&
        html`<details class="phones"><summary>Phones of the language</summary>
          <p class="hint">A click writes the phone ${current === null ? 'at the first word' : html`at <b>${current}</b>`}.</p>
          <div>${known.value.phones.map((phone) => html`<button type="button" class="small quiet" key=${phone} onClick=${() => write(phone)}>${phone}</button>`)}</div></details>`
      }
      ${problem !== null && html`<p class="problem" role="alert">${problem}</p>`}
      <p class="row">
        <button type="submit" class="small" disabled=${entries.length === 0}>${entries.length === 0 ? 'Save' : `Save ${plural(entries.length, 'pronunciation')}`} and check again</button>
        ${words.length > limit && html`<button type="button" class="small quiet" onClick=${() => setLimit(limit + SHOWN_MORE)}>Show ${plural(Math.min(words.length - limit, SHOWN_MORE), 'more word')}</button>`}
      </p>
    </form>
  </details>`;
}

function FirstPlace({ place, correct }: { place: Place | undefined; correct: (() => void) | null }): View {
  const words = formatPlace(place ?? {});
  if (correct === null) return html`<span>${words}</span>`;
  return html`<button type="button" class="link" onClick=${correct}>${words}</button>`;
}
