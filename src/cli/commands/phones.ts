import { describePhones, type LanguagePhones } from '../../tasks/phones.ts';
import { assertCount } from '../args.ts';
import { configOf, defineCommand, type ExitCode } from '../command.ts';
import type { Output } from '../output.ts';
import { formatTable } from '../table.ts';

export const phonesCommand = defineCommand({
  name: 'phones',
  usage: 'LANG',
  details: [
    'LANG is the code of a language, such as engUS_SPHINX_v010. Results have these labels, and your own dictionary may use',
    'them.',
  ],
  options: {},
  examples: ['autophon phones engUS_SPHINX_v010'],
  run: async ({ positionals }, context): Promise<ExitCode> => {
    assertCount('phones', positionals, { min: 1, max: 1, what: 'one language code' });
    const { output } = context;
    const described = await describePhones(positionals[0] ?? '', configOf(context));
    printPhones(described, output);
    output.json(toDocument(described));
    return 0;
  },
});

function printPhones({ language, phones }: LanguagePhones, output: Output): void {
  output.line(
    `${output.paint(language.code, 'bold')}  ${language.displayName}, ${language.alphabet}: ${phones.length} phones`,
  );
  const rows = phones.map(({ phone, ipa, ipaUnstressed, example }) => [
    phone,
    ipaUnstressed === null ? ipa : `${ipa}, ${ipaUnstressed}`,
    example?.word ?? '',
    example?.phones.join(' ') ?? '',
  ]);
  const columns = ['phone', 'IPA', 'as in', 'pronounced'].map((title) => ({ title }));
  output.lines(formatTable(columns, rows));
}

function toDocument({ language, phones }: LanguagePhones) {
  return { lang: language.code, name: language.displayName, alphabet: language.alphabet, phones };
}
