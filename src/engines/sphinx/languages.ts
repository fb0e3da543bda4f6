import path from 'node:path';
import { markUnstressed } from '../../lexicon/english-stress.ts';
import type { Language } from '../../lexicon/language.ts';
import { UNKNOWN_PHONE } from './job.ts';

/** Phones of the US English model (those of the CMU Pronouncing Dictionary, without stress), each with its IPA and a word. */
const ENGLISH_PHONES =
  'AA ɑ odd AE æ cat AH ʌ cut AO ɔ law AW aʊ cow AY aɪ my B b bee CH tʃ cheese D d day DH ð this EH ɛ bed ' +
  'ER ɝ bird EY eɪ say F f fish G ɡ green HH h house IH ɪ sit IY i see JH dʒ joy K k key L l leg M m man N n no ' +
  'NG ŋ sing OW oʊ go OY ɔɪ boy P p pea R ɹ red S s sun SH ʃ shoe T t tea TH θ thin UH ʊ book UW u blue V v van ' +
  'W w wet Y j yes Z z zoo ZH ʒ vision';

/**
 * Phones of the French model, each with its IPA and a word. Source: the dictionary of the model, where "rue" is `rr uu`, "roue"
 * `rr ou`, "port" `pp oo rr` and "peau" `pp au`. The table in the package is wrong: it has `uu` as u and `oo` as o.
 */
const FRENCH_PHONES =
  'aa a chat ai ɛ mer an ɑ̃ sans au o peau bb b bon ch ʃ chat dd d deux ee ə le ei e été eu ø peu ff f feu ' +
  'gg ɡ gare gn ɲ agneau ii i vie in ɛ̃ vin jj ʒ jour kk k car ll l lit mm m main nn n nez oe œ peur on ɔ̃ bon ' +
  'oo ɔ port ou u roue pp p pain rr ʁ rue ss s sol tt t tout un œ̃ brun uu y rue uy ɥ huit vv v vent ww w oui ' +
  'yy j yeux zz z zone';

/** Label, IPA and word in the lists of phones. */
const COLUMNS = 3;

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
    phones: ENGLISH_PHONES,
    markStress: markUnstressed,
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
    phones: FRENCH_PHONES,
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
  /** For each phone: its label, its IPA and a word. */
  readonly phones: string;
  readonly markStress?: NonNullable<Language['markStress']>;
  readonly citation: string;
}

function toLanguage({ model, phones, citation, ...names }: Description, packageDir: string): Language {
  const modelDir = path.join(packageDir, 'model', model);
  const rows = phones.split(' ');
  const column = (at: number) => rows.filter((_, index) => index % COLUMNS === at);
  const labels = column(0);
  const mapTo = (texts: readonly string[]) =>
    labels.map((label, index) => [label, texts[index] ?? label] as const);
  return {
    ...names,
    engine: 'SPHINX',
    dictionaryPath: path.join(modelDir, 'dict.txt'),
    complexDictionaryPath: null,
    acousticModelPath: modelDir,
    phones: new Set(labels),
    complexToSimple: new Map(),
    ipa: new Map([...mapTo(column(1)), [UNKNOWN_PHONE, UNKNOWN_PHONE]]),
    examples: new Map(mapTo(column(2))),
    citation: `${ALIGNER_CITATION}\n${citation}\n`,
    guidePath: null,
    // Of transcripts that were saved on Windows before programs wrote Unicode.
    legacyEncoding: 'windows-1252',
  };
}
