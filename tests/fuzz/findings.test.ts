import assert from 'node:assert/strict';
import { suite } from 'uvu';
import type { Fault, Warning } from '../../src/base/errors.ts';
import { formatFinding, type Place } from '../../src/base/finding.ts';
import { Output } from '../../src/cli/output.ts';
import { formatTaskError, formatWarnings } from '../../src/cli/task-text.ts';
import { rowFindings, rowMessage } from '../../src/db/row-texts.ts';
import type { TaskRow } from '../../src/db/tasks.ts';
import { makeManifest, type PackageFacts } from '../../src/pipeline/package/manifest.ts';
import { makeReadme } from '../../src/pipeline/package/readme.ts';
import { seededRandom } from '../support/mutate.ts';

/** `FUZZ_SEED` chooses another seed, `FUZZ_COUNT` another number of inputs. */
const SEED = Number(process.env['FUZZ_SEED'] ?? 20_260_103);
const ROUNDS = Number(process.env['FUZZ_COUNT'] ?? 100);
const PIECES = [
  'a',
  'é',
  '𝄞',
  ' ',
  '"',
  '\\',
  '\n',
  '\r\n',
  '\t',
  '\0',
  '\ud800',
  '\u202e',
  '\x1b[31m',
  ': ',
  'tier "x"',
];
const test = suite('one text for each finding');
const random = seededRandom(SEED);
const below = (limit: number): number => Math.floor(random() * limit);
const someText = (): string =>
  Array.from({ length: 1 + below(9) }, () => PIECES[below(PIECES.length)]).join('');

function somePlace(): Place {
  const whole: Place = {
    file: someText(),
    line: 1 + below(99),
    column: 1 + below(99),
    tier: someText(),
    interval: 1 + below(99),
    point: 1 + below(99),
    timeSec: random() * 9999,
    endSec: random() * 9999,
  };
  return Object.fromEntries(Object.entries(whole).filter(() => random() < 0.5));
}
function someFindings<Code extends string>(code: Code) {
  return Array.from({ length: 1 + below(5) }, () =>
    random() < 0.2 ? { code, text: someText() } : { code, place: somePlace(), text: someText() },
  );
}
function factsWith(warnings: readonly Warning[]): PackageFacts {
  return {
    prepared: {
      language: { code: 'engUS_X_v010', displayName: 'English', alphabet: 'ARPAbet' },
      engine: { name: 'X' },
      counts: { wordCount: 1, missingWordCount: 0, audioSec: 1 },
    },
    recordings: [],
    outputs: [],
    warnings,
    policy: {
      unknownWords: 'warn',
      partialResults: 'fail',
      speakers: 'tiers',
      search: 'usual',
      channels: 'mix',
      cuts: 'auto',
      formats: ['textgrid', 'csv'],
    },
    cut: null,
    engineVersion: null,
  };
}
const output = new Output({ json: false, stdout: process.stdout, stderr: process.stderr });

test('a warning reads the same in the row, in README.txt, in manifest.json and on the terminal', () => {
  for (let round = 0; round < ROUNDS; round++) {
    const warnings: Warning[] = someFindings('W_DOUBTFUL');
    const expected = warnings.map(formatFinding);
    const facts = factsWith(warnings);
    const stored: Warning[] = JSON.parse(rowFindings(warnings, 'x'));
    assert.deepEqual(stored.map(formatFinding), expected, `seed ${SEED}, round ${round}`);
    assert.deepEqual(JSON.parse(makeManifest(facts)).warnings.map(formatFinding), expected);
    const readme = makeReadme(facts).split('\n');
    for (const line of expected) assert.ok(readme.includes(`W_DOUBTFUL: ${line}`), line);
    assert.deepEqual(
      formatWarnings(stored, output, 99),
      expected.map((line) => `${output.paint('W_DOUBTFUL', 'yellow')}  ${line}`),
    );
  }
});

test('a fault reads the same in both columns of the row and on the terminal', () => {
  for (let round = 0; round < ROUNDS; round++) {
    const faults: Fault[] = someFindings('E_IO');
    const expected = faults.map(formatFinding);
    const stored: Fault[] = JSON.parse(rowFindings(faults, 'x'));
    assert.deepEqual(stored.map(formatFinding), expected, `seed ${SEED}, round ${round}`);
    assert.equal(rowMessage(faults), expected.join('\n'));
    assert.deepEqual(
      formatTaskError({ faults: stored } as TaskRow, output),
      expected.map((line) => `${output.paint('E_IO', 'red', 'bold')}  ${line}`),
    );
  }
});

test.run();
