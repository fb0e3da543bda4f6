import { createEngines, languageSources } from '../../src/engines/registry.ts';
import { type PhoneRow, tabulatePhones } from '../../src/lexicon/phone-table.ts';

const HEAD = `# Phones

The labels of the languages that need no installation, with their IPA and a word in which each is heard. Results have
them, and a dictionary of your own may use them ([results.md](results.md#unknown-words-a-dictionary-of-your-own)). For any
other language: \`autophon phones LANG\`.

Where a language marks stress with a digit and its list of IPA has only the vowel, the vowel is taken from there, and
without stress (\`0\`) English \`AH\` is \`ə\` and \`ER\` is \`ɚ\`.

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

function formatRow({ phone, ipa, example }: PhoneRow): string {
  const pronounced = example === null ? '' : `\`${example.phones.join(' ')}\``;
  return `| \`${phone}\` | ${ipa} | ${example?.word ?? ''} | ${pronounced} |`;
}
