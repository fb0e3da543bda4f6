/** No transcript is nested deeper: a file that is costs memory for each open element. */
export const MAX_DEPTH = 100;

/** The text of an XML file, in pieces; each call begins at its start. */
export type XmlText = () => Iterable<string>;

export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** Where its tag begins, from 1. */
  readonly line: number;
  readonly column: number;
  /** Where its tag ends, as an offset in the text. */
  readonly end: number;
}

/** Takes what is in an XML file, in its order. */
export interface XmlHandler {
  readonly open: (element: XmlElement) => void;
  /** @param end - offset in the text after the tag; of an empty element, that of its only tag */
  readonly close: (name: string, end: number) => void;
  /** Characters between tags; what stands between two tags may come in several calls. */
  readonly text: (text: string) => void;
}
