import path from 'node:path';
import type { InPieces } from '../../base/pieces.ts';
import { type Parts, withPrefix } from './parts.ts';

export interface Sheet {
  readonly name: string;
  readonly isHidden: boolean;
  /** Name of its part. */
  readonly part: string;
}

export interface Workbook {
  /** In the order in which they are shown. */
  readonly sheets: readonly Sheet[];
  /** Whether dates are counted from 1904. */
  readonly isFrom1904: boolean;
  /** Name of the part of texts; null: there is none. */
  readonly strings: string | null;
  /** Name of the part of styles; null: there is none. */
  readonly styles: string | null;
}

interface Relation {
  readonly type: string;
  readonly target: string;
}

/** Reads which sheets a workbook has. @throws TaskError as `Parts.read`; E_TRANSCRIPT_MALFORMED when it is no workbook */
export function* readWorkbook(parts: Parts): InPieces<Workbook> {
  const root = yield* readRelations(parts, '_rels/.rels', '');
  const main = byType(root, 'officeDocument') ?? 'xl/workbook.xml';
  const dir = path.posix.dirname(main);
  const relations = yield* readRelations(parts, `${dir}/_rels/${path.posix.basename(main)}.rels`, dir);
  const sheets: Sheet[] = [];
  let isFrom1904 = false;
  const isThere = yield* parts.read(main, {
    open: (name, attributes) => {
      // Excel also writes a later element of this name, without this attribute: it must not reset the value.
      if (name === 'workbookPr') isFrom1904 ||= /^(?:1|true|on)$/.test(attributes['date1904'] ?? '');
      if (name !== 'sheet') return;
      const relation = relations.get(withPrefix(attributes, 'id') ?? '');
      // Sheets of charts have no cells.
      if (relation === undefined || !relation.type.endsWith('/worksheet')) return;
      const isHidden = /hidden/i.test(attributes['state'] ?? '');
      sheets.push({ name: attributes['name'] ?? '', isHidden, part: relation.target });
    },
  });
  if (!isThere) {
    const text =
      'expected a workbook (.xlsx), found a zip archive without one; save the table as .xlsx or .csv';
    throw parts.malformed(text);
  }
  return {
    sheets,
    isFrom1904,
    strings: byType(relations, 'sharedStrings'),
    styles: byType(relations, 'styles'),
  };
}

/** The relations of a part by their ids. @param dir - folder of the part */
function* readRelations(parts: Parts, name: string, dir: string): InPieces<ReadonlyMap<string, Relation>> {
  const relations = new Map<string, Relation>();
  yield* parts.read(name, {
    open: (element, { Id, Type, Target, TargetMode }) => {
      if (element !== 'Relationship' || TargetMode === 'External') return;
      if (Id === undefined || Type === undefined || Target === undefined) return;
      const target = Target.startsWith('/') ? Target.slice(1) : path.posix.join(dir, Target);
      relations.set(Id, { type: Type, target });
    },
  });
  return relations;
}

function byType(relations: ReadonlyMap<string, Relation>, type: string): string | null {
  for (const relation of relations.values()) if (relation.type.endsWith(`/${type}`)) return relation.target;
  return null;
}
