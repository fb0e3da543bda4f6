import { Edits } from './edit.ts';
import { cursorAt, type Selection } from './selection.ts';
import { type DoubtfulPlace, type GivenTiers, type Tier, toTier } from './tier.ts';
import { TimeScale } from './time-scale.ts';

/** Everything that the viewer shows, in one place. Code that changes it calls `onChange` of the viewer. */
export interface Model {
  readonly scale: TimeScale;
  readonly tiers: readonly Tier[];
  readonly doubtful: readonly DoubtfulPlace[];
  readonly edits: Edits;
  readonly hasIpa: boolean;
  selection: Selection;
  isIpa: boolean;
  isLooping: boolean;
  /** The index in `doubtful` of the last place that was shown. */
  place: number | null;
  /** Where the mouse is. */
  hoverSec: number | null;
  playingSec: number | null;
}

/** What is on the screen at first: enough words to read. */
const FIRST_SEC = 5;
/** A narrow screen shows a shorter time, so that words still have enough space. */
const FIRST_PX_OF_SEC = 160;

/** @param width - of the screen, in pixels */
export function createModel(given: GivenTiers, width: number): Model {
  const tiers = given.tiers.map(toTier);
  const scale = new TimeScale(given.seconds);
  scale.show(0, Math.min(FIRST_SEC, Math.max(1, width / FIRST_PX_OF_SEC)));
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
