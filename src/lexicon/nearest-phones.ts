import { toIpa } from './ipa.ts';
import { parseSounds, type Sound, soundDistance } from './ipa-sounds.ts';
import type { Language } from './language.ts';
import { isPause } from './phone-labels.ts';

/** The phones of one language in those of another. */
export interface NearestPhones {
  /** The phones that are nearest to one, mostly one; null: it is no speech sound with a known IPA, such as a label of noise. */
  readonly phonesOf: (label: string) => readonly string[] | null;
}

const STRESS = /[0-2]$/;
/** Each further phone for the same sounds must be better by this. */
const PHONE_COST = 0.1;

interface Model {
  readonly label: string;
  readonly sounds: readonly Sound[];
}

/**
 * Without IPA for a label, the same label, with or without a digit for stress; otherwise the phone that is made in the most
 * similar way, by the IPA of both. A phone of two sounds, such as a diphthong, becomes two where the other language has
 * none like it.
 */
export function nearestPhones(
  from: Pick<Language, 'ipa'>,
  to: Pick<Language, 'ipa' | 'phones'>,
): NearestPhones {
  const models = [...to.phones].flatMap((label): Model[] => {
    const sounds = parseSounds(toIpa(label, to.ipa));
    return sounds === null ? [] : [{ label, sounds }];
  });
  const known = new Map<string, readonly string[] | null>();
  const find = (label: string): readonly string[] | null => {
    if (isPause(label)) return null;
    const ipa = toIpa(label, from.ipa);
    const same = [label, label.replace(STRESS, '')].find((one) => to.phones.has(one));
    if (ipa === label && same !== undefined) return [same];
    const sounds = parseSounds(ipa);
    return sounds === null ? null : cover(sounds, models);
  };
  return {
    phonesOf: (label) => {
      const found = known.has(label) ? (known.get(label) ?? null) : find(label);
      known.set(label, found);
      return found;
    },
  };
}

/** The row of phones whose sounds are least different from these. */
function cover(sounds: readonly Sound[], models: readonly Model[]): readonly string[] | null {
  // The best row for the sounds up to each.
  const best: ({ cost: number; labels: readonly string[] } | null)[] = [{ cost: 0, labels: [] }];
  for (let end = 1; end <= sounds.length; end++) {
    best.push(null);
    for (const { label, sounds: own } of models) {
      const before = best[end - own.length];
      if (before === undefined || before === null) continue;
      const cost =
        before.cost +
        PHONE_COST +
        own.reduce((sum, sound, at) => {
          const other = sounds[end - own.length + at];
          return other === undefined ? sum : sum + soundDistance(sound, other);
        }, 0);
      if (cost < (best[end]?.cost ?? Number.POSITIVE_INFINITY))
        best[end] = { cost, labels: [...before.labels, label] };
    }
  }
  return best.at(-1)?.labels ?? null;
}
