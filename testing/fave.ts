import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { FaveSettings } from '../src/engines/htk/settings.ts';
import { HTK_TOOLS, type StandInMode, writeStandIn, writeTools } from './htk.ts';

export interface FaveMode extends StandInMode {
  /** Version of its Python. */
  readonly python?: string;
  /** FAVE is not installed for its Python. */
  readonly importError?: boolean;
  /** The beginning of a word that it does not find in the dictionary. */
  readonly forget?: string;
  /** HTK as it is published, without the change that FAVE needs. */
  readonly plainHtk?: boolean;
}

/** All of ARPAbet except AO, for tests of a model that lacks a phone. */
const PHONES = `AA0 AA1 AA2 AE0 AE1 AE2 AH0 AH1 AH2 AW0 AW1 AW2 AY0 AY1 AY2 B CH D DH EH0 EH1 EH2 ER0 ER1 ER2 EY0 EY1 EY2
F G HH IH0 IH1 IH2 IY0 IY1 IY2 JH K L M N NG OW0 OW1 OW2 OY0 OY1 OY2 P R S SH T TH UH0 UH1 UH2 UW0 UW1 UW2 V W Y Z ZH
sp sil ns`;

/**
 * A FAVE_DIR and a PATH that hold stand-ins for FAVE, its Python, sox and HTK.
 * @param tools - which of sox, HCopy and HVite exist
 */
export async function installFave(
  dir: string,
  mode: FaveMode = {},
  tools: readonly string[] = HTK_TOOLS,
): Promise<FaveSettings & { readonly faveDir: string; readonly binDir: string }> {
  const faveDir = path.join(dir, 'fave');
  const binDir = path.join(dir, 'fave-bin');
  await mkdir(path.join(faveDir, 'align', 'model'), { recursive: true });
  await mkdir(binDir, { recursive: true });
  await writeFile(path.join(faveDir, 'FAAValign.py'), '# The stand-in for python3 does the work.\n');
  await writeFile(path.join(faveDir, 'align', 'model', 'monophones'), PHONES.replace(/\s+/g, '\n'));
  const python = path.join(binDir, 'python3');
  await writeStandIn(python, 'fave-python.mjs', `stand.favePython(argv, ${JSON.stringify(mode)})`);
  await writeTools(binDir, tools);
  return { faveDir, binDir, python: 'python3', launcher: [], env: { PATH: binDir } };
}
