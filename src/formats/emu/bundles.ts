import { NamesTaken, safePart } from '../../base/safe-names.ts';

export const DATABASE = 'autophon';
export const DATABASE_FOLDER = `${DATABASE}_emuDB`;
export const CONFIG_FILE = `${DATABASE_FOLDER}/${DATABASE}_DBconfig.json`;
/** EMU's default session: that of recordings that are in no folder. */
const NO_FOLDER = '0000';

/** Gives each recording its place in the database: a folder becomes a session, and a recording becomes a bundle. */
export class Bundles {
  readonly #sessions = new Map<string, { readonly name: string; readonly bundles: NamesTaken }>();
  readonly #names = new NamesTaken();

  /**
   * @param recording - its name in the result, with `/` between folders
   * @returns the name of its bundle, and the path of its annotation in the result
   */
  add(recording: string): { readonly name: string; readonly path: string } {
    const parts = recording.split('/');
    const last = parts.pop() ?? '';
    const folder = parts.join('/');
    const session = this.#sessions.get(folder) ?? {
      name: this.#names.take(folder === '' ? NO_FOLDER : emuName(folder.replaceAll('/', '_'))),
      bundles: new NamesTaken(),
    };
    this.#sessions.set(folder, session);
    const name = session.bundles.take(emuName(last));
    return { name, path: `${DATABASE_FOLDER}/${session.name}_ses/${name}_bndl/${name}_annot.json` };
  }
}

/** A name that emuR can read: it puts names between single quotes in SQL, and ignores folders that begin with a dot. */
function emuName(name: string): string {
  return safePart(name).replaceAll("'", '_').replace(/^\./, '_') || 'unnamed';
}
