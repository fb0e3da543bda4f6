import { NamesTaken } from '../../base/safe-names.ts';
import type { PointTier } from '../tiers.ts';

export type LevelType = 'SEGMENT' | 'EVENT';

/** A level of the database. All bundles of an EMU database have the same levels. */
export interface Level {
  readonly name: string;
  readonly type: LevelType;
  /** The first has the name of its level: EMU requires this. */
  readonly attributes: readonly Attribute[];
}

export interface Attribute {
  /** Unique in the database, since queries name attributes, not levels. */
  readonly name: string;
  readonly description: string;
}

/** The levels of a speaker, from the highest to the lowest. */
export interface SpeakerLevels {
  readonly text: Level;
  readonly word: Level;
  readonly phone: Level;
}

/** Names of levels and attributes that speakers have: a tier of such a name gets another. */
const OF_SPEAKERS = /^(text|speaker|word|quality|phone|ipa)(_\d+)?$/i;
/** Other signs than letters and digits have a meaning in queries of emuR or in its SQL. */
const NOT_IN_NAMES = /[^\p{L}\p{M}\p{N}]+/gu;

/**
 * The levels of one speaker of a recording: `Text`, `Word` and `Phone` for the first, `Text_2` and so on for the second.
 * Levels are not named after speakers, so that one query finds the vowels of all recordings; the attribute `Speaker` has
 * the name.
 * @param number - of the speaker within the recording, from 1
 * @param alphabet - of the phones, for the description
 */
export function speakerLevels(number: number, alphabet: string): SpeakerLevels {
  const suffix = number === 1 ? '' : `_${number}`;
  const segments = (name: string, description: string, second: string, secondDescription: string): Level => ({
    name: `${name}${suffix}`,
    type: 'SEGMENT',
    attributes: [
      { name: `${name}${suffix}`, description },
      { name: `${second}${suffix}`, description: secondDescription },
    ],
  });
  return {
    text: segments('Text', 'the text as it was transcribed', 'Speaker', 'who speaks'),
    word: segments('Word', 'words', 'Quality', 'doubtful: the place may be wrong; otherwise ok'),
    phone: segments('Phone', `phones in ${alphabet}`, 'IPA', 'phones in IPA'),
  };
}

/** Collects the levels of tiers that were not aligned: one for each name and kind of tier. */
export class OtherLevels {
  readonly #levels = new Map<string, Level>();
  readonly #names = new NamesTaken();

  /** The level of a tier. @param tierName - unique within its recording */
  of(tierName: string, kind: 'interval' | PointTier['kind']): Level {
    const key = `${kind} ${tierName}`;
    const known = this.#levels.get(key);
    if (known !== undefined) return known;
    const plain = tierName.replace(NOT_IN_NAMES, '_').replace(/^_|_$/g, '');
    const name = this.#names.take(plain === '' || OF_SPEAKERS.test(plain) ? `Tier_${plain}` : plain);
    const level: Level = {
      name,
      type: kind === 'point' ? 'EVENT' : 'SEGMENT',
      attributes: [{ name, description: `a tier of the transcript: ${tierName}` }],
    };
    this.#levels.set(key, level);
    return level;
  }

  list(): readonly Level[] {
    return [...this.#levels.values()];
  }
}
