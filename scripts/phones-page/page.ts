import { createEngines, languageSources } from '../../src/engines/registry.ts';
import { type PhoneRow, tabulatePhones } from '../../src/lexicon/phone-table.ts';

const HEAD = `# Phones

For users who read results or write a [dictionary](results.md#unknown-words-a-dictionary-of-your-own). After reading this
page you know each phone label of the built-in languages. For other languages run \`autophon phones LANG\`.

The dictionary of the built-in English has no stress marks, so the IPA of \`AH\` and \`ER\` follows the spelling of the word.
Compared with 132,000 lines of the CMU Pronouncing Dictionary, that is right for 96 % of \`AH\` and 91 % of \`ER\`. ARPAbet
labels stay as the aligner gave them.

This page is made by \`make phones-page\`.
`;

/** docs/phones.md, as it should be. */
export async function makePhonesPage(): Promise<string> {
  const sources = languageSources(null, createEngines({ installations: {}, launchers: {}, inherited: {} }));
  const sections = await Promise.all(
    sources.builtIn.map(async (language) =>
      [
        `## ${language.displayName}: \`${language.code}\``,
        '',
        '| phone | IPA | as in | pronounced |',
        '|---|---|---|---|',
        ...(await tabulatePhones(language)).map(formatRow),
        '',
      ].join('\n'),
    ),
  );
  return [HEAD, ...sections].join('\n');
}

function formatRow({ phone, ipa, ipaUnstressed, example }: PhoneRow): string {
  const sound = ipaUnstressed === null ? ipa : `${ipa}, without stress ${ipaUnstressed}`;
  const pronounced = example === null ? '' : `\`${example.phones.join(' ')}\``;
  return `| \`${phone}\` | ${sound} | ${example?.word ?? ''} | ${pronounced} |`;
}
