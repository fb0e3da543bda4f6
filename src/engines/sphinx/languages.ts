import path from 'node:path';
import type { Language } from '../../lexicon/language.ts';
import { UNKNOWN_PHONE } from './job.ts';

/** Phones of the US English model, as in the CMU Pronouncing Dictionary without stress, and their IPA. */
const ENGLISH_IPA =
  'AA ɑ AE æ AH ʌ AO ɔ AW aʊ AY aɪ B b CH tʃ D d DH ð EH ɛ ER ɝ EY eɪ F f G ɡ HH h IH ɪ IY i JH dʒ K k L l M m N n ' +
  'NG ŋ OW oʊ OY ɔɪ P p R ɹ S s SH ʃ T t TH θ UH ʊ UW u V v W w Y j Z z ZH ʒ';

/**
 * Phones of the French model and their IPA, read off the dictionary: "rue" is `rr uu`, "roue" `rr ou`, "port"
 * `pp oo rr`, "peau" `pp au`. The package's own table takes `uu` for u and `oo` for o.
 */
const FRENCH_IPA =
  'aa a ai ɛ an ɑ̃ au o bb b ch ʃ dd d ee ə ei e eu ø ff f gg ɡ gn ɲ ii i in ɛ̃ jj ʒ kk k ll l mm m nn n oe œ on ɔ̃ ' +
  'oo ɔ ou u pp p rr ʁ ss s tt t un œ̃ uu y uy ɥ vv v ww w yy j zz z';

const ALIGNER_CITATION = [
  'The alignment was made with SoundSwallower by David Huggins-Daines and others (MIT licence;',
  'https://github.com/ReadAlongs/SoundSwallower), a small successor of CMU PocketSphinx.',
].join('\n');

/** Source: model/<name>/README.txt, dict.txt and mdef of the package. */
const DESCRIPTIONS: readonly Description[] = [
  {
    code: 'engUS_SPHINX_v010',
    displayName: 'English (US)',
    languageName: 'English',
    alphabet: 'ARPAbet',
    model: 'en-us',
    ipa: ENGLISH_IPA,
    citation: [
      'Acoustic model: US English of the CMU Sphinx project, (c) 2015 Alpha Cephei Inc.',
      'Pronunciations: CMU Pronouncing Dictionary, Carnegie Mellon University,',
      'http://www.speech.cs.cmu.edu/cgi-bin/cmudict.',
    ].join('\n'),
  },
  {
    code: 'fraFR_SPHINX_v010',
    displayName: 'French (France)',
    languageName: 'French',
    alphabet: 'CMUSphinx_French',
    model: 'fr-fr',
    ipa: FRENCH_IPA,
    citation: [
      'Acoustic model and pronunciations: French of the CMU Sphinx project, (c) 2015 Alpha Cephei Inc.,',
      'with the phone set of LIUM, Université du Maine, Le Mans, (c) 2006;',
      'https://sourceforge.net/projects/cmusphinx/files/Acoustic%20and%20Language%20Models/French/',
    ].join('\n'),
  },
];

/** The languages whose acoustic models and dictionaries are inside the package `soundswallower`. */
export function sphinxLanguages(packageDir: string): readonly Language[] {
  return DESCRIPTIONS.map((description) => toLanguage(description, packageDir));
}

interface Description {
  readonly code: string;
  readonly displayName: string;
  readonly languageName: string;
  readonly alphabet: string;
  readonly model: string;
  readonly ipa: string;
  readonly citation: string;
}

function toLanguage({ model, ipa, citation, ...names }: Description, packageDir: string): Language {
  const modelDir = path.join(packageDir, 'model', model);
  const pairs = toPairs(ipa);
  return {
    ...names,
    engine: 'SPHINX',
    dictionaryPath: path.join(modelDir, 'dict.txt'),
    complexDictionaryPath: null,
    acousticModelPath: modelDir,
    phones: new Set(pairs.map(([phone]) => phone)),
    complexToSimple: new Map(),
    ipa: new Map([...pairs, [UNKNOWN_PHONE, UNKNOWN_PHONE]]),
    citation: `${ALIGNER_CITATION}\n${citation}\n`,
    guidePath: null,
  };
}

function toPairs(text: string): (readonly [string, string])[] {
  const parts = text.split(' ');
  return parts.flatMap((part, at) => (at % 2 === 0 ? [[part, parts[at + 1] ?? part] as const] : []));
}
