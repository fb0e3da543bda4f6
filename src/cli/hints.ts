import path from 'node:path';

export interface HintPlace {
  /** Folder of the project. */
  readonly homeDir: string;
  /** The current folder of the terminal. */
  readonly currentDir: string;
  /** Whether `autophon` alone starts this program: `make link` was run. */
  readonly isLinked: boolean;
}

/**
 * Messages name commands as the documentation does: `autophon status`, `make worker`. This rewrites them so that they work
 * in the current folder: `bin/autophon status` in the folder of the project, full paths elsewhere.
 * @param names - of all commands; other words after `autophon` are left alone
 */
export function hintsAt(place: HintPlace, names: readonly string[]): (text: string) => string {
  const isHome = path.resolve(place.currentDir) === path.resolve(place.homeDir);
  const program = isHome ? 'bin/autophon' : quote(path.join(place.homeDir, 'bin/autophon'));
  const make = isHome ? 'make' : `make -C ${quote(place.homeDir)}`;
  const ours = new RegExp(
    String.raw`(?<="|^ {2}(?:[A-Z_]+=\S* )?|(?<!Usage): )autophon(?= (?:${names.join('|')})\b)`,
    'gm',
  );
  const makes = /(?<=")make(?= [a-z])/g;
  return (text) => {
    const called = place.isLinked ? text : text.replace(ours, () => program);
    return called.replace(makes, () => make);
  };
}

/** As one word for a shell. */
function quote(text: string): string {
  return /^[\w./@+-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
