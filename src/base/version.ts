import { readFileSync } from 'node:fs';
import path from 'node:path';

let version: string | null = null;

/** The version of this program, as package.json says. */
export function programVersion(): string {
  version ??= (
    JSON.parse(readFileSync(path.resolve(import.meta.dirname, '../../package.json'), 'utf8')) as {
      version: string;
    }
  ).version;
  return version;
}
