/** A speech sound, described by how it is made. All features are between 0 and 1. */
export type Sound = Consonant | Vowel;

interface Consonant {
  readonly kind: 'consonant';
  /** From the lips (0) to the throat (1). */
  readonly place: number;
  readonly voiced: number;
  /** Whether air flows out of the mouth. */
  readonly continuant: number;
  /** Whether air flows freely. */
  readonly sonorant: number;
  readonly nasal: number;
  readonly lateral: number;
  readonly rhotic: number;
  readonly sibilant: number;
  readonly round: number;
}

interface Vowel {
  readonly kind: 'vowel';
  /** From close (0) to open (1). */
  readonly height: number;
  /** From front (0) to back (1). */
  readonly back: number;
  readonly round: number;
  readonly nasal: number;
  readonly rhotic: number;
}

/**
 * The `place` of each column below: bilabial, labiodental, dental, alveolar, postalveolar, retroflex, palatal, velar, uvular,
 * pharyngeal, glottal. Glottal sounds are put beside velar ones, which are most like them.
 */
const PLACES = [0, 0.1, 0.2, 0.25, 0.4, 0.4, 0.55, 0.75, 0.85, 0.95, 0.8];
/** One column for each place, with the voiceless and the voiced sound; `.`: there is none. Source: the IPA chart. */
const CONSONANTS: readonly [row: string, features: Partial<Consonant>][] = [
  ['pb .. .. td .. ʈɖ cɟ kɡ qɢ .. ʔ.', {}],
  ['.ɓ .. .. .ɗ .. .ᶑ .ʄ .ɠ .ʛ .. ..', {}],
  ['ʘ. .. ǀ. ǃ. ǂ. .. .. .. .. .. ..', {}],
  ['.m .ɱ .. .n .. .ɳ .ɲ .ŋ .ɴ .. ..', { nasal: 1, sonorant: 1 }],
  ['.ʙ .. .. .r .. .ɽ .. .. .ʀ .. ..', { continuant: 1, sonorant: 1, rhotic: 1 }],
  ['.. .ⱱ .. .ɾ .. .. .. .. .ʁ .. ..', { continuant: 1, sonorant: 1, rhotic: 1 }],
  ['ɸβ fv θð .. .. .. çʝ xɣ χ. ħʕ hɦ', { continuant: 1 }],
  ['.. .. .. sz ʃʒ ʂʐ ɕʑ .. .. .. ..', { continuant: 1, sibilant: 1 }],
  ['.. .. .. ɬɮ .. .. .. .. .. .. ..', { continuant: 1, lateral: 1 }],
  ['.. .ʋ .. .. .. .. .j .ɰ .. .. ..', { continuant: 1, sonorant: 1 }],
  ['ʍw .. .. .. .. .. .ɥ .. .. .. ..', { continuant: 1, sonorant: 1, round: 1 }],
  ['.. .. .. .ɹ .. .ɻ .. .. .. .. ..', { continuant: 1, sonorant: 1, rhotic: 1 }],
  ['.. .. .. .l .ɫ .ɭ .ʎ .ʟ .. .. ..', { continuant: 1, sonorant: 1, lateral: 1 }],
  ['.. .. .. .ɺ ɧ. .. .. .. .. .. ..', { continuant: 1, sonorant: 1, lateral: 1 }],
];
/**
 * Vowels by height, from close to open. The columns are front, central and back, each with the unrounded and the rounded vowel.
 * `a` is in the central column, since most languages write it for a central vowel.
 */
const VOWELS = ['iy ɨʉ ɯu', 'ɪʏ .. .ʊ', 'eø ɘɵ ɤo', '.. ə. ..', 'ɛœ ɜɞ .ɔ', 'æ. ɐ. ..', '.ɶ a. ɑɒ'];
const NO_SOUND = '.';

const PLAIN_CONSONANT = {
  kind: 'consonant',
  continuant: 0,
  sonorant: 0,
  nasal: 0,
  lateral: 0,
  rhotic: 0,
  sibilant: 0,
  round: 0,
} as const;

const SOUNDS: ReadonlyMap<string, Sound> = new Map([...consonants(), ...vowels()]);

function* consonants(): Generator<[string, Sound]> {
  for (const [row, features] of CONSONANTS)
    for (const [column, pair] of row.split(' ').entries())
      for (const [voiced, sign] of [...pair].entries())
        if (sign !== NO_SOUND)
          yield [sign, { ...PLAIN_CONSONANT, ...features, place: PLACES[column] ?? 0, voiced }];
}

function* vowels(): Generator<[string, Sound]> {
  for (const [row, columns] of VOWELS.entries()) {
    const height = row / (VOWELS.length - 1);
    for (const [column, pair] of columns.split(' ').entries())
      for (const [round, sign] of [...pair].entries())
        if (sign !== NO_SOUND)
          yield [sign, { kind: 'vowel', height, back: column / 2, round, nasal: 0, rhotic: 0 }];
  }
  // The chart has it as a back vowel, but most accents pronounce it further to the front.
  yield ['ʌ', { kind: 'vowel', height: 4 / 6, back: 0.7, round: 0, nasal: 0, rhotic: 0 }];
  for (const sign of ['ɚ', 'ɝ'])
    yield [sign, { kind: 'vowel', height: 0.5, back: 0.5, round: 0, nasal: 0, rhotic: 1 }];
}

/** Signs that are typed instead of signs of the IPA, and ligatures of two signs. */
const SAME_SIGNS = new Map([
  ['g', 'ɡ'],
  ['ʣ', 'dz'],
  ['ʤ', 'dʒ'],
  ['ʥ', 'dʑ'],
  ['ʦ', 'ts'],
  ['ʧ', 'tʃ'],
  ['ʨ', 'tɕ'],
]);
const NASAL = '\u0303';
const RHOTIC = '˞';
/** Marks for length, stress, tone, aspiration and ties, which do not change the features above. */
const MARK = /[\p{M}\p{Lm}\p{Sk}ː.]/u;

/**
 * The sounds of a phone in IPA; a diphthong or an affricate has two. Marks for length, stress or tone are ignored.
 * @returns null: it has an unknown sign, or no sound
 */
export function parseSounds(ipa: string): readonly Sound[] | null {
  const sounds: Sound[] = [];
  const signs = [...ipa.normalize('NFD')].flatMap((sign) => [...(SAME_SIGNS.get(sign) ?? sign)]);
  for (const [at, sign] of signs.entries()) {
    // NFD divides `ç` into two signs.
    const isCedilla = sign === 'c' && signs[at + 1] === '\u0327';
    const sound = SOUNDS.get(isCedilla ? 'ç' : sign);
    const last = sounds.at(-1);
    if (sound !== undefined) sounds.push(sound);
    else if (sign === NASAL && last !== undefined) sounds.splice(-1, 1, { ...last, nasal: 1 });
    else if (sign === RHOTIC && last !== undefined) sounds.splice(-1, 1, { ...last, rhotic: 1 });
    else if (!MARK.test(sign)) return null;
  }
  return sounds.length === 0 ? null : sounds;
}

/** The distance of a vowel from a consonant, larger than the distance of similar sounds of one kind. */
const OTHER_KIND = 4;
const CONSONANT_WEIGHTS = {
  place: 1,
  voiced: 0.4,
  continuant: 1,
  sonorant: 1,
  nasal: 1,
  lateral: 1,
  rhotic: 1,
  sibilant: 0.7,
  round: 0.3,
};
const VOWEL_WEIGHTS = { height: 1, back: 0.7, round: 0.3, nasal: 0.3, rhotic: 0.5 };

/** How different two sounds are; 0: their features are equal. */
export function soundDistance(one: Sound, other: Sound): number {
  if (one.kind === 'vowel' && other.kind === 'vowel') return distance(one, other, VOWEL_WEIGHTS);
  if (one.kind === 'consonant' && other.kind === 'consonant') return distance(one, other, CONSONANT_WEIGHTS);
  return OTHER_KIND;
}

function distance<Feature extends string>(
  one: Readonly<Record<NoInfer<Feature>, number>>,
  other: Readonly<Record<NoInfer<Feature>, number>>,
  weights: Readonly<Record<Feature, number>>,
): number {
  let sum = 0;
  for (const feature of Object.keys(weights) as Feature[])
    sum += weights[feature] * Math.abs(one[feature] - other[feature]);
  return sum;
}
