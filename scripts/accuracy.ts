/**
 * Measures how far the boundaries of results lie from the synthesisers' own times (samples/README.md).
 * Usage: node scripts/accuracy.ts [--json] [RESULT...]
 * RESULT: a zip of the service, a folder with zips or TextGrids, or a TextGrid. Without RESULT it aligns the samples
 * with the built-in engine, by the stages that the worker runs.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { readArguments } from '../testing/read-arguments.ts';
import { alignSamples } from './accuracy/align-samples.ts';
import { formatReport, type Judged, reportOn } from './accuracy/report.ts';
import { readResults } from './accuracy/results.ts';
import { readSampleGrid } from './samples/read-grid.ts';
import { RECORDINGS } from './samples/texts.ts';

const SAMPLES = path.join(import.meta.dirname, '..', 'samples');
const GOAL = { row: 'all English', within50Ms: 0.95 };

const { values, positionals } = readArguments('accuracy', {
  options: { json: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const missing = positionals.filter((place) => !existsSync(place));
if (missing.length > 0) {
  console.error(`accuracy: not found: ${missing.join(', ')}`);
  process.exit(2);
}
const results = positionals.length > 0 ? await readResults(positionals) : await alignSamples();
const samples = RECORDINGS.map(
  ({ folder, stem, language }): Judged => ({
    name: `${folder}/${stem}`,
    language,
    reference: readSampleGrid(path.join(SAMPLES, 'reference', folder, `${stem}.TextGrid`)),
    result: results.get(stem) ?? null,
  }),
).filter(({ result }) => positionals.length === 0 || result !== null);
if (samples.length === 0) {
  console.error(
    `accuracy: no TextGrid of a sample in ${positionals.join(', ')}; expected names as in samples/`,
  );
  process.exit(2);
}

const rows = reportOn(samples);
if (values.json) {
  console.log(JSON.stringify({ rows, goal: GOAL }, null, 2));
} else {
  console.log(formatReport(rows));
  const reached = rows.find(({ name }) => name === GOAL.row)?.words.within50Ms;
  if (reached !== undefined) {
    const verdict = reached >= GOAL.within50Ms ? 'reached' : 'NOT reached';
    console.log(
      `\nEnglish word boundaries within 50 ms: ${(100 * reached).toFixed(1)} %; goal 95 %: ${verdict}`,
    );
  }
}
