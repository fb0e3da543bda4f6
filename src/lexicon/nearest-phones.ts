import { toIpa } from './ipa.ts';
import { parseSounds, type Sound, soundDistance } from './ipa-sounds.ts';
import type { Language } from './language.ts';
import { isPause } from './phone-labels.ts';

/** Replaces the phones of one language by phones of another. */
export interface NearestPhones {
  /** The nearest phones, usually one; null: the label is not a speech sound with known IPA, such as a label of noise. */
  readonly phonesOf: (label: string) => readonly string[] | null;
}

const STRESS = /[0-2]$/;
/** A solution with one more phone must be better by this distance. */
const PHONE_COST = 0.1;

interface Model {
  readonly label: string;
  readonly sounds: readonly Sound[];
}

/**
 * Finds the nearest phones by comparing how the sounds of both are made, as their IPA tells. A phone of two sounds, such as a
 * diphthong, becomes two phones if the other language has none like it. If `from` has no IPA for a label, the same label is
 * taken, with or without the digit for stress.
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

/** The sequence of phones whose sounds differ least from these; null: none has as many sounds. */
function cover(sounds: readonly Sound[], models: readonly Model[]): readonly string[] | null {
  // best[n]: the best sequence for the first n sounds.
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
