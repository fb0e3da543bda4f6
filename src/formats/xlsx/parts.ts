import { TaskError } from '../../base/errors.ts';
import type { InPieces } from '../../base/pieces.ts';
import { readXml } from '../xml.ts';
import { decodeXml } from '../xml-text.ts';
import { ZipParts } from './zip-parts.ts';

export type Attributes = Readonly<Record<string, string>>;

/** Takes the elements of a part, by their names without a prefix. */
export interface PartHandler {
  readonly open: (name: string, attributes: Attributes) => void;
  readonly close?: (name: string) => void;
  readonly text?: (text: string) => void;
}

/** The XML parts of a workbook (ECMA-376). */
export class Parts {
  readonly #zip: ZipParts;
  readonly #file: string;

  /** @throws TaskError as `ZipParts` */
  constructor(bytes: Uint8Array, file: string) {
    this.#zip = new ZipParts(bytes, file);
    this.#file = file;
  }

  /**
   * Reads a part. @returns whether there is one of that name
   * @throws TaskError E_TRANSCRIPT_MALFORMED when it is damaged, E_LIMIT
   */
  *read(name: string, { open, close, text }: PartHandler): InPieces<boolean> {
    const bytes = this.#zip.read(name);
    if (bytes === null) return false;
    const nothing = () => undefined;
    try {
      yield* readXml(decodeXml(bytes, name, { legacyEncoding: null, warn: nothing }), name, {
        open: (element) => open(withoutPrefix(element.name), element.attributes),
        close: (element) => close?.(withoutPrefix(element)),
        text: text ?? nothing,
      });
    } catch (error) {
      // Lines of a part mean nothing to people, who count the rows of a sheet.
      if (!(error instanceof TaskError) || error.faults[0].place?.file !== name) throw error;
      const found = error.faults[0].text.replace(/;[^;]*$/, '');
      throw this.malformed(
        `the part ${name} is damaged: ${found}; save it again in the program that made it`,
      );
    }
    return true;
  }

  malformed(text: string, place: { readonly line?: number; readonly column?: number } = {}): TaskError {
    return new TaskError('E_TRANSCRIPT_MALFORMED', text, { place: { file: this.#file, ...place } });
  }
}

function withoutPrefix(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}

/** An attribute that belongs to a namespace, whatever its prefix: `r:id`. */
export function withPrefix(attributes: Attributes, name: string): string | undefined {
  const key = Object.keys(attributes).find((one) => one.endsWith(`:${name}`));
  return key === undefined ? undefined : attributes[key];
}
