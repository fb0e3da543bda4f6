import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { NewTaskServices } from '../../src/tasks/new-task.ts';
import { submit } from '../../src/tasks/submit.ts';
import { makeLongSample } from '../samples/make-long.ts';

const SAMPLES_DIR = path.resolve(import.meta.dirname, '../../samples');
/** Folders that cannot be aligned as inputs. */
const OTHER_FOLDERS = ['broken', 'reference'];
const LANGUAGES: Readonly<Record<string, string>> = {
  english: 'engUS_SPHINX_v010',
  french: 'fraFR_SPHINX_v010',
};
const USERS = ['demo-one', 'demo-two'] as const;
/** Submitted by both users. */
const TWICE = 'english-read';

export interface Sample {
  readonly name: string;
  readonly dir: string;
  readonly lang: string;
  readonly user: string;
}

export interface SampleTask {
  readonly taskId: string;
  readonly sample: string;
  readonly dir: string;
  readonly user: string;
}

/** All samples, divided between two users. The long one is made if it is missing. */
export async function findSamples(longDir: string): Promise<Sample[]> {
  ensureLongSample(longDir);
  const entries = await readdir(SAMPLES_DIR, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  const dirs = names
    .filter((name) => !OTHER_FOLDERS.includes(name))
    .map((name) => path.join(SAMPLES_DIR, name));
  const samples = [...dirs.sort(), longDir].map((dir, index) => toSample(dir, USERS[index % 2] ?? USERS[0]));
  const twice = samples.find(({ name }) => name === TWICE);
  if (twice === undefined) return samples;
  return [...samples, { ...twice, user: twice.user === USERS[0] ? USERS[1] : USERS[0] }];
}

/** One task per sample, submitted like `autophon submit` does it. */
export async function submitSamples(
  samples: readonly Sample[],
  services: NewTaskServices,
): Promise<SampleTask[]> {
  const tasks: SampleTask[] = [];
  for (const { name, dir, lang, user } of samples) {
    const submission = {
      paths: [dir],
      lang,
      engine: null,
      user,
      priority: 0,
      notBefore: null,
      notifyUrl: null,
      userDictionaryPath: null,
      columns: null,
    };
    const { taskId } = await submit(submission, services);
    tasks.push({ taskId, sample: name, dir, user });
  }
  return tasks;
}

function ensureLongSample(dir: string): void {
  // This file is written last: if it exists, the others do, too.
  const reference = path.join(dir, '..', 'reference', path.basename(dir));
  if (!existsSync(reference) || !existsSync(dir)) makeLongSample(dir);
}

function toSample(dir: string, user: string): Sample {
  const name = path.basename(dir);
  const lang = LANGUAGES[name.split('-')[0] ?? ''];
  if (lang === undefined) throw new Error(`samples/${name}: expected a name that begins with its language`);
  return { name, dir, lang, user };
}
