import { plural } from '../../base/count-text.ts';
import { formatFinding } from '../../base/finding.ts';
import { formatDuration } from '../../base/time.ts';
import { programVersion } from '../../base/version.ts';
import { visibleLine } from '../../base/visible-text.ts';
import { RESULT_WRITERS } from '../../formats/result-formats.ts';
import { type PackagedRecording, type PackageFacts, verdictOf } from './manifest.ts';

const VERDICTS = {
  complete: 'complete',
  partial: 'PARTIAL: some intervals or words could not be aligned, see the warnings',
  empty: 'EMPTY: nothing could be aligned, see the warnings',
} as const;

/** One long name must not move all verdicts out of sight. */
const MAX_NAME_WIDTH = 40;

/** `README.txt`: what was done and what to look at, for a person who opens the zip a year later. */
export function makeReadme(facts: PackageFacts): string {
  const { prepared, recordings, warnings, policy, engineVersion, cut } = facts;
  const { language, engine, counts } = prepared;
  const formats = policy.formats.map((name) => RESULT_WRITERS[name]);
  const howTo = new Set(formats.flatMap((one) => one.howTo));
  const lines = [
    'Time-aligned transcriptions',
    '===========================',
    '',
    `Language:  ${visibleLine(language.displayName)} (${language.code})`,
    `Aligner:   ${engine.name}${engineVersion === null ? '' : ` ${visibleLine(engineVersion)}`}, run by Autophon ${programVersion()}`,
    ...(cut === null ? [] : [describeCut(cut)]),
    `Audio:     ${formatDuration(counts.audioSec)} in ${plural(recordings.length, 'file')}`,
    `Words:     ${counts.wordCount}${counts.missingWordCount === 0 ? '' : `, ${counts.missingWordCount} of them not in the dictionary`}`,
    '',
    'What is in here',
    '---------------',
    ...describeContents([
      ...formats.flatMap(({ files }) => files(language)),
      { place: 'manifest.json', meaning: 'checksums, versions and settings, for programs' },
    ]),
    ...(howTo.size === 0 ? [] : ['', ...howTo]),
    '',
    'Files',
    '-----',
    ...describeFiles(recordings),
    '',
    `Warnings: ${warnings.length === 0 ? 'none' : warnings.length}`,
    ...(warnings.length === 0
      ? []
      : ['--------', ...warnings.map((warning) => `${warning.code}: ${formatFinding(warning)}`)]),
    '',
  ];
  return lines.join('\n');
}

function describeCut({ engine, version, intervals }: NonNullable<PackageFacts['cut']>): string {
  const what = plural(intervals, 'interval');
  const who = version === null ? engine : `${engine} ${visibleLine(version)}`;
  return `Cut:       ${what}, for the aligner alone, where ${who} found pauses; they are whole in the result`;
}

function describeContents(contents: readonly { place: string; meaning: string }[]): string[] {
  const width = Math.max(...contents.map(({ place }) => place.length));
  return contents.map(({ place, meaning }) => `${place.padEnd(width)}   ${meaning}`);
}

function describeFiles(recordings: readonly PackagedRecording[]): string[] {
  const names = recordings.map(({ recording }) => visibleLine(recording.name));
  const width = Math.min(MAX_NAME_WIDTH, Math.max(...names.map((name) => name.length)));
  return recordings.map(({ recording, entryName, tiers }, index) => {
    const renamed = entryName === recording.name ? '' : `; here called ${visibleLine(entryName)}`;
    return `${names[index]?.padEnd(width)}   ${VERDICTS[verdictOf(tiers)]}${renamed}`;
  });
}
