import { inTurns } from '../base/pieces.ts';
import type { ResultDocument, ResultFormat } from '../formats/result.ts';

/** Contents of text files by their names in a result. */
export type NewFiles = ReadonlyMap<string, readonly string[]>;

/** Writes documents in one format, as texts. */
export interface DocumentWriter {
  /** @returns the files of this document */
  add(document: ResultDocument): Promise<NewFiles>;
  /** @returns the files of all documents */
  end(): Promise<NewFiles>;
}

/** @throws the reason of `signal`, and what the format throws */
export function createDocumentWriter(format: ResultFormat, signal: AbortSignal): DocumentWriter {
  const writer = format.begin({ alphabet: 'phones' });
  const ofAll = new Map<string, string[]>();
  return {
    add: async (document) => {
      const own = new Map<string, string[]>();
      await inTurns(writer.add(document, { toRecording: adderTo(own), toTask: adderTo(ofAll) }), signal);
      return own;
    },
    end: async () => {
      await inTurns(writer.end({ toRecording: adderTo(ofAll), toTask: adderTo(ofAll) }), signal);
      return ofAll;
    },
  };
}

function adderTo(files: Map<string, string[]>): (name: string, text: string) => void {
  return (name, text) => {
    const parts = files.get(name);
    if (parts === undefined) files.set(name, [text]);
    else parts.push(text);
  };
}
