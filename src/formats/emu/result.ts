import { createHash } from 'node:crypto';
import { messageOf, TaskError } from '../../base/errors.ts';
import { checkWhole } from '../read-back.ts';
import type { ResultFormat } from '../result.ts';
import { audioOf } from '../samples.ts';
import { Annotation } from './annotation.ts';
import { Bundles, CONFIG_FILE, DATABASE } from './bundles.ts';
import { checkAnnotation } from './check-annotation.ts';
import { checkConfig } from './check-config.ts';
import { makeConfig } from './config.ts';
import { OtherLevels } from './levels.ts';

const checkConfigFile = checkWhole(function* (text, { name }) {
  try {
    checkConfig(JSON.parse(text));
  } catch (error) {
    throw new TaskError('E_OUTPUT_INVALID', messageOf(error), { place: { file: name }, cause: error });
  }
  yield;
});

/** An EMU database without its recordings, for `load_emuDB` of emuR. See docs/results.md. */
export const EMU_RESULT: ResultFormat = {
  extension: 'json',
  isDatabase: true,
  files: () => [
    {
      place: `${DATABASE}_emuDB/`,
      meaning: 'an EMU database for emuR and the EMU-webApp, to which you add the recordings',
    },
  ],
  howTo: [
    `${DATABASE}_emuDB has no recordings. Put each, as wav with its own sample rate, beside its ..._annot.json: talk.wav beside`,
    `${DATABASE}_emuDB/0000_ses/talk_bndl/talk_annot.json. Then in R: db <- emuR::load_emuDB("${DATABASE}_emuDB")`,
  ],
  begin: ({ alphabet }) => {
    const bundles = new Bundles();
    const others = new OtherLevels();
    const content = createHash('sha256');
    let speakerCount = 1;
    return {
      *add(document, files) {
        const { name, path } = bundles.add(document.name);
        content.update(path);
        const annotation = new Annotation(audioOf(document, 'emu'), (text) => {
          content.update(text);
          files.toRecording(path, text);
        });
        speakerCount = Math.max(speakerCount, yield* annotation.add(document, name, alphabet, others));
      },
      *end(files) {
        const uuid = toUuid(content.digest());
        files.toTask(CONFIG_FILE, makeConfig({ alphabet, speakerCount, others: others.list(), uuid }));
        yield;
      },
    };
  },
  check: (content, file) => (file.name === CONFIG_FILE ? checkConfigFile : checkAnnotation)(content, file),
};

/** Makes a UUID of version 8 (RFC 9562) from a hash, so that equal databases have the same UUID. */
function toUuid(hash: Buffer): string {
  const bytes = Buffer.from(hash.subarray(0, 16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
