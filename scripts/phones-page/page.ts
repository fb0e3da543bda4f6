import { createEngines, languageSources } from '../../src/engines/registry.ts';
import { type PhoneRow, tabulatePhones } from '../../src/lexicon/phone-table.ts';

const HEAD = `# Phones

The labels of the languages that need no installation, with their IPA and a word in which each is heard. Results have
them, and a dictionary of your own may use them ([results.md](results.md#unknown-words-a-dictionary-of-your-own)). For any
other language: \`autophon phones LANG\`.

Where a dictionary marks stress with a digit and the list of IPA has only the vowel, the vowel is taken from there, and
without stress (\`0\`) English \`AH\` is \`ə\` and \`ER\` is \`ɚ\`. The dictionary of the built-in English does not mark
stress: for the IPA it is read off the spelling. Held against 132,000 lines of the CMU Pronouncing Dictionary that
have it, that is right for 96 of 100 \`AH\` and 91 of 100 \`ER\`. The phones in ARPAbet stay as the aligner gave them.

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
