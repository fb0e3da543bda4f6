import { loadResources } from '../../app/resources.ts';
import { silentLog } from '../../base/log.ts';
import { check } from '../../tasks/check.ts';
import { checkDocument } from '../../tasks/check-document.ts';
import { assertNew, writeDictionary } from '../../tasks/dictionary-draft.ts';
import { assertCount } from '../args.ts';
import { formatChecked } from '../check-report.ts';
import { configOf, defineCommand, type ExitCode, INTERRUPTED } from '../command.ts';
import { INPUT_OPTIONS, toInputChoices } from '../input-options.ts';
import { unlessInterrupted } from '../interrupt.ts';
import type { Output } from '../output.ts';
import { formatBar } from '../progress-bar.ts';

const BAR_WIDTH = 20;
const REDRAW_MS = 100;

export const checkCommand = defineCommand({
  name: 'check',
  usage: 'PATHS... --lang CODE',
  details: [
    'Files and folders, as for "autophon submit". Nothing is queued, copied or aligned, and no database is needed.',
    'Reports the faults and warnings that a worker would report, then the words that are in no dictionary, with similar',
    'words and, if a program for that is installed, guessed pronunciations. Ends with 0 if a worker would align',
    'everything, otherwise with 2.',
  ],
  options: {
    ...INPUT_OPTIONS,
    'write-dict': {
      type: 'string',
      value: 'FILE',
      help: 'write the unknown words, with what was guessed, to a new dictionary for --user-dict',
    },
    all: { type: 'boolean', short: 'a', help: 'show every finding and every word, not only the first ones' },
  },
  examples: [
    'autophon check samples/english-read --lang engUS_SPHINX_v010',
    'autophon check corpus --lang engUS_SPHINX_v010 --write-dict names.dict',
  ],
  run: async ({ values, positionals }, context): Promise<ExitCode> => {
    assertCount('check', positionals, { min: 1, max: Number.POSITIVE_INFINITY, what: 'files or folders' });
    const { output } = context;
    const config = configOf(context);
    const resources = await loadResources(config, silentLog);
    const choices = toInputChoices(positionals, values, resources);
    const draftPath = values['write-dict'] ?? null;
    // Before the work, so that it is not lost.
    if (draftPath !== null) assertNew(draftPath);
    const checked = await unlessInterrupted((signal) =>
      check(choices, {
        ...resources,
        uploadsDir: config.uploadsDir,
        policy: config.policy,
        taskLimits: config.taskLimits,
        limits: { timeoutSec: config.taskTimeoutSec, silenceSec: config.engineSilenceSec },
        log: silentLog,
        signal,
        onProgress: progressOn(output),
      }),
    );
    if (checked === null) {
      output.note('interrupted: not everything was checked');
      return INTERRUPTED;
    }
    const written = draftPath === null ? null : await writeDictionary(draftPath, checked);
    output.lines(formatChecked(checked, output, { isAll: values.all, dictionary: written }));
    output.json(checkDocument(checked, written));
    return checked.faults.length === 0 ? 0 : 2;
  },
});

function progressOn(output: Output): (done: number, total: number) => void {
  let drawnAtMs = Number.NEGATIVE_INFINITY;
  return (done, total) => {
    const nowMs = performance.now();
    if (nowMs - drawnAtMs < REDRAW_MS) return;
    drawnAtMs = nowMs;
    output.draw([`${formatBar(done / total, BAR_WIDTH)}  ${done} of ${total} recordings`]);
  };
}
