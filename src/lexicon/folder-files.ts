import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { type Fault, messageOf, type Warning } from '../base/errors.ts';
import { findingAt, type PlaceInText } from '../base/finding.ts';

/** A larger file is a mistake: those that are read as a whole are lists of a few hundred entries. */
const MAX_BYTES = 16 * 1024 * 1024;

/** Reads the small files of one folder of ADMIN, and collects the faults and warnings about them. */
export class FolderFiles {
  readonly faults: Fault[] = [];
  readonly warnings: Warning[] = [];
  readonly #adminDir: string;
  readonly #folder: string;

  /** @param folder - its name inside `adminDir`; `.` for ADMIN itself */
  constructor(adminDir: string, folder: string) {
    this.#adminDir = adminDir;
    this.#folder = folder;
  }

  /** The absolute path of a file; null: there is no such file. */
  async find(name: string): Promise<string | null> {
    const whole = path.join(this.#adminDir, this.#folder, name);
    const found = await stat(whole).catch(() => null);
    return found?.isFile() === true ? whole : null;
  }

  /** The text of a file; null: there is no such file, or (with a fault) it cannot be read or is not UTF-8. */
  async readText(name: string): Promise<string | null> {
    const bytes = await this.#readBytes(name);
    if (bytes === null) return null;
    const text = bytes.toString('utf8');
    const bad = text.indexOf('\uFFFD');
    if (bad === -1) return text;
    this.fault(
      name,
      { line: text.slice(0, bad).split('\n').length },
      'not UTF-8 text; save the file as UTF-8',
    );
    return null;
  }

  /** The text of a file that only people read. If it is not UTF-8, it is read as Windows-1252, with a warning. */
  async readProse(name: string): Promise<string | null> {
    const bytes = await this.#readBytes(name);
    if (bytes === null) return null;
    const text = bytes.toString('utf8').replace(/^\uFEFF/, '');
    if (!text.includes('\uFFFD')) return text;
    this.warn(name, {}, 'not UTF-8 text; read as Windows-1252');
    return new TextDecoder('windows-1252').decode(bytes);
  }

  fault(name: string, at: PlaceInText, what: string): void {
    this.faults.push(findingAt('E_LANGUAGE_BROKEN', { file: this.#fileName(name), ...at }, what));
  }

  warn(name: string, at: PlaceInText, what: string): void {
    this.warnings.push(findingAt('W_LANGUAGE', { file: this.#fileName(name), ...at }, what));
  }

  async #readBytes(name: string): Promise<Buffer | null> {
    const whole = await this.find(name);
    if (whole === null) return null;
    try {
      const { size } = await stat(whole);
      if (size <= MAX_BYTES) return await readFile(whole);
      this.fault(name, {}, `expected at most ${MAX_BYTES} bytes, found ${size}`);
    } catch (thrown) {
      this.fault(name, {}, `cannot be read: ${messageOf(thrown)}`);
    }
    return null;
  }

  #fileName(name: string): string {
    return path.posix.join(this.#folder, name);
  }
}
