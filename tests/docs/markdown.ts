/** Reads the pages of the project for tests: tables, blocks of code, text in backticks. */
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';

export const ROOT_DIR = path.resolve(import.meta.dirname, '../..');

/** Folders of other projects' pages, and folders without pages. */
const NOT_OURS = ['node_modules', '.toolchain', '.data', '.git', 'coverage'];

/** Paths of all pages from the project's folder, such as `docs/errors.md`. */
export function listPages(): string[] {
  return globSync('**/*.md', { cwd: ROOT_DIR, exclude: (name) => NOT_OURS.includes(name) }).sort();
}

export function readFile(name: string): string {
  return readFileSync(path.join(ROOT_DIR, name), 'utf8');
}

/**
 * The rows of all tables of a page whose heading row begins with these cells.
 * @returns the cells, without the blanks around them
 */
export function tableRows(text: string, ...headings: string[]): string[][] {
  const rows: string[][] = [];
  let isWanted = false;
  for (const line of text.split('\n')) {
    if (!line.startsWith('|')) {
      isWanted = false;
      continue;
    }
    const cells = line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim());
    if (cells.every((cell) => /^-+:?$/.test(cell))) continue;
    if (isWanted) rows.push(cells);
    else isWanted = headings.every((heading, index) => cells[index] === heading);
  }
  return rows;
}

/** The text under a heading of the second level, such as `## Database`, up to the next one. */
export function section(text: string, heading: string): string {
  const found = text.split(/^(?=## )/m).find((one) => one.startsWith(`${heading}\n`));
  if (found === undefined) throw new Error(`no heading ${heading}`);
  return found;
}

/** The blocks between fences of one kind, such as `sql`. */
export function codeBlocks(text: string, kind: string): string[] {
  return [...text.matchAll(/^```(\w*)\n(.*?)^```$/gms)]
    .filter((match) => match[1] === kind)
    .map((match) => match[2] ?? '');
}

/** The texts in backticks, without blocks. */
export function inlineCode(text: string): string[] {
  const prose = text.replace(/^```.*?^```$/gms, '');
  return [...prose.matchAll(/`([^`\n]+)`/g)].map((match) => match[1] ?? '');
}

/** `` `name` `` without its backticks. */
export function plain(cell: string | undefined): string {
  return (cell ?? '').replaceAll('`', '');
}
