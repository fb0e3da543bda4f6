import { createEngines, languageSources } from '../../src/engines/registry.ts';
import type { Language } from '../../src/lexicon/language.ts';
import { type PhoneRow, tabulatePhones } from '../../src/lexicon/phone-table.ts';

const HEAD = `# Phones

For users who read results or write a [dictionary](results.md#unknown-words-a-dictionary-of-your-own). After reading this
page you know each phone label of the built-in languages. \`autophon phones LANG\` lists those of any language, and the
phones of each example word.

The built-in English dictionary has no stress marks, so the IPA of \`AH\` and \`ER\` follows the spelling of the word. That is
right for 96 % of \`AH\` and 91 % of \`ER\` (132,000 lines of the CMU Pronouncing Dictionary).

This page is made by \`make phones-page\`.
`;

/** The text that docs/phones.md must have. */
export async function makePhonesPage(): Promise<string> {
  const sections = await Promise.all(
    builtInLanguages().map(async (language) =>
      [
        `## ${language.displayName}: \`${language.code}\``,
        '',
        '| phone | IPA | as in |',
        '|---|---|---|',
        ...(await tabulatePhones(language)).map(formatRow),
        '',
      ].join('\n'),
    ),
  );
  return [HEAD, ...sections].join('\n');
}

export function builtInLanguages(): readonly Language[] {
  return languageSources(null, createEngines({ installations: {}, launchers: {}, inherited: {} })).builtIn;
}

function formatRow({ phone, ipa, ipaUnstressed, example }: PhoneRow): string {
  const sound = ipaUnstressed === null ? ipa : `${ipa}, without stress ${ipaUnstressed}`;
  return `| \`${phone}\` | ${sound} | ${example?.word ?? ''} |`;
}
