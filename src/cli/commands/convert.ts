import { parseColumnChoices } from '../../base/column-choices.ts';
import { plural } from '../../base/count-text.ts';
import { RESULT_FORMATS } from '../../base/result-kinds.ts';
import { visibleLine } from '../../base/visible-text.ts';
import { type Converted, convert } from '../../tasks/convert.ts';
import { planConversions } from '../../tasks/convert-plan.ts';
import { assertCount, usage } from '../args.ts';
import { defineCommand, type ExitCode, INTERRUPTED } from '../command.ts';
import { formatFault } from '../failure.ts';
import { COLUMNS_OPTION } from '../input-options.ts';
import { unlessInterrupted } from '../interrupt.ts';
import type { Output } from '../output.ts';
import { formatWarnings } from '../task-text.ts';

const ENCODINGS = ['latin1', 'windows-1252'] as const;

export const convertCommand = defineCommand({
  name: 'convert',
  usage: 'IN... OUT',
  details: [
    'Reads transcripts, or TextGrids of a result, and writes each in another format. OUT is a file, whose extension tells',
    'the format, or a folder that exists; a folder needs --to, and emu, or par of several speakers, a folder. It reports',
    'what the new format cannot hold. Every new file is read back. No database or engine is needed.',
  ],
  options: {
    to: { type: 'string', value: 'FORMAT', help: `format of the new files: ${RESULT_FORMATS.join(', ')}` },
    force: { type: 'boolean', short: 'f', help: 'replace files that exist' },
    columns: COLUMNS_OPTION,
    encoding: {
      type: 'string',
      value: 'NAME',
      help: `encoding of transcripts that are not Unicode: ${ENCODINGS.join(' or ')}`,
    },
  },
  examples: [
    'autophon convert talk.TextGrid talk.srt',
    'autophon convert day1.trs day2.cha tiers/ --to textgrid',
  ],
  run: async ({ values, positionals }, { output }): Promise<ExitCode> => {
    assertCount('convert', positionals, {
      min: 2,
      max: Number.POSITIVE_INFINITY,
      what: 'transcripts, then a file or folder',
    });
    const encoding = ENCODINGS.find((one) => one === values.encoding?.toLowerCase()) ?? null;
    if (values.encoding !== undefined && encoding === null)
      throw usage('convert', `--encoding ${values.encoding}: expected ${ENCODINGS.join(' or ')}`);
    const columns = parseColumnChoices(values.columns ?? null);
    const plan = await planConversions(positionals.slice(0, -1), positionals.at(-1) ?? '', {
      to: values.to ?? null,
      isForced: values.force,
    });
    const converted = await unlessInterrupted((signal) =>
      convert(plan.conversions, {
        format: plan.format,
        folder: plan.folder,
        legacyEncoding: encoding,
        columns,
        isForced: values.force,
        signal,
      }),
    );
    if (converted === null) {
      output.note('interrupted: not every file was converted');
      return INTERRUPTED;
    }
    const isDone = converted.every(({ faults }) => faults.length === 0);
    printConverted(converted, output);
    if (encoding === null && !output.isJson && converted.some(isOtherEncoding))
      output.note('texts of older Windows programs can be read with --encoding windows-1252');
    output.json({ format: plan.format, files: converted });
    return isDone ? 0 : 2;
  },
});

function isOtherEncoding({ faults }: Converted): boolean {
  return faults.some(({ code }) => code === 'E_TEXT_ENCODING');
}

function printConverted(converted: readonly Converted[], output: Output): void {
  for (const { from, to, others, losses, warnings, faults } of converted) {
    if (!output.isJson) for (const fault of faults) output.note(formatFault(fault, output));
    output.lines(formatWarnings(warnings, output, Number.POSITIVE_INFINITY));
    if (faults.length > 0) continue;
    for (const file of [to, ...others]) output.line(visibleLine(`${from} -> ${file}`));
    for (const text of losses) output.line(`  ${visibleLine(text)}`);
  }
  const done = converted.filter(({ faults }) => faults.length === 0).length;
  if (done < converted.length || done > 1)
    output.line(`${done} of ${plural(converted.length, 'file')} converted`);
}
