import { html, type View } from '../html.ts';
import { TypedInput } from '../parts/typed-input.ts';
import { session } from '../session.ts';
import { useStore } from '../store.ts';
import { FORMAT_WORDS } from '../words.ts';
import type { Draft } from './draft.ts';

const SPLIT = 'split';
const CHANNEL_WORDS = [
  ['', 'Default of this site'],
  ['mix', 'All speakers are in all channels: mix them'],
  [SPLIT, 'Each channel has a speaker of its own'],
] as const;

/** Options in addition to the language; most users never open them. */
export function Options({ draft }: { draft: Draft }): View {
  const who = useStore(session);
  const { search, partial, channels, name } = draft.choices;
  const isSplit = channels.startsWith(SPLIT);
  const site = who.state === 'ready' ? who.session.formats : { known: [], default: [] };
  const formats = draft.choices.formats.length === 0 ? site.default : draft.choices.formats;
  const toggle = (format: string): void => {
    const chosen = formats.includes(format) ? formats.filter((one) => one !== format) : [...formats, format];
    if (chosen.length > 0) void draft.choose({ formats: chosen });
  };
  return html`<details class="options">
    <summary>Options <span class="quiet">${formats.map((format) => FORMAT_WORDS[format] ?? format).join(', ')}</span></summary>
    <div class="fields">
      <label class="field">Name of the task<${TypedInput} value=${name} placeholder="named after its recordings" onTake=${(text: string) => draft.choose({ name: text })} /></label>
      <fieldset><legend>Files of the result</legend>
        ${site.known.map((format) => html`<label class="check"><input type="checkbox" checked=${formats.includes(format)} onChange=${() => toggle(format)} />${FORMAT_WORDS[format] ?? format}</label>`)}
      </fieldset>
      <fieldset><legend>Recordings with two or more channels</legend>
        ${CHANNEL_WORDS.map(([value, words]) => html`<label class="check"><input type="radio" name="channels" checked=${isSplit ? value === SPLIT : value === channels} onChange=${() => draft.choose({ channels: value })} />${words}</label>`)}
        ${isSplit && html`<label class="field">Names of the speakers, from the first channel on<${TypedInput} value=${channels.slice(SPLIT.length + 1)} placeholder="Anna, Ben" onTake=${(names: string) => draft.choose({ channels: names.trim() === '' ? SPLIT : `${SPLIT}:${names}` })} /></label>`}
      </fieldset>
      <fieldset><legend>Aligning</legend>
        <label class="check"><input type="checkbox" checked=${search === 'wide'} onChange=${() => draft.choose({ search: search === 'wide' ? 'usual' : 'wide' })} />Search wide: slower, finds more where speech and text differ</label>
        <label class="check"><input type="checkbox" checked=${partial} onChange=${() => draft.choose({ partial: !partial })} />Give a result even if some parts cannot be aligned</label>
      </fieldset>
    </div>
  </details>`;
}
