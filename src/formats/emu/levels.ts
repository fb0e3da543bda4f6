import { NamesTaken } from '../../base/safe-names.ts';
import type { PointTier } from '../tiers.ts';

export type LevelType = 'SEGMENT' | 'EVENT';

/** A level of the database. An EMU database has one list of levels for all its bundles. */
export interface Level {
  readonly name: string;
  readonly type: LevelType;
  /** The first has the name of its level, as EMU wants it. */
  readonly attributes: readonly Attribute[];
}

export interface Attribute {
  /** No other attribute of the database has it: queries name attributes, not levels. */
  readonly name: string;
  readonly description: string;
}

/** The levels of a speaker, each above the next. */
export interface SpeakerLevels {
  readonly text: Level;
  readonly word: Level;
  readonly phone: Level;
}

/** Names of levels and attributes of speakers, whatever the number of the speaker. */
const OF_SPEAKERS = /^(text|speaker|word|quality|phone|ipa)(_\d+)?$/i;
/** Queries of emuR have signs of their own, and its SQL has quotes. */
const NOT_IN_NAMES = /[^\p{L}\p{M}\p{N}]+/gu;

/**
 * The levels of one speaker of a recording: `Text`, `Word` and `Phone` of its first, `Text_2` and so on of its second.
 * Levels are not named after speakers, so that one query finds the vowels of all recordings; who speaks is in `Speaker`.
 * @param number - among the speakers of the recording, from 1
 */
export function speakerLevels(number: number, alphabet: string): SpeakerLevels {
  const end = number === 1 ? '' : `_${number}`;
  const segments = (name: string, description: string, second: string, of: string): Level => ({
    name: `${name}${end}`,
    type: 'SEGMENT',
    attributes: [
      { name: `${name}${end}`, description },
      { name: `${second}${end}`, description: of },
    ],
  });
  return {
    text: segments('Text', 'the text as it was transcribed', 'Speaker', 'who speaks'),
    word: segments('Word', 'words', 'Quality', 'doubtful: the place may be wrong; otherwise ok'),
    phone: segments('Phone', `phones in ${alphabet}`, 'IPA', 'phones in IPA'),
  };
}

/** The levels of tiers that were not aligned: one for each name and kind of tier. */
export class OtherLevels {
  readonly #levels = new Map<string, Level>();
  readonly #names = new NamesTaken();

  /** @param tierName - unique within its recording */
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
