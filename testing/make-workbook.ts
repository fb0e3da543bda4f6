import { makeZip } from './make-zip.ts';

/** A cell: text, a number, or the inside of its element as in the file, without the name of the cell. */
export type Cell = string | number | { readonly attributes?: string; readonly inside: string } | null;

export interface SheetContent {
  readonly name?: string;
  /** `hidden` or `veryHidden`. */
  readonly state?: string;
  /** Null: an empty row. */
  readonly rows: readonly (readonly Cell[] | null)[];
  /** Of rows, from 1. */
  readonly hidden?: readonly number[];
  /** Such as `A2:A3`. */
  readonly merged?: readonly string[];
}

export interface WorkbookContent {
  readonly sheets: readonly SheetContent[];
  /** Elements `<si>` of the texts to which cells refer. */
  readonly strings?: readonly string[];
  /** Formats of numbers, by style from 1: their codes, or the numbers of built-in formats. */
  readonly formats?: readonly (string | number)[];
  readonly isFrom1904?: boolean;
}

const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const OFFICE = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const RELATIONS = 'http://schemas.openxmlformats.org/package/2006/relationships';
/** Elements of Excel whose names are those of others. */
const WORKBOOK_EXTENSIONS =
  '<extLst><ext uri="x" xmlns:x15="http://schemas.microsoft.com/office/spreadsheetml/2010/11/main"><x15:workbookPr chartTrackingRefBase="1"/></ext></extLst>';
const CONDITIONAL_FORMATS =
  '<dxfs><dxf><numFmt numFmtId="164" formatCode="yyyy"/></dxf><dxf><numFmt numFmtId="20" formatCode="0.00"/></dxf></dxfs>';
const HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';

/** The parts of a workbook, by name. */
export function workbookParts(content: WorkbookContent): Record<string, string> {
  const { sheets, strings = [], formats = [], isFrom1904 = false } = content;
  const list = sheets.map(
    ({ name, state }, at) =>
      `<sheet name="${name ?? `Sheet${at + 1}`}" sheetId="${at + 1}"${state === undefined ? '' : ` state="${state}"`} r:id="rId${at + 1}"/>`,
  );
  const numbers = formats.map((format, at) => (typeof format === 'number' ? format : 164 + at));
  const own = formats.flatMap((format, at) =>
    typeof format === 'number'
      ? []
      : [`<numFmt numFmtId="${164 + at}" formatCode="${format.replaceAll('"', '&quot;')}"/>`],
  );
  const xfs = [0, ...numbers].map((id) => `<xf numFmtId="${id}"/>`).join('');
  return {
    '_rels/.rels': `${HEAD}<Relationships xmlns="${RELATIONS}"><Relationship Id="rId1" Type="${OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
    'xl/workbook.xml': `${HEAD}<workbook xmlns="${MAIN}" xmlns:r="${OFFICE}">${isFrom1904 ? '<workbookPr date1904="1"/>' : ''}<sheets>${list.join('')}</sheets>${WORKBOOK_EXTENSIONS}</workbook>`,
    'xl/_rels/workbook.xml.rels': `${HEAD}<Relationships xmlns="${RELATIONS}">${[
      ...sheets.map(
        (_, at) =>
          `<Relationship Id="rId${at + 1}" Type="${OFFICE}/worksheet" Target="worksheets/sheet${at + 1}.xml"/>`,
      ),
      `<Relationship Id="rS" Type="${OFFICE}/sharedStrings" Target="sharedStrings.xml"/>`,
      `<Relationship Id="rT" Type="${OFFICE}/styles" Target="/xl/styles.xml"/>`,
    ].join('')}</Relationships>`,
    'xl/sharedStrings.xml': `${HEAD}<sst xmlns="${MAIN}">${strings.join('')}</sst>`,
    'xl/styles.xml': `${HEAD}<styleSheet xmlns="${MAIN}"><numFmts>${own.join('')}</numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs>${xfs}</cellXfs>${CONDITIONAL_FORMATS}</styleSheet>`,
    ...Object.fromEntries(sheets.map((sheet, at) => [`xl/worksheets/sheet${at + 1}.xml`, sheetXml(sheet)])),
  };
}

/** The bytes of a workbook file. */
export function makeWorkbook(content: WorkbookContent): Buffer {
  return makeZip(workbookParts(content));
}

function sheetXml({ rows, hidden = [], merged = [] }: SheetContent): string {
  const lines = rows.map((cells, at) => {
    const line = at + 1;
    const inside = (cells ?? []).map((cell, index) =>
      cellXml(cell, `${String.fromCharCode(65 + index)}${line}`),
    );
    return cells === null
      ? ''
      : `<row r="${line}"${hidden.includes(line) ? ' hidden="1"' : ''}>${inside.join('')}</row>`;
  });
  const ranges = merged.map((ref) => `<mergeCell ref="${ref}"/>`).join('');
  return `${HEAD}<worksheet xmlns="${MAIN}"><sheetData>${lines.join('')}</sheetData><mergeCells>${ranges}</mergeCells></worksheet>`;
}

function cellXml(cell: Cell, name: string): string {
  if (cell === null) return '';
  if (typeof cell === 'number') return `<c r="${name}"><v>${cell}</v></c>`;
  if (typeof cell === 'object') return `<c r="${name}" ${cell.attributes ?? ''}>${cell.inside}</c>`;
  const text = cell.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return `<c r="${name}" t="inlineStr"><is><t xml:space="preserve">${text}</t></is></c>`;
}
