import { TaskError } from '../../base/errors.ts';
import type { InPieces } from '../../base/pieces.ts';
import { readXml } from '../xml.ts';
import { decodeXml } from '../xml-text.ts';
import { ZipParts } from './zip-parts.ts';

export type Attributes = Readonly<Record<string, string>>;

/** Gets the elements of a part. Their names have no prefix: `row` for `x:row`. */
export interface PartHandler {
  readonly open: (name: string, attributes: Attributes) => void;
  readonly close?: (name: string) => void;
  readonly text?: (text: string) => void;
}

/** The parts of a workbook: XML files in a zip archive (ECMA-376). */
export class Parts {
  readonly #zip: ZipParts;
  readonly #file: string;

  /** @throws TaskError as `ZipParts` */
  constructor(bytes: Uint8Array, file: string) {
    this.#zip = new ZipParts(bytes, file);
    this.#file = file;
  }

  /**
   * Reads a part.
   * @returns whether the workbook has a part of this name
   * @throws TaskError E_TRANSCRIPT_MALFORMED when it is damaged; E_LIMIT when the parts are too large
   */
  *read(name: string, handler: PartHandler): InPieces<boolean> {
    const bytes = this.unpack(name);
    if (bytes !== null) yield* this.parse(bytes, name, handler);
    return bytes !== null;
  }

  /** The XML of a part; null: the workbook has no part of this name. @throws TaskError as `read` */
  unpack(name: string): Buffer | null {
    return this.#zip.read(name);
  }

  /** Parses the XML of a part. @param bytes - from `unpack` @throws TaskError as `read` */
  *parse(bytes: Buffer, name: string, handler: PartHandler): InPieces<void> {
    try {
      yield* readXml(decodeXml(bytes, name, { legacyEncoding: null, warn: () => {} }), name, {
        open: (element) => handler.open(withoutPrefix(element.name), element.attributes),
        close: (element) => handler.close?.(withoutPrefix(element)),
        text: (text) => handler.text?.(text),
      });
    } catch (error) {
      // The line of a part would be read as the row of a sheet, so it is left out.
      if (!(error instanceof TaskError) || error.faults[0].place?.file !== name) throw error;
      const found = error.faults[0].text.replace(/;[^;]*$/, '');
      throw this.malformed(
        `the part ${name} is damaged: ${found}; save it again in the program that made it`,
      );
    }
  }

  malformed(text: string, place: { readonly line?: number; readonly column?: number } = {}): TaskError {
    return new TaskError('E_TRANSCRIPT_MALFORMED', text, { place: { file: this.#file, ...place } });
  }
}

function withoutPrefix(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}

/** An attribute with a prefix, whatever the prefix is: `r:id`. @param name - without the prefix */
export function withPrefix(attributes: Attributes, name: string): string | undefined {
  const key = Object.keys(attributes).find((one) => one.endsWith(`:${name}`));
  return key === undefined ? undefined : attributes[key];
}
