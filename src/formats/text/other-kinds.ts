import { TaskError } from '../../base/errors.ts';
import { transcriptFormatOf } from '../../base/input-kinds.ts';
import { findUnmarkedUtf16, type Utf16 } from '../unmarked-utf16.ts';

/** How much of a file is looked at to recognise its kind. */
const HEAD_BYTES = 4096;
const PLAIN_TEXT: Expected = {
  expected: 'plain text',
  fix: 'save it as plain text (UTF-8) in the program that made it',
};

/** What a file should be by its name, and the fix if it is not. */
interface Expected {
  readonly expected: string;
  readonly fix: string;
}

/** Something that is saved under the name of a text by mistake. */
interface Kind {
  readonly name: string;
  /** The beginning of the file, without a byte order mark. In binary files, each byte is a character. */
  readonly begins: RegExp | string;
  /** A text anywhere in the file, to distinguish kinds of archives. */
  readonly has?: string;
  /** The extension, if this is a format that can be read. */
  readonly extension?: string;
}

const ZIP = 'PK\x03\x04';
/** The first kind that fits is used. */
const KINDS: readonly Kind[] = [
  { name: 'a Word document (.docx)', begins: ZIP, has: 'word/document.xml' },
  { name: 'an Excel table (.xlsx)', begins: ZIP, has: 'xl/workbook.xml', extension: 'xlsx' },
  { name: 'an OpenDocument file (.odt)', begins: ZIP, has: 'application/vnd.oasis.opendocument' },
  { name: 'a zip archive', begins: ZIP },
  { name: 'an old Word or Excel file (.doc, .xls)', begins: '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1' },
  { name: 'rich text (RTF)', begins: /^\s*\{\\rtf/ },
  { name: 'a PDF file', begins: '%PDF-' },
  { name: 'a recording (wav)', begins: /^RIFF[\s\S]{4}WAVE/ },
  { name: 'a compressed file (gzip)', begins: '\x1f\x8b' },
  { name: 'a picture', begins: /^(?:\x89PNG|\xff\xd8\xff|GIF8)/ },
  {
    name: 'a TextGrid',
    begins: /^(?:\s*(?:File type\s*=\s*)?"ooTextFile|ooBinaryFile)/,
    extension: 'TextGrid',
  },
  { name: 'an ELAN file', begins: /^\s*(?:<\?xml[\s\S]*?)?<ANNOTATION_DOCUMENT/, extension: 'eaf' },
  { name: 'a Transcriber file', begins: /^\s*(?:<\?xml[\s\S]*?)?<(?:!DOCTYPE )?Trans\b/, extension: 'trs' },
  {
    name: 'a web page (HTML)',
    begins: /^\s*(?:<\?xml[\s\S]*?)?(?:<!--[\s\S]*?-->\s*)?<(?:!DOCTYPE\s+html|html)\b/i,
  },
  { name: 'an XML file', begins: /^\s*<\?xml\b/ },
  { name: 'WebVTT subtitles', begins: /^WEBVTT\b/, extension: 'vtt' },
  { name: 'SubRip subtitles', begins: /^\s*\d+\s+\d+:\d\d:\d\d[,.]\d+\s+-->/, extension: 'srt' },
  { name: 'a CHAT transcript', begins: /^@(?:UTF8|Begin)\b/, extension: 'cha' },
  { name: 'JSON', begins: /^\s*(?:\{\s*"|\[\s*\{)/, extension: 'json' },
  { name: 'HTK labels of many recordings (MLF)', begins: '#!MLF!#' },
  {
    name: 'words or turns with times (CTM, STM)',
    begins: /^(?:;;[^\n]*\n)*\S+ [1-9A-F] (?:\S+ )?\d+\.\d+ \d+\.\d+ \S/,
  },
  { name: 'SubStation subtitles (SSA, ASS)', begins: '[Script Info]' },
  { name: 'SubViewer subtitles (SBV)', begins: /^\d+:\d\d:\d\d\.\d{3},\d+:\d\d:\d\d\.\d{3}\r?\n/ },
  { name: 'ESPS labels', begins: /^(?:[^\n]*\n){0,20}?#\r?\n\s*\d+\.\d+\s+\d+\s+\S/ },
];

/**
 * Refuses a file that is not the text that its name says: a document, archive, recording, or transcript of another
 * format. Does nothing with other files.
 * @throws TaskError E_TRANSCRIPT_MALFORMED with what the file is, and the fix
 */
export function refuseOtherKinds(
  bytes: Uint8Array,
  file: string,
  { expected, fix: saveAgain }: Expected = PLAIN_TEXT,
): void {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const heads = headsOf(buffer);
  const own = transcriptFormatOf(file);
  const kind = KINDS.find(
    ({ begins, has, extension }) =>
      (extension === undefined || transcriptFormatOf(`x.${extension}`) !== own) &&
      heads.some((head) => (typeof begins === 'string' ? head.startsWith(begins) : begins.test(head))) &&
      (has === undefined || buffer.includes(has)),
  );
  if (kind === undefined) return;
  const { name, extension } = kind;
  const isRead = extension !== undefined && transcriptFormatOf(`x.${extension}`) !== null;
  const fix = isRead ? `give it the extension .${extension}` : saveAgain;
  throw new TaskError('E_TRANSCRIPT_MALFORMED', `expected ${expected}, found ${name}; ${fix}`, {
    place: { file },
  });
}

/** The beginning of a file in characters of one byte and, if it is a text in UTF-16, of two. */
function headsOf(buffer: Buffer): string[] {
  const head = buffer.subarray(0, HEAD_BYTES);
  const heads = [head.toString('latin1').replace(/^\xef\xbb\xbf/, '')];
  const encoding = utf16Of(head);
  if (encoding !== null) heads.push(new TextDecoder(encoding).decode(head));
  return heads;
}

function utf16Of(head: Buffer): Utf16 | null {
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le';
  if (head[0] === 0xfe && head[1] === 0xff) return 'utf-16be';
  const found = head.includes(0) ? findUnmarkedUtf16(head) : null;
  return found === 'unclear' ? null : found;
}
