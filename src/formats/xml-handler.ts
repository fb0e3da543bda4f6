/** Transcripts are not nested deeper. The limit protects the memory, which each open element needs. */
export const MAX_DEPTH = 100;

/** Gives the text of an XML file in pieces. Each call begins at its start. */
export type XmlText = () => Iterable<string>;

export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** Line and column where its tag begins, from 1. */
  readonly line: number;
  readonly column: number;
  /** Offset in the text where its tag ends. */
  readonly end: number;
}

/** How far a text was read. A handler that reads ahead changes it. */
export interface PlainCursor {
  /** Index in the text. */
  at: number;
  /** Number of the line there, from 1. */
  line: number;
  /** How many starts and ends of elements were read. An empty element has both. */
  toldCount: number;
  /** The innermost open element. */
  readonly openName: string;
}

/** Gets the contents of an XML file, in order. */
export interface XmlHandler {
  readonly open: (element: XmlElement) => void;
  /** @param end - offset in the text after the end tag, or after the only tag of an empty element */
  readonly close: (name: string, end: number) => void;
  /** Gets the characters between two tags, perhaps in several calls. */
  readonly text: (text: string) => void;
  /**
   * Reads the next part of the text itself, after a tag inside an element, and moves the cursor to the end of another tag. It must
   * not read anything that may be malformed, and the same elements must be open afterwards. Left out: the other functions get
   * everything.
   */
  readAhead?(text: string, cursor: PlainCursor): void;
}
