import { DATABASE } from './bundles.ts';
import { type Level, speakerLevels } from './levels.ts';

/** What the configuration of a database depends on. */
export interface EmuConfig {
  /** The alphabet of the phones, such as ARPAbet. */
  readonly alphabet: string;
  /** The largest number of speakers of a recording, at least 1. */
  readonly speakerCount: number;
  /** The levels of tiers that were not aligned. */
  readonly others: readonly Level[];
  readonly uuid: string;
}

/** The configuration of a database as JSON: its levels, their links, and how the EMU-webApp shows them. */
export function makeConfig({ alphabet, speakerCount, others, uuid }: EmuConfig): string {
  const speakers = Array.from({ length: speakerCount }, (_, index) => speakerLevels(index + 1, alphabet));
  const levels = [...speakers.flatMap(({ text, word, phone }) => [text, word, phone]), ...others];
  const link = (above: Level, below: Level) => ({
    type: 'ONE_TO_MANY',
    superlevelName: above.name,
    sublevelName: below.name,
  });
  const perspective = (name: string, shown: readonly Level[]) => ({
    name,
    signalCanvases: { order: ['OSCI', 'SPEC'], assign: [], contourLims: [] },
    levelCanvases: { order: shown.map((level) => level.name) },
    twoDimCanvases: { order: [] },
  });
  const all = levels.length > 3 ? [perspective('all levels', levels)] : [];
  const config = {
    name: DATABASE,
    UUID: uuid,
    mediafileExtension: 'wav',
    ssffTrackDefinitions: [],
    levelDefinitions: levels.map(({ name, type, attributes }) => ({
      name,
      type,
      attributeDefinitions: attributes.map((one) => ({
        name: one.name,
        type: 'STRING',
        description: one.description,
      })),
    })),
    linkDefinitions: speakers.flatMap(({ text, word, phone }) => [link(text, word), link(word, phone)]),
    EMUwebAppConfig: {
      perspectives: [perspective('default', levels.slice(0, 3)), ...all],
      activeButtons: { saveBundle: true, showHierarchy: true },
    },
  };
  return `${JSON.stringify(config, null, 2)}\n`;
}
