/**
 * The texts of the samples. All sentences were written for this project. Every word is in the dictionaries of the
 * built-in engine, which make.ts checks.
 */

export type VoiceName = 'flite:rms' | 'flite:awb' | 'flite:slt' | 'festival:ked_diphone' | `espeak:${string}`;

/** One sentence of one speaker. */
export interface Turn {
  /** Name of the tier, which is the name of the speaker. */
  readonly tier: string;
  readonly text: string;
  /** Seconds from the end of the turn before. A negative number makes the two overlap. */
  readonly gapSec: number;
}

export interface Speaker {
  readonly voice: VoiceName;
  /** Gain in the left and the right channel; a mono recording uses the left one. */
  readonly gains: readonly [left: number, right: number];
}

export interface Recording {
  /** Folder and file name without extension, below samples/. */
  readonly folder: string;
  readonly stem: string;
  readonly language: 'en-us' | 'fr-fr';
  readonly channelCount: 1 | 2;
  /** The audio is written at this multiple of the rate of the voice. */
  readonly rateFactor: 1 | 2;
  readonly textGrid: { readonly form: 'long' | 'short'; readonly encoding: 'utf8' | 'utf16le' };
  readonly speakers: Readonly<Record<string, Speaker>>;
  readonly turns: readonly Turn[];
}

const PAUSE_SEC = 0.44;

export const RECORDINGS: readonly Recording[] = [
  {
    folder: 'english-read',
    stem: 'market-morning',
    language: 'en-us',
    channelCount: 1,
    rateFactor: 1,
    textGrid: { form: 'long', encoding: 'utf8' },
    speakers: { reader: { voice: 'flite:rms', gains: [1, 0] } },
    turns: readAloud('reader', [
      'The market opens early on Saturday morning.',
      'Farmers bring apples, onions, and fresh bread from the villages near the river.',
      "By nine o'clock the square is full of people with heavy bags.",
      'An old man sells honey in small glass jars and tells long stories about his bees.',
      'When the bells ring at noon, the last boxes go back to the trucks.',
      'Only a few pigeons stay behind to look for bread between the stones.',
    ]),
  },
  {
    folder: 'english-read',
    stem: 'night-train',
    language: 'en-us',
    channelCount: 1,
    rateFactor: 1,
    textGrid: { form: 'long', encoding: 'utf8' },
    speakers: { reader: { voice: 'flite:awb', gains: [1, 0] } },
    turns: readAloud('reader', [
      'The night train leaves the city from platform seven.',
      'Most of the passengers are asleep before it reaches the coast.',
      'A young woman sits by the window and counts the lights of the fishing boats.',
      'She has carried the same green suitcase since she was a student.',
      'At the border, two officers check every ticket and ask a few quiet questions.',
      'In the morning the mountains are white, and the air smells of pine and snow.',
    ]),
  },
  {
    folder: 'english-conversation',
    stem: 'library',
    language: 'en-us',
    channelCount: 2,
    rateFactor: 1,
    textGrid: { form: 'short', encoding: 'utf8' },
    speakers: {
      'speaker A': { voice: 'flite:slt', gains: [1, 0.4] },
      'speaker B': { voice: 'festival:ked_diphone', gains: [0.4, 1] },
    },
    turns: [
      turn('speaker A', 0, 'Did you hear that the library will be shut for the whole summer?'),
      turn('speaker B', 0.3, "No, I didn't. What are they planning to do with the building?"),
      turn('speaker A', 0.2, 'They want to repair the roof and put new windows on the second floor.'),
      turn(
        'speaker B',
        -0.2,
        "Well, it's about time. Last winter the main room was so cold that I kept my coat on.",
      ),
      turn('speaker A', 0.3, 'I remember that. But where will the children go for their story hour?'),
      turn(
        'speaker B',
        0.4,
        'Maybe the school can lend them a room. I could ask my sister, she teaches there.',
      ),
      turn('speaker A', -0.24, 'That would be wonderful. Could you call her before the weekend?'),
      turn('speaker B', 0.2, "Sure, I'll call her tonight. How many children usually come?"),
      turn('speaker A', 0.3, 'About twenty, and sometimes their parents stay and listen too.'),
      turn('speaker B', 0.3, 'Then we need chairs, a warm corner, and somebody who makes good tea.'),
      turn('speaker A', 0.1, "I think we've just found the right person for the tea."),
      turn('speaker B', 0.2, 'All right, but you have to bring the cake.'),
    ],
  },
  {
    folder: 'french-read',
    stem: 'le-port',
    language: 'fr-fr',
    channelCount: 1,
    rateFactor: 1,
    textGrid: { form: 'long', encoding: 'utf8' },
    speakers: { lecteur: { voice: 'espeak:fr', gains: [1, 0] } },
    turns: readAloud('lecteur', [
      "Aujourd'hui, l'équipe arrive au port à sept heures.",
      "D'abord, le capitaine regarde le ciel, puis la mer.",
      'Les garçons préparent les filets et les grandes caisses.',
      "Quelqu'un chante, et la forêt répète la chanson.",
      "L'école du village est fermée, c'est la fête jusqu'à midi.",
    ]),
  },
  {
    folder: 'french-read',
    stem: 'le-concert',
    language: 'fr-fr',
    channelCount: 1,
    rateFactor: 2,
    textGrid: { form: 'long', encoding: 'utf16le' },
    speakers: { lectrice: { voice: 'espeak:fr+f3', gains: [1, 0] } },
    turns: readAloud('lectrice', [
      'Le concert commence à huit heures devant la vieille église.',
      "L'étudiant français joue de la guitare avec son frère.",
      "D'habitude, la salle est pleine, mais ce soir il neige.",
      'Après le spectacle, le garçon boit un café près de la fenêtre.',
    ]),
  },
];

function readAloud(tier: string, sentences: readonly string[]): Turn[] {
  return sentences.map((text) => turn(tier, PAUSE_SEC, text));
}

function turn(tier: string, gapSec: number, text: string): Turn {
  return { tier, text, gapSec };
}
