import { TaskError, throwFaults } from '../../base/errors.ts';
import { type InPieces, Piece } from '../../base/pieces.ts';
import { checkWhole } from '../read-back.ts';
import { alphabetsOf, type ResultFormat, type ResultTier, uniqueNames } from '../result.ts';
import { findOutputFaults } from '../textgrid/check.ts';
import type { Tier } from '../tiers.ts';

/**
 * The JSON of MFA and praatio, a file for each alphabet:
 * `{start, end, tiers: {name: {type, entries: [[begin, end, label]]}}}`, in seconds. An entry of a point tier is
 * `[time, label]`.
 */
export const JSON_RESULT: ResultFormat = {
  extension: 'json',
  files: ({ alphabet }) => [
    { place: `${alphabet}/*.json`, meaning: `the tiers as JSON, in MFA's form, with phones in ${alphabet}` },
    { place: 'IPA/*.json', meaning: 'the same with phones in IPA' },
  ],
  howTo: [],
  begin: (task) => ({
    *add(document, files) {
      for (const { folder, tiers } of alphabetsOf(document, task)) {
        const name = `${folder}/${document.name}.json`;
        yield* writeTiers(tiers, document.durationSec, (text) => files.toRecording(name, text));
      }
    },
    *end() {},
  }),
  check: checkWhole(function* (text, { name, durationsSec: [durationSec = 0] }) {
    const { start, end, tiers } = JSON.parse(text) as MfaJson;
    yield;
    const grid = {
      startSec: start,
      endSec: end,
      tiers: Object.entries(tiers).map((one) => toTier(one, end)),
    };
    throwFaults(findOutputFaults(grid, durationSec, name).slice(0, 1));
  }),
};

interface MfaJson {
  readonly start: number;
  readonly end: number;
  readonly tiers: Readonly<Record<string, MfaTier>>;
}

type MfaTier =
  | { readonly type: 'interval'; readonly entries: readonly (readonly [number, number, string])[] }
  | { readonly type: 'point'; readonly entries: readonly (readonly [number, string])[] };

/** Writes one line for each tier. Keys of JSON must be unique: a second tier `anna` becomes `anna (2)`. */
function* writeTiers(
  tiers: readonly ResultTier[],
  durationSec: number,
  write: (text: string) => void,
): InPieces<void> {
  const piece = new Piece();
  const names = uniqueNames(tiers.map(({ name }) => name));
  write(`{"start":0,"end":${durationSec},"tiers":{`);
  for (const [index, tier] of tiers.entries()) {
    write(`${index === 0 ? '' : ','}\n${JSON.stringify(names[index])}:{"type":"${tier.kind}","entries":[`);
    let text = '';
    let separator = '';
    for (const entry of entriesOf(tier)) {
      text += `${separator}${JSON.stringify(entry)}`;
      separator = ',';
      if (!piece.add(entry[entry.length - 1] as string)) continue;
      write(text);
      text = '';
      yield;
    }
    write(`${text}]}`);
  }
  write('\n}}\n');
}

function* entriesOf(tier: Tier): Generator<readonly [...number[], string], void> {
  if (tier.kind === 'point') for (const { timeSec, text } of tier.points) yield [timeSec, text];
  else for (const { startSec, endSec, text } of tier.intervals) yield [startSec, endSec, text];
}

function toTier([name, tier]: readonly [string, MfaTier], endSec: number): Tier {
  const hasLabels = tier.entries.every((entry) => typeof entry.at(-1) === 'string');
  if (!hasLabels)
    throw new TaskError('E_OUTPUT_INVALID', 'expected a label in each entry', { place: { tier: name } });
  const span = { name, startSec: 0, endSec };
  if (tier.type === 'point')
    return { kind: 'point', ...span, points: tier.entries.map(([timeSec, text]) => ({ timeSec, text })) };
  const intervals = tier.entries.map(([from, to, text]) => ({ startSec: from, endSec: to, text }));
  return { kind: 'interval', ...span, intervals };
}
