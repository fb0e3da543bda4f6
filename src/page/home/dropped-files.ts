/** A file that the user gave, with its path below the dropped folder. */
export interface GivenFile {
  readonly name: string;
  readonly file: File;
}

/** The page may be blocked for this time. */
const PORTION_MS = 50;

/** All files of a drop, including those in folders, in the order in which they are read. Hidden ones are left out. */
export async function filesOfDrop(
  transfer: DataTransfer,
  found: (files: GivenFile[]) => void,
): Promise<void> {
  // The list of a drop is emptied when its event has ended, so everything is taken from it before the first wait.
  const items = [...transfer.items].filter(({ kind }) => kind === 'file');
  const entries = items.flatMap((item) => item.webkitGetAsEntry() ?? []);
  const others = items.flatMap((item) => (item.webkitGetAsEntry() === null ? (item.getAsFile() ?? []) : []));
  // Some programs from which files are dragged make no entries of them.
  if (others.length > 0) found(others.map((file) => ({ name: file.name, file })));
  const isOneFolder = entries.length === 1 && entries[0]?.isDirectory === true;
  for (const entry of entries) await walk(entry, isOneFolder ? null : '', found);
}

/**
 * Files chosen in the browser's own dialog. They are given in steps, because reading the sizes of thousands takes
 * seconds.
 */
export async function filesOfInput(
  input: HTMLInputElement,
  found: (files: GivenFile[]) => void,
): Promise<void> {
  let portion: GivenFile[] = [];
  let startedMs = performance.now();
  for (const file of [...(input.files ?? [])]) {
    const name = file.webkitRelativePath.split('/').slice(1).join('/') || file.name;
    // Here the browser asks the disk, and waits for it.
    if (isHidden(name) || file.size < 0) continue;
    portion.push({ name, file });
    if (performance.now() - startedMs < PORTION_MS) continue;
    found(portion);
    portion = [];
    await new Promise((resolve) => setTimeout(resolve));
    startedMs = performance.now();
  }
  found(portion);
}

/** @param above - path of the folder; null: the entry is the folder of the whole task */
async function walk(
  entry: FileSystemEntry,
  above: string | null,
  found: (files: GivenFile[]) => void,
): Promise<void> {
  if (isHidden(entry.name)) return;
  const name = above === null ? '' : above === '' ? entry.name : `${above}/${entry.name}`;
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => {
      (entry as FileSystemFileEntry).file(resolve, reject);
    });
    found([{ name, file }]);
    return;
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  for (;;) {
    // A reader returns its entries in portions, and an empty one at the end.
    const portion = await new Promise<FileSystemEntry[]>((resolve, reject) => {
      reader.readEntries(resolve, reject);
    });
    if (portion.length === 0) return;
    const files = portion.filter((one) => one.isFile && !isHidden(one.name));
    const given = await Promise.all(
      files.map(
        (one) =>
          new Promise<GivenFile>((resolve, reject) => {
            (one as FileSystemFileEntry).file(
              (file) => resolve({ file, name: name === '' ? one.name : `${name}/${one.name}` }),
              reject,
            );
          }),
      ),
    );
    if (given.length > 0) found(given);
    for (const folder of portion.filter((one) => one.isDirectory)) await walk(folder, name, found);
  }
}

function isHidden(name: string): boolean {
  return name.split('/').some((part) => part.startsWith('.'));
}
