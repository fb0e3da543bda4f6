import { plural } from '../../base/count-text.ts';
import type { Finding } from '../../base/finding.ts';
import type { CheckReport } from '../types.ts';
import { roughDuration } from '../words.ts';
import type { Draft } from './draft.ts';
import type { Pair, Paired } from './pairing.ts';
import type { UploadEntry } from './upload.ts';

/** The result of the server's check for one recording. */
export interface Verdict {
  readonly faults: Finding[];
  readonly warnings: Finding[];
}

export interface Verdicts {
  readonly byPair: ReadonlyMap<Pair<UploadEntry>, Verdict>;
  /** Faults that belong to no shown recording. */
  readonly general: readonly Finding[];
  readonly isKnown: boolean;
}

/** What the main button does now, and the text beside it. */
export interface Step {
  readonly isReady: boolean;
  readonly button: string;
  readonly says: string;
  /** Files that another button removes, so that the others can be aligned. */
  readonly leaveOut: readonly string[];
  readonly leaveOutSays: string;
}

/** The text at a pair whose partner is missing. */
const SAID_BY_PAIR: ReadonlySet<string> = new Set(['E_AUDIO_MISSING', 'E_TRANSCRIPT_MISSING']);

/** Findings, at the recordings whose files they name. */
export function pairFindings(
  paired: Paired<UploadEntry>,
  report: CheckReport | null,
  refusal: readonly Finding[],
): Verdicts {
  const byName = new Map<string, Verdict>();
  const incomplete = new Set<string>();
  const byPair = new Map<Pair<UploadEntry>, Verdict>();
  for (const pair of paired.pairs) {
    const verdict: Verdict = { faults: [], warnings: [] };
    byPair.set(pair, verdict);
    for (const { name } of [...pair.audio, ...pair.transcripts]) {
      byName.set(name, verdict);
      if (pair.problem !== null) incomplete.add(name);
    }
  }
  const general: Finding[] = [];
  for (const fault of refusal.length > 0 ? refusal : (report?.faults ?? [])) {
    const file = fault.place?.file ?? '';
    if (SAID_BY_PAIR.has(fault.code) && incomplete.has(file)) continue;
    const verdict = byName.get(file);
    (verdict?.faults ?? general).push(fault);
  }
  for (const warning of report?.warnings ?? []) {
    // Unknown words are in their own table.
    if (warning.code === 'W_WORD_UNKNOWN' || warning.code === 'W_WORD_GUESSED') continue;
    byName.get(warning.place?.file ?? '')?.warnings.push(warning);
  }
  return { byPair, general, isKnown: report !== null || refusal.length > 0 };
}

export function nextStep(draft: Draft, paired: Paired<UploadEntry>, verdicts: Verdicts): Step {
  const { pairs } = paired;
  const bad = pairs.filter(
    (pair) => pair.problem !== null || (verdicts.byPair.get(pair)?.faults.length ?? 0) > 0,
  );
  const goodCount = pairs.length - bad.length;
  const leaveOut = bad
    .flatMap(({ audio, transcripts }) => [...audio, ...transcripts])
    .map(({ name }) => name);
  const canLeaveOut = bad.length > 0 && goodCount > 0 && (verdicts.isKnown || bad.some((one) => one.problem));
  const step = (says: string, isReady = false): Step => ({
    isReady,
    says,
    button:
      pairs.length === 0
        ? 'Align'
        : `Align ${plural(isReady ? pairs.length : Math.max(goodCount, 1), 'recording')}${isReady ? workWords(draft) : ''}`,
    leaveOut: canLeaveOut ? leaveOut : [],
    leaveOutSays: `Leave out ${plural(bad.length, 'recording')}`,
  });
  if (pairs.length === 0) return step('Nothing to align yet: drop a recording and its transcript.');
  if (draft.choices.lang === '') return step('Choose the language first.');
  const all = [...draft.entries.values()];
  const failed = all.filter(({ state }) => state === 'failed');
  if (failed.length > 0)
    return step(`${plural(failed.length, 'file was', 'files were')} not accepted, see above.`);
  if (all.some(({ state }) => state !== 'done')) return step('The check starts when all files have arrived.');
  return afterCheck(draft, bad.length, verdicts, step);
}

function afterCheck(
  { check, isQueueing }: Draft,
  badCount: number,
  { general }: Verdicts,
  step: (says: string, isReady?: boolean) => Step,
): Step {
  if (isQueueing) return step('Adding the task to the queue.');
  if (check.state === 'running' || check.state === 'none') return step('Checking the files.');
  if (badCount > 0)
    return step(`${plural(badCount, 'recording needs', 'recordings need')} your attention, see above.`);
  if (general.length > 0 || (check.state === 'ready' && !check.report.ready))
    return step('Something needs your attention, see above.');
  // What cannot be checked now is checked when the task is queued.
  if (check.state === 'failed') return step('', true);
  const { report } = check;
  return step(`Checked: ${plural(report.words, 'word')}, no faults.`, true);
}

/** ` (41 min of audio, takes about 3 min)`, or the known parts of it. */
function workWords({ check }: Draft): string {
  if (check.state !== 'ready') return '';
  const { audioSec, estimatedSec } = check.report;
  const takes = estimatedSec === null ? '' : `, takes about ${roughDuration(estimatedSec)}`;
  return ` (${roughDuration(audioSec)} of audio${takes})`;
}
