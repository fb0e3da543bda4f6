import type { Substitute } from '../uploads-folder.ts';
import { pause } from '../waiting.ts';
import type { Choice, Target } from './fault.ts';

export function fill(name: 'uploads' | 'temp'): (target: Target, choice: Choice) => Promise<number> {
  return async (target, { strength }) => {
    const disk = target.dirs.disks?.[name];
    if (disk === undefined) return 0;
    const sec = 1 + 4 * strength;
    target.say(`disk of ${name} full for ${sec.toFixed(1)} s`);
    await disk.fill();
    await pause(sec * 1000, target.signal);
    await disk.empty();
    return 1;
  };
}

const PLANTED_TASKS = 30;

/** UPLOADS is missing or an empty folder: the disk is not mounted. */
export function unmountUploads(target: Target, choice: Choice): Promise<number> {
  return replace(target, choice, choice.coin ? 'empty' : 'missing');
}

/** UPLOADS is the folder of another site, with files of the same names. */
export function mountWrongUploads(target: Target, choice: Choice): Promise<number> {
  return replace(target, choice, choice.coin ? 'other site' : 'mounted over');
}

async function replace(target: Target, { strength }: Choice, substitute: Substitute): Promise<number> {
  const { dirs, submissions, say, signal, find } = target;
  const sec = 2 + 6 * strength;
  const planted = submissions
    .recent(PLANTED_TASKS)
    .flatMap(({ stems }) => stems.map((stem) => `${stem}.wav`));
  target.disturbed(null);
  const changed = await dirs.uploads.replace(substitute, planted, async () => {
    say(`UPLOADS replaced (${substitute}) for ${sec.toFixed(1)} s`);
    await pause(sec * 1000, signal);
  });
  say(`UPLOADS is back (was: ${substitute})`);
  for (const message of changed)
    find({ rule: 'only the own UPLOADS is touched', taskId: null, message: `${substitute}: ${message}` });
  return 1;
}
