import { readEntities } from '../entities.ts';

const VOICE = /<v(?:\.[^\s<>]*)?[ \t]([^<>]*)>|<\/v>/g;
const VOICE_AT_START = /^<v(?:\.[^\s<>]*)?[ \t]([^<>]*)>/;
const VOICE_END = '</v>';
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
  const whole = wholeVoice(text);
  if (whole !== null) return whole.text === '' ? [] : [whole];
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
    voice = nameOf(match[1]);
    end = match.index + match[0].length;
  }
  add(text.slice(end));
  return [...texts].map(([who, said]) => ({ voice: who, text: said }));
}

/** The voice of a cue that has one from its beginning to its end, as most do; null: it has not. */
function wholeVoice(text: string): VoiceText | null {
  const end = text.endsWith(VOICE_END) ? text.length - VOICE_END.length : text.length;
  const [start, name] = VOICE_AT_START.exec(text) ?? [];
  const said = start === undefined ? '' : text.slice(start.length, end);
  if (start === undefined || said.includes('<v') || said.includes(VOICE_END)) return null;
  return { voice: nameOf(name), text: said.trim() };
}

function nameOf(name = ''): string | null {
  const shown = readEntities(name).trim();
  return shown === '' ? null : shown;
}

/**
 * The text of a cue as it is shown: without the tags of WebVTT and the codes of SubStation that SRT may have, and with the
 * characters that entities stand for.
 */
export function shownCueText(text: string): string {
  if (!/[<{\\&]/.test(text)) return text;
  return readEntities(text.replace(RUBY_READING, '').replace(TAGS, '').replace(BREAKS, ' '));
}
