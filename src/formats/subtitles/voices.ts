import { readEntities } from '../entities.ts';

const VOICE = /<v(?:\.[^\s<>]*)?[ \t]+([^<>]*)>|<\/v>/g;
const RUBY_READING = /<rt>[^<>]*(?:<\/rt>)?/gi;
const TAGS =
  /<\/?(?:[cibusv]|ruby|rt|rp|lang|font|span|em|strong)(?:[.\s][^<>]*)?>|<\d[\d:.]*>|\{\\[^{}]*\}/gi;
/** `<br>`, and line ends and blanks as SubStation writes them. */
const BREAKS = /<br ?\/?>|\\[Nnh]/gi;

/** A stretch of a cue that one speaker says. */
export interface VoiceText {
  /** Null: the cue does not say who. */
  readonly voice: string | null;
  readonly text: string;
}

export function hasVoices(text: string): boolean {
  return text.includes('<v');
}

/** The text of a cue by its voices (`<v Anna>`), each once, in the order in which they speak. */
export function splitVoices(text: string): VoiceText[] {
  const texts = new Map<string | null, string>();
  let voice: string | null = null;
  let end = 0;
  const add = (part: string) => {
    const said = part.trim();
    const before = texts.get(voice);
    if (said !== '') texts.set(voice, before === undefined ? said : `${before}\n${said}`);
  };
  for (const match of text.matchAll(VOICE)) {
    add(text.slice(end, match.index));
    const name = readEntities(match[1] ?? '').trim();
    voice = name === '' ? null : name;
    end = match.index + match[0].length;
  }
  add(text.slice(end));
  return [...texts].map(([who, said]) => ({ voice: who, text: said }));
}

/** The text of a cue as it is shown: without the tags of WebVTT and the codes of SubStation that SRT may have. */
export function shownCueText(text: string): string {
  if (!/[<{\\]/.test(text)) return text;
  return text.replace(RUBY_READING, '').replace(TAGS, '').replace(BREAKS, ' ');
}
