import { type InPieces, inTurns, Piece } from '../../base/pieces.ts';
import { MalformedLines } from '../malformed.ts';
import {
  alphabetsOf,
  type FileSink,
  type ResultDocument,
  type ResultFormat,
  type ResultTier,
} from '../result.ts';
import { decodeXml } from '../xml-text.ts';
import { createEaf } from './create.ts';
import { extendEaf } from './extend.ts';
import { findHierarchy } from './hierarchy.ts';
import { parseEaf } from './parse.ts';
import { findSpans } from './spans.ts';

/** One EAF for each alphabet: the user's own EAF with additional tiers, or a new EAF. */
export const EAF_RESULT: ResultFormat = {
  extension: 'eaf',
  addsTo: 'EAF',
  files: ({ alphabet }) => [
    {
      place: `${alphabet}/*.eaf`,
      meaning: `files for ELAN, with phones in ${alphabet}; your own EAF with tiers added`,
    },
    { place: 'IPA/*.eaf', meaning: 'the same with phones in IPA' },
  ],
  howTo: ['To look at a file in ELAN: put it beside the recording, then File > Open.'],
  begin: (task) => ({
    *add(document, files) {
      for (const { folder, tiers } of alphabetsOf(document, task)) {
        const text = (yield* extend(document, tiers)) ?? (yield* createEaf(document, tiers));
        yield* store(text, `${folder}/${document.name}.eaf`, files);
      }
    },
    *end() {},
  }),
  check: async (content, { name }) => {
    const pieces: Uint8Array[] = [];
    for await (const piece of content) pieces.push(piece);
    await inTurns(check(Buffer.concat(pieces), name));
  },
};

/** The user's EAF with additional tiers. @returns null: the document has no EAF that can be extended */
function* extend(document: ResultDocument, tiers: readonly ResultTier[]): InPieces<Iterable<string> | null> {
  const { original } = document;
  if (original === undefined) return null;
  const { name, bytes, legacyEncoding } = original;
  const text = decodeXml(bytes, name, { legacyEncoding, warn: () => {} });
  return yield* extendEaf(text, name, document, tiers);
}

function* store(text: Iterable<string>, name: string, files: FileSink): InPieces<void> {
  const piece = new Piece();
  let part = '';
  for (const one of text) {
    part += one;
    if (!piece.add(one)) continue;
    files.toRecording(name, part);
    part = '';
    yield;
  }
  files.toRecording(name, part);
}

/** Reads an EAF back. @throws TaskError E_TRANSCRIPT_MALFORMED as for a transcript */
function* check(bytes: Uint8Array, name: string): InPieces<void> {
  const faults = new MalformedLines(name);
  const document = yield* parseEaf(
    decodeXml(bytes, name, { legacyEncoding: null, warn: () => {} }),
    name,
    faults,
  );
  findSpans(document, findHierarchy(document, faults), faults);
  faults.throwAny();
}
