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

/** How far a plain text was read. */
export interface PlainCursor {
  at: number;
  /** Number of the line there, from 1. */
  line: number;
  /** How many beginnings and ends of elements were read. */
  toldCount: number;
  /** The element whose end comes next, if none begins before. */
  readonly openName: string;
}

/** Takes what is in an XML file, in its order. */
export interface XmlHandler {
  readonly open: (element: XmlElement) => void;
  /** @param end - offset in the text after the tag; of an empty element, that of its only tag */
  readonly close: (name: string, end: number) => void;
  /** Characters between tags; what stands between two tags may come in several calls. */
  readonly text: (text: string) => void;
  /**
   * Reads by itself what comes next after a tag, within an element, and moves the cursor after a tag. It reads nothing that
   * may be wrong, and the same elements are open afterwards as before. Not there: it is told everything.
   */
  readAhead?(text: string, cursor: PlainCursor): void;
}
