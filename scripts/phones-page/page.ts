import { createEngines, languageSources } from '../../src/engines/registry.ts';
import { type PhoneRow, tabulatePhones } from '../../src/lexicon/phone-table.ts';

const HEAD = `# Phones

For users who read results or write a dictionary of their own
([results.md](results.md#unknown-words-a-dictionary-of-your-own)): the phone labels of the built-in languages, with IPA and
an example. For other languages run \`autophon phones LANG\`.

A vowel that the IPA list has without stress counts for all stresses; without stress (\`0\`) English \`AH\` is \`ə\` and
\`ER\` is \`ɚ\`. The dictionary of the built-in English has no stress marks, so the IPA follows the spelling of the word.
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
