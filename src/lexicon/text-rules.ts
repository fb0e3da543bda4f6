import type { Language } from './language.ts';
import { parseLanguageCode } from './language-code.ts';
import { markersOf } from './markers/conventions.ts';
import { splitLabel } from './markers/label-pieces.ts';
import type { MarkerTable } from './markers/table.ts';
import { PLAIN_SPLITS, ROMANCE_SPLITS, type SplitOrder } from './word-parts.ts';

/** How the labels of a transcript are divided into words and markers. */
export interface TextRules {
  readonly markers: MarkerTable;
  readonly splits: SplitOrder;
}

/** Languages whose dictionaries have clitics as words of their own: `l'`, `-ce`, `-lo`. */
const ROMANCE = new Set('cat fra glg ita oci por ron'.split(' '));

export function textRulesOf(language: Pick<Language, 'code' | 'markerRules'>): TextRules {
  const iso = parseLanguageCode(language.code)?.language ?? '';
  return { markers: markersOf(language), splits: ROMANCE.has(iso) ? ROMANCE_SPLITS : PLAIN_SPLITS };
}

/** Whether a label means silence: it is empty or has only markers of silence. */
export function isSilentLabel(label: string, { markers }: TextRules): boolean {
  const text = label.trim();
  if (text === '' || markers.bare(text) === 'silence') return true;
  const pieces = splitLabel(text, markers);
  return pieces.every(({ kind }) => kind === 'silence');
}
