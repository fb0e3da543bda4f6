import { formatCount, plural } from '../base/count-text.ts';
import type { Fault, Warning } from '../base/errors.ts';
import { formatFinding, formatPlace } from '../base/finding.ts';
import { formatDuration } from '../base/time.ts';
import { visibleLine } from '../base/visible-text.ts';
import type { Checked } from '../tasks/check.ts';
import type { MissingWord } from '../tasks/check-words.ts';
import type { Output, Style } from './output.ts';
import { formatTable } from './table.ts';

const MAX_FAULTS = 50;
const MAX_WARNINGS = 20;
const MAX_WORDS = 20;
const INDENT = '  ';

interface ReportChoices {
  readonly isAll: boolean;
  /** Path of the dictionary that was written; null: none was. */
  readonly dictionary: string | null;
}

/** The report for people: faults and warnings first, the summary last. */
export function formatChecked(
  { resources, counts, words, estimatedSec, faults, warnings }: Checked,
  output: Output,
  { isAll, dictionary }: ReportChoices,
): string[] {
  const limit = (some: number) => (isAll ? Number.POSITIVE_INFINITY : some);
  const { language, engine } = resources;
  // These words are in the table of words.
  const others = warnings.filter(
    ({ code, place }) => place === undefined || (code !== 'W_WORD_UNKNOWN' && code !== 'W_WORD_GUESSED'),
  );
  const audio = counts.audio.map(
    ({ sampleRateHz, channelCount, recordingCount }) =>
      `${plural(recordingCount, 'recording')} of ${sampleRateHz} Hz in ${plural(channelCount, 'channel')}`,
  );
  const about = [
    `${language.code}: ${language.displayName}, engine ${engine.name}, phones in ${language.alphabet}`,
    ...(audio.length === 0 ? [] : [`audio: ${formatDuration(counts.audioSec)}; ${audio.join(', ')}`]),
    ...(estimatedSec === null || counts.speechSec === 0
      ? []
      : [
          `estimate: about ${formatDuration(Math.max(1, estimatedSec))} of one core for ${formatDuration(counts.speechSec)} of ` +
            'speech; machines, models and recordings differ by several times',
        ]),
    `words: ${formatCount(counts.wordCount)}, of which ${formatCount(counts.missingWordCount)} are in no dictionary`,
    ...(dictionary === null ? [] : [visibleLine(`dictionary to complete: ${dictionary}`)]),
  ];
  return [
    ...formatFindings(faults, 'red', 'fault', limit(MAX_FAULTS), output),
    ...formatFindings(others, 'yellow', 'warning', limit(MAX_WARNINGS), output),
    ...formatWords(words.missing, limit(MAX_WORDS), output),
    ...about.flatMap((line) => hanging(line, output)),
    summarise({ counts, faults, warnings }, output),
  ];
}

function formatFindings(
  findings: readonly (Fault | Warning)[],
  style: Style,
  what: string,
  limit: number,
  output: Output,
): string[] {
  const lines = byFile(findings)
    .slice(0, limit)
    .flatMap((finding) => hanging(`${finding.code}  ${formatFinding(finding)}`, output, finding.code, style));
  const more = findings.length - limit;
  return more > 0
    ? [...lines, output.paint(`and ${plural(more, `more ${what}`)}; --all shows them`, 'dim')]
    : lines;
}

/** Findings without a file come first. */
function byFile<Found extends Fault | Warning>(findings: readonly Found[]): Found[] {
  const fileOf = ({ place }: Found) => place?.file ?? '';
  return findings.toSorted((a, b) => (fileOf(a) < fileOf(b) ? -1 : Number(fileOf(a) > fileOf(b))));
}

/** Breaks a text at the width of the terminal, and indents its later lines. */
function hanging(text: string, output: Output, start = '', style: Style = 'dim'): string[] {
  const lines = output.width === null ? [text] : output.wrap(text, output.width - INDENT.length);
  return lines.map((line, index) =>
    index > 0 ? INDENT + line : output.paint(start, style) + line.slice(start.length),
  );
}

function formatWords(words: readonly MissingWord[], limit: number, output: Output): string[] {
  if (words.length === 0) return [];
  const columns = [
    { title: 'unknown word' },
    { title: 'times', align: 'right' as const },
    { title: 'similar words', shrinks: true },
    { title: 'guess', shrinks: true },
    { title: 'first', shrinks: true },
  ];
  const rows = words
    .slice(0, limit)
    .map(({ word, count, place, near, guesses }) => [
      word,
      String(count),
      near.join(', '),
      guesses.map((phones) => phones.join(' ')).join(', '),
      formatPlace(place),
    ]);
  const more = words.length - rows.length;
  return [
    ...formatTable(columns, rows, output.width),
    ...(more > 0 ? [output.paint(`and ${plural(more, 'more word')}; --all shows them`, 'dim')] : []),
  ];
}

function summarise(
  { counts, faults, warnings }: Pick<Checked, 'counts' | 'faults' | 'warnings'>,
  output: Output,
): string {
  const { recordingCount, readyCount } = counts;
  const files = new Set(faults.flatMap(({ place }) => (place?.file === undefined ? [] : [place.file])));
  const where = files.size === 0 ? '' : ` in ${plural(files.size, 'file')}`;
  const found = faults.length === 0 ? 'no faults' : `${plural(faults.length, 'fault')}${where}`;
  const text = `${formatCount(readyCount)} of ${plural(recordingCount, 'recording')} ready; ${found}, ${plural(warnings.length, 'warning')}`;
  return output.paint(text, faults.length === 0 ? 'green' : 'red', 'bold');
}
