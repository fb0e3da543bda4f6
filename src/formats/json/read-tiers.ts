import { type InPieces, Piece } from '../../base/pieces.ts';
import type { Interval, Point, Tier } from '../tiers.ts';
import type { Transcript } from '../transcript.ts';
import { type CheckedJson, isObject, type Json, type JsonObject } from './checked.ts';

/** Values of `type` and `class`. praatio's list of tiers has Praat's names. */
const KINDS = { interval: 'interval', point: 'point', IntervalTier: 'interval', TextTier: 'point' } as const;

/** A tier of the file that is not read yet. */
interface NamedTier {
  readonly name: string;
  readonly content: JsonObject;
  readonly path: string;
}

/**
 * Reads tiers by their names, `{start, end, tiers: {name: {type, entries: [[begin, end, label]]}}}`, as MFA, praatio and
 * our results have them; or praatio's list of tiers with `class`, `name` and `entries`. An entry of a point tier is
 * `[time, label]`. Times are seconds.
 * @throws TaskError E_TRANSCRIPT_MALFORMED with the paths of the values
 */
export function* readTiers(root: JsonObject, checked: CheckedJson): InPieces<Transcript> {
  const startSec = checked.seconds(root['start'] ?? root['xmin'] ?? 0, 'start') ?? 0;
  const endSec = checked.seconds(root['end'] ?? root['xmax'] ?? 0, 'end') ?? 0;
  const tiers: Tier[] = [];
  for (const tier of tiersOf(root['tiers'], checked))
    tiers.push(yield* readTier(tier, { startSec, endSec }, checked));
  checked.faults.throwAny();
  const lastSec = tiers.reduce((last, tier) => Math.max(last, tier.endSec), endSec);
  return { startSec, endSec: lastSec, tiers };
}

function tiersOf(value: Json | undefined, checked: CheckedJson): NamedTier[] {
  if (isObject(value)) {
    return Object.entries(value).flatMap(([name, tier]) => {
      const path = `tiers[${JSON.stringify(name)}]`;
      const content = checked.object(tier, path);
      return content === null ? [] : [{ name, content, path }];
    });
  }
  return (checked.list(value, 'tiers') ?? []).flatMap((tier, index) => {
    const path = `tiers[${index}]`;
    const content = checked.object(tier, path);
    const name = content === null ? null : checked.text(content['name'], `${path}.name`);
    return content === null || name === null ? [] : [{ name, content, path }];
  });
}

function* readTier(
  { name, content, path }: NamedTier,
  span: { readonly startSec: number; readonly endSec: number },
  checked: CheckedJson,
): InPieces<Tier> {
  const isPoints = checked.choice(content['type'] ?? content['class'], KINDS, `${path}.type`) === 'point';
  const intervals: Interval[] = [];
  const points: Point[] = [];
  const piece = new Piece();
  for (const [index, entry] of (checked.list(content['entries'], `${path}.entries`) ?? []).entries()) {
    const at = `${path}.entries[${index}]`;
    const [first, ...rest] = checked.list(entry, at) ?? [];
    const label = checked.text(rest.at(-1), `${at}, as its last value`);
    const startSec = checked.seconds(first, `${at}, as its first value`);
    if (piece.add(label ?? '')) yield;
    if (isPoints) points.push({ timeSec: startSec ?? 0, text: label ?? '' });
    else {
      const endSec = checked.seconds(rest[0], `${at}, as its second value`);
      intervals.push({ startSec: startSec ?? 0, endSec: endSec ?? 0, text: label ?? '' });
    }
  }
  if (isPoints) {
    points.sort((one, other) => one.timeSec - other.timeSec);
    return { kind: 'point', name, ...span, points };
  }
  intervals.sort((one, other) => one.startSec - other.startSec || one.endSec - other.endSec);
  const endSec = intervals.reduce((last, one) => Math.max(last, one.endSec), span.endSec);
  return { kind: 'interval', name, startSec: span.startSec, endSec, intervals };
}
