import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { FaseSettings } from '../src/engines/htk/settings.ts';
import { HTK_TOOLS, type StandInMode, writeStandIn, writeTools } from './htk.ts';

export interface FaseMode extends StandInMode {
  /** The published program, which has no option -d. */
  readonly plain?: boolean;
  /** Entries of its own dictionary, in addition to a few. */
  readonly ownWords?: readonly string[];
  /** Exit 0 and no result, as with a wrong -m or -i. */
  readonly noOutput?: boolean;
}

/**
 * A program and a PATH that stand in for faseAlign, sox and HTK.
 * @param tools - which of sox, HCopy and HVite exist
 */
export async function installFase(
  dir: string,
  mode: FaseMode = {},
  tools: readonly string[] = HTK_TOOLS,
): Promise<FaseSettings & { readonly command: string; readonly binDir: string }> {
  const binDir = path.join(dir, 'fase-bin');
  await mkdir(binDir, { recursive: true });
  const command = path.join(binDir, 'faseAlign');
  await writeStandIn(command, 'faseAlign.mjs', `stand.faseAlign(argv, ${JSON.stringify(mode)})`);
  await writeTools(binDir, tools);
  return { command, binDir, launcher: [], env: { PATH: binDir } };
}
