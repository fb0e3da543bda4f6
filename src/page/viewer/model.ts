import { Edits } from './edit.ts';
import { cursorAt, type Selection } from './selection.ts';
import { type DoubtfulPlace, type GivenTiers, type Tier, toTier } from './tier.ts';
import { TimeScale } from './time-scale.ts';

/** Everything that the viewer shows, in one place. Whoever changes it calls `onChange` of the viewer. */
export interface Model {
  readonly scale: TimeScale;
  readonly tiers: readonly Tier[];
  readonly doubtful: readonly DoubtfulPlace[];
  readonly edits: Edits;
  readonly hasIpa: boolean;
  selection: Selection;
  isIpa: boolean;
  isLooping: boolean;
  /** Which of `doubtful` was stepped to last. */
  place: number | null;
  /** Where the mouse is. */
  hoverSec: number | null;
  playingSec: number | null;
}

/** What is on the screen at first: enough words to read. */
const FIRST_SEC = 5;

export function createModel(given: GivenTiers): Model {
  const tiers = given.tiers.map(toTier);
  const scale = new TimeScale(given.seconds);
  scale.show(0, FIRST_SEC);
  return {
    scale,
    tiers,
    doubtful: given.doubtful,
    edits: new Edits(tiers),
    hasIpa: tiers.some(({ ipa }) => ipa.some((label) => label !== undefined)),
    selection: cursorAt(0, null),
    isIpa: false,
    isLooping: false,
    place: null,
    hoverSec: null,
    playingSec: null,
  };
}
