import type { XmlElement } from '../xml-handler.ts';

const UNUSUAL_WHITE = /\s\s+|[^\S ]/g;
/** How Transcriber shows events, by their extent: whether the words of the event begin or end there. */
const EXTENTS: ReadonlyMap<string, (said: string) => string> = new Map([
  ['begin', (said) => `[${said}-]`],
  ['end', (said) => `[-${said}]`],
]);
/** How Transcriber shows the types of events other than noise. */
const TYPES: ReadonlyMap<string, string> = new Map([
  ['pronounce', 'pron='],
  ['language', 'lang='],
  ['lexical', 'lex='],
  ['entities', 'ent='],
]);

/** The text in a label for an element that is not spoken; null: the element has no text. */
export function addedLabel(element: XmlElement): string | null {
  switch (element.name) {
    case 'Event':
      return eventLabel(element);
    case 'Vocal':
      return `[${bare(attribute(element, 'desc'))}]`;
    case 'Comment':
      return `{${bare(attribute(element, 'desc'))}}`;
    default:
      return null;
  }
}

/** The value of an attribute; empty if it is missing. */
export function attribute({ attributes }: XmlElement, name: string): string {
  return attributes[name] ?? '';
}

/** Removes line ends and blanks beside tags, which are only layout. */
export function oneLine(text: string): string {
  return text.trim().replace(UNUSUAL_WHITE, ' ');
}

function eventLabel(element: XmlElement): string {
  const said = `${TYPES.get(attribute(element, 'type')) ?? ''}${bare(attribute(element, 'desc'))}`;
  return EXTENTS.get(attribute(element, 'extent'))?.(said) ?? `[${said}]`;
}

/** Replaces brackets inside a text, since it gets brackets around it. */
function bare(text: string): string {
  return oneLine(/[[\]{}]/.test(text) ? text.replace(/[[{]/g, '(').replace(/[\]}]/g, ')') : text);
}
