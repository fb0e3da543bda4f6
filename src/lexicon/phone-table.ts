import { parseDictionaryLine, readUsablePhones, splitPhones } from './dictionary.ts';
import { forEachLine } from './dictionary-lines.ts';
import { toIpa } from './ipa.ts';
import type { Language, Pronunciation } from './language.ts';
import { lookupForm } from './lookup-form.ts';

export interface PhoneRow {
  /** The label in dictionaries and results. */
  readonly phone: string;
  /** Its IPA, as in the IPA copy of a result; the label itself if the language has no IPA for it. */
  readonly ipa: string;
  /** The IPA of the vowel without stress; null: it is the same, or the label itself tells the stress. */
  readonly ipaUnstressed: string | null;
  /** A word of the dictionary that has the phone; null: no word has it. */
  readonly example: Pronunciation | null;
}

const PLAIN_WORD = /^\p{L}{3,}$/u;

/**
 * Lists the phones of a language, in the order of its own list, or sorted if it has none. Reads the whole dictionary, since an
 * example of the language is only used if the dictionary has the phone in that word.
 */
export async function tabulatePhones(language: Language): Promise<PhoneRow[]> {
  const usable = await readUsablePhones(language);
  const phones = language.phones.size > 0 ? [...usable] : [...usable].sort();
  const examples = await findExamples(language, new Set(phones));
  return phones.map((phone) => ({
    phone,
    ipa: toIpa(phone, language.ipa),
    ipaUnstressed: unstressedOf(phone, language),
    example: examples.get(phone)?.pronunciation ?? null,
  }));
}

function unstressedOf(phone: string, { ipa, markStress }: Language): string | null {
  if (markStress === undefined || !ipa.has(phone)) return null;
  const unstressed = toIpa(`${phone}0`, ipa);
  return unstressed === `${phone}0` || unstressed === toIpa(phone, ipa) ? null : unstressed;
}

interface Example {
  readonly pronunciation: Pronunciation;
  /** The smaller the better. */
  readonly rank: number;
}

async function findExamples(
  { complexDictionaryPath, dictionaryPath, examples }: Language,
  phones: ReadonlySet<string>,
): Promise<ReadonlyMap<string, Example>> {
  const wanted = new Map([...(examples ?? [])].map(([phone, word]) => [phone, lookupForm(word)]));
  const found = new Map<string, Example>();
  await forEachLine(complexDictionaryPath ?? dictionaryPath, (text) => {
    const line = parseDictionaryLine(text);
    if (line?.kind !== 'entry') return;
    const own = splitPhones(line.rest);
    for (const phone of new Set(own)) {
      if (!phones.has(phone)) continue;
      const rank = wanted.get(phone) === line.word ? 0 : rankOf(line.word, own);
      // Of equal words, the first one in the file is taken: the same dictionary gives the same table.
      if (rank >= (found.get(phone)?.rank ?? Number.POSITIVE_INFINITY)) continue;
      found.set(phone, { pronunciation: { word: line.word, phones: own }, rank });
    }
  });
  return found;
}

/** Short words show a phone best. A word with fewer letters than phones is an abbreviation, and comes last. */
function rankOf(word: string, phones: readonly string[]): number {
  const isPlain = PLAIN_WORD.test(word) && word.length >= phones.length;
  return phones.length + (isPlain ? 0 : 1000);
}
