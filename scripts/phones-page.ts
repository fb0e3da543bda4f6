/** Writes docs/phones.md again, from the built-in languages. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { makePhonesPage } from './phones-page/page.ts';

await writeFile(path.resolve(import.meta.dirname, '../docs/phones.md'), await makePhonesPage());
