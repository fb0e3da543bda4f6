import { readEntities } from '../entities.ts';

const VOICE = /<v(?:\.[^\s<>]*)?[ \t]([^<>]*)>|<\/v>/g;
const VOICE_AT_START = /^<v(?:\.[^\s<>]*)?[ \t]([^<>]*)>/;
const VOICE_END = '</v>';
const RUBY_READING = /<rt>[^<>]*(?:<\/rt>)?/gi;
const TAGS =
  /<\/?(?:[cibusv]|ruby|rt|rp|lang|font|span|em|strong)(?:[.\s][^<>]*)?>|<\d[\d:.]*>|\{\\[^{}]*\}/gi;
/** `<br>`, and the line ends and blanks of SubStation. */
const BREAKS = /<br ?\/?>|\\[Nnh]/gi;

/** The text of one speaker in a cue. */
export interface VoiceText {
  /** Name of the speaker; null: the cue does not tell. */
  readonly voice: string | null;
  readonly text: string;
}

/** A fast check whether a text may have voices. */
export function hasVoices(text: string): boolean {
  return text.includes('<v');
}

/** Divides the text of a cue by its voices (`<v Anna>`). Each voice is once in the result, in the order of the cue. */
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

/** The voice of a cue that has a single one from its beginning to its end, as most have; null: it has none or several. */
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

/** The text of a cue as viewers see it: without tags of WebVTT and codes of SubStation, and with its entities as characters. */
export function shownCueText(text: string): string {
  if (!/[<{\\&]/.test(text)) return text;
  return readEntities(text.replace(RUBY_READING, '').replace(TAGS, '').replace(BREAKS, ' '));
}
