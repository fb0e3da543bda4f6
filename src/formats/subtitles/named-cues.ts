import { type InPieces, Piece } from '../../base/pieces.ts';
import { hasColon, isChange, NameTally, splitName } from '../speaker-names.ts';
import type { Cue } from './read-cues.ts';
import { hasVoices, type VoiceText } from './voices.ts';

/** Finds names of speakers before a colon, as in transcripts of meetings, with the number of lines that begin with each. */
export function* findCueNames(cues: readonly Cue[]): InPieces<ReadonlyMap<string, number>> {
  const tally = new NameTally();
  const piece = new Piece();
  for (const { text } of cues) {
    if (piece.add(text)) yield;
    if (text !== '' && !hasVoices(text)) tally.add(hasColon(text) ? text.split('\n').map(splitName) : []);
  }
  return tally.speakers();
}

/**
 * Divides the text of a cue by the names in it; each name occurs once in the result. A line without a name belongs to the speaker of
 * the line before, unless it begins with a dash.
 */
export function splitNamedLines(text: string, speakers: ReadonlyMap<string, number>): VoiceText[] {
  const texts = new Map<string | null, string>();
  let voice: string | null = null;
  for (const line of text.split('\n')) {
    const head = splitName(line);
    const isNamed = head !== null && speakers.has(head.name);
    if (isNamed) voice = head.name;
    else if (isChange(line)) voice = null;
    const said = isNamed ? head.said.trim() : line;
    const before = texts.get(voice);
    if (said !== '') texts.set(voice, before === undefined ? said : `${before}\n${said}`);
  }
  return [...texts].map(([who, said]) => ({ voice: who, text: said }));
}
