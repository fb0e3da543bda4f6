import { openApp } from '../../app/open.ts';
import { loadResources, type SiteResources } from '../../app/resources.ts';
import { plural } from '../../base/count-text.ts';
import { silentLog } from '../../base/log.ts';
import { parseResultFormats, RESULT_FORMATS } from '../../base/result-kinds.ts';
import { formatDuration } from '../../base/time.ts';
import { openSite } from '../../tasks/site.ts';
import { type Submission, type Submitted, submit } from '../../tasks/submit.ts';
import { assertCount, type Values, wholeNumber } from '../args.ts';
import { configOf, defineCommand, type ExitCode, INTERRUPTED, personalLog } from '../command.ts';
import { followTask } from '../follow.ts';
import { INPUT_OPTIONS, toInputChoices } from '../input-options.ts';
import { unlessInterrupted } from '../interrupt.ts';
import { parseLater } from '../moment.ts';
import type { Output } from '../output.ts';
import { formatLater, formatWarnings } from '../task-text.ts';

const MAX_WARNINGS = 20;

const OPTIONS = {
  ...INPUT_OPTIONS,
  priority: { type: 'string', value: 'NUMBER', help: 'from -1000 to 1000; higher goes first (default 0)' },
  partial: {
    type: 'boolean',
    help: 'deliver the other recordings if one comes back empty',
  },
  'same-speakers': {
    type: 'boolean',
    help: 'tiers of the same name in different recordings are the same person',
  },
  wide: {
    type: 'boolean',
    help: 'let MFA search widely from the start: slower, better on conversations and noise',
  },
  formats: {
    type: 'string',
    value: 'LIST',
    help: `formats of the result, with commas between them: ${RESULT_FORMATS.join(', ')}`,
  },
  'not-before': {
    type: 'string',
    value: 'TIME',
    help: 'workers take it at this time or later: a time ("2026-03-01 22:00") or how long from now (90min, 8h, 2d)',
  },
  'notify-url': {
    type: 'string',
    value: 'URL',
    help: 'a worker sends a request there when the task has ended, if the site allows it',
  },
  wait: { type: 'boolean', short: 'w', help: 'show progress and wait for the result' },
} as const;

export const submitCommand = defineCommand({
  name: 'submit',
  usage: 'PATHS... --lang CODE',
  details: [
    'Files and folders; all of them are one task. A recording (.wav, or what ffmpeg reads) and its transcript',
    '(.TextGrid, .txt or another format, see docs/formats.md) have the same name; naming one of them is enough.',
    'Everything is checked before anything is written. The files are copied, the originals stay as they are.',
  ],
  options: OPTIONS,
  examples: [
    'autophon submit samples/english-read --lang engUS_SPHINX_v010 --wait',
    'autophon submit day1.wav day2.wav --lang fraFR_SPHINX_v010 --user-dict names.dict',
  ],
  run: async ({ values, positionals }, context): Promise<ExitCode> => {
    assertCount('submit', positionals, { min: 1, max: Number.POSITIVE_INFINITY, what: 'files or folders' });
    const { output } = context;
    const config = configOf(context);
    const log = personalLog(output, config);
    // Faults of other languages are for the operator.
    const resources = await loadResources(config, silentLog);
    const submission = toSubmission(positionals, values, resources);
    await using app = await openApp(config, log, 'submit');
    // Ctrl-C before the task is queued removes the copies.
    const submitted = await unlessInterrupted((signal) =>
      submit(submission, {
        db: app.db,
        uploads: openSite(app.db, config.uploadsDir),
        ...resources,
        policy: config.policy,
        webhookOrigins: config.deliveries.origins,
        taskLimits: config.taskLimits,
        signal,
      }),
    );
    if (submitted === null) {
      output.note('interrupted: nothing was queued');
      return INTERRUPTED;
    }
    const document = describe(submitted, submission, resources);
    printSubmitted(submitted, submission, output);
    if (!values.wait) {
      output.line(output.paint(`See how it goes: autophon show ${submitted.taskId}`, 'dim'));
      output.json(document);
      return 0;
    }
    const { exitCode, task } = await followTask(
      submitted.taskId,
      submitted.warnings.slice(0, MAX_WARNINGS),
      app,
      output,
    );
    output.json({ ...document, ...task });
    return exitCode;
  },
});

function toSubmission(
  paths: readonly string[],
  values: Values<typeof OPTIONS>,
  resources: SiteResources,
): Submission {
  return {
    ...toInputChoices(paths, values, resources),
    priority: values.priority === undefined ? 0 : wholeNumber('submit', '--priority', values.priority),
    notBefore: parseLater(values['not-before']),
    notifyUrl: values['notify-url'] ?? null,
    ...(values.partial ? { partialResults: 'allow' } : {}),
    ...(values['same-speakers'] ? { speakers: 'names' } : {}),
    ...(values.wide ? { search: 'wide' } : {}),
    ...(values.formats === undefined ? {} : { formats: parseResultFormats(values.formats) }),
  };
}

function printSubmitted(
  { taskId, counts, warnings }: Submitted,
  { lang, user, notBefore }: Submission,
  output: Output,
): void {
  output.line(`queued task ${output.paint(taskId, 'bold')}`);
  const parts = [
    plural(counts.fileCount, 'file'),
    plural(counts.tierCount, 'tier'),
    plural(counts.wordCount, 'word'),
    `${formatDuration(counts.audioSec)} of audio`,
    lang,
    `user ${user}`,
  ];
  output.line(`  ${parts.join(', ')}`);
  if (notBefore !== null) output.line(`  ${formatLater({ not_before: notBefore })}`);
  for (const line of formatWarnings(warnings, output, MAX_WARNINGS)) output.line(`  ${line}`);
}

function describe(
  { taskId, counts, warnings }: Submitted,
  submission: Submission,
  { languages }: SiteResources,
) {
  return {
    taskId,
    user: submission.user,
    lang: submission.lang,
    engine: languages.get(submission.lang)?.engine ?? submission.engine,
    status: 'uploaded',
    priority: submission.priority,
    channels: submission.channels ?? null,
    formats: submission.formats ?? null,
    notBefore: submission.notBefore,
    notifyUrl: submission.notifyUrl,
    files: counts.fileCount,
    tiers: counts.tierCount,
    words: counts.wordCount,
    wordsUnknown: counts.missingWordCount,
    audioSec: counts.audioSec,
    inputBytes: counts.inputBytes,
    warnings,
  };
}
