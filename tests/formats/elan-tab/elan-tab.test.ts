import assert from 'node:assert/strict';
import { suite } from 'uvu';
import type { Warning } from '../../../src/base/errors.ts';
import { atOnce } from '../../../src/base/pieces.ts';
import { isElanTab, readElanTab } from '../../../src/formats/elan-tab/read.ts';
import { shown } from '../../support/finding.ts';
import { thrownBy } from '../thrown.ts';

const test = suite("ELAN's tab-delimited text");

function read(...lines: string[]) {
  const text = lines.join('\n');
  assert.ok(isElanTab(text), text);
  const warnings: Warning[] = [];
  const { tiers } = atOnce(
    readElanTab(text, 'talk.txt', { audioSec: 10, warn: (warning) => warnings.push(warning) }),
  );
  const named = tiers.map((tier) => [
    tier.name,
    tier.kind === 'interval'
      ? tier.intervals.map(({ startSec, endSec, text: said }) => `${startSec} ${endSec} ${said}`)
      : [],
  ]);
  return { tiers: Object.fromEntries(named) as Record<string, string[]>, warnings: warnings.map(shown) };
}
const tiersOf = (...lines: string[]) => read(...lines).tiers;
const refusal = (...lines: string[]) => thrownBy(() => read(...lines)).message;

test('a row for each annotation, with tier, participant and all times', () => {
  assert.deepEqual(
    tiersOf(
      'anna\tA.\t00:00:01.830\t1.83\t1830\t00:00:02.500\t2.5\t2500\t00:00:00.670\t0.67\t670\tone two',
      'anna\tA.\t00:00:00.000\t0.0\t0\t00:00:01.830\t1.83\t1830\t00:00:01.830\t1.83\t1830\t',
      'bert\t\t00:01:01.000\t61.0\t61000\t01:00:02.000\t3602.0\t3602000\t00:59:01.000\t3541.0\t3541000\tthree',
    ),
    { anna: ['0 1.83 ', '1.83 2.5 one two'], bert: ['61 3602 three'] },
  );
});

test('any subset of the columns and formats', () => {
  const rows = [
    { begin: 500, end: 1500, said: 'one' },
    { begin: 4000, end: 4500, said: 'two' },
    { begin: 0, end: 500, said: 'first' },
  ];
  const write: Readonly<Record<string, (ms: number) => string>> = {
    clock: (ms) => `00:00:0${(ms / 1000).toFixed(3)}`,
    comma: (ms) => (ms / 1000).toFixed(3).replace('.', ','),
    sec: (ms) => (ms / 1000).toFixed(1),
    ms: String,
  };
  const expected = ['0 0.5 first', '0.5 1.5 one', '4 4.5 two'];
  for (const names of [[], ['anna'], ['anna', 'A.'], ['anna', ''], ['17']]) {
    for (const formats of [
      ['clock'],
      ['sec'],
      ['comma'],
      ['ms'],
      ['clock', 'sec'],
      ['sec', 'ms'],
      ['clock', 'sec', 'ms'],
    ]) {
      for (const kinds of [
        ['begin', 'end'],
        ['begin', 'duration'],
        ['begin', 'end', 'duration'],
      ] as const) {
        const lines = rows.map(({ begin, end, said }) => {
          const times = { begin, end, duration: end - begin };
          return [
            ...names,
            ...kinds.flatMap((kind) => formats.map((format) => write[format]?.(times[kind]))),
            said,
          ].join('\t');
        });
        assert.deepEqual(tiersOf(...lines), { [names[0] ?? 'speaker']: expected }, lines.join('\n'));
      }
    }
  }
});

test('a column for each tier, with the header that ELAN writes in any language', () => {
  const rows = [
    '00:00:00.500\t00:00:01.500\tone\t',
    '00:00:01.000\t00:00:02.000\t\ttwo',
    '00:00:03.000\t00:00:04.000\tthree\tfour',
    '',
  ];
  const expected = { anna: ['0.5 1.5 one', '3 4 three'], bert: ['1 2 two', '3 4 four'] };
  for (const [begin, end] of [
    ['Begin Time', 'End Time'],
    ['Temps de départ', 'temps de fin'],
    ['Anfangszeit', 'Endzeit'],
    ['?', '??'],
  ])
    assert.deepEqual(tiersOf(`${begin} - hh:mm:ss.ms\t${end} - hh:mm:ss.ms\tanna\tbert`, ...rows), expected);
  const durations = rows.map((row) =>
    row.replace(/\t00:00:0\d/, '\t00:00:01').replace('01.500\tone', '01.000\tone'),
  );
  assert.deepEqual(
    tiersOf('Begin Time - hh:mm:ss.ms\tDuration - hh:mm:ss.ms\tanna\tbert\t', ...durations),
    expected,
  );
  const ends = durations.map((row) =>
    row.replace(/^00:00:0(\d)\.(\d+)/, (_, sec: string, ms: string) => `00:00:0${Number(sec) + 1}.${ms}`),
  );
  assert.deepEqual(tiersOf('End Time - hh:mm:ss.ms\tDuration - hh:mm:ss.ms\tanna\tbert', ...ends), expected);
});

test('a header of other words, as people write it', () => {
  assert.deepEqual(tiersOf('tier\tstart\tend\ttext', 'anna\t0.5\t1.5\tone', 'bert\t2.0\t2.5\ttwo'), {
    anna: ['0.5 1.5 one'],
    bert: ['2 2.5 two'],
  });
  const { tiers, warnings } = read(
    'Speaker\tBegin Time - msec\tEnd Time - msec\tsaid\tnotes',
    'anna\t500\t1500\tone\tquiet',
  );
  assert.deepEqual(tiers, { anna: ['0.5 1.5 one'] });
  assert.deepEqual(warnings, ['talk.txt: columns that are not read: "notes"']);
});

test('named columns are what their names say, whatever formats each has', () => {
  const header = 'Tier\tBegin Time - hh:mm:ss.ms\tBegin Time - ss.msec\tDuration - msec\tAnnotation';
  const { tiers, warnings } = read(header, 'anna\t00:00:01.000\t1.0\t500\tone');
  assert.deepEqual([tiers, warnings], [{ anna: ['1 1.5 one'] }, []]);
});

test('a row with a wrong time is reported with its place, wherever it is, and no row is lost', () => {
  const rows = Array.from({ length: 20 }, (_, at) => `anna\t${at}.0\t${at}.5\tone`);
  for (const line of [1, 2, 20]) {
    const wrong = rows.with(line - 1, 'anna\t7.0\t7-5\ttwo');
    assert.match(refusal(...wrong), new RegExp(`talk\\.txt line ${line} column 10: expected a time .*"7-5"`));
  }
});

test('a line of very many TABs takes no longer than another line', () => {
  const text = `${'\t'.repeat(250_000)}one\n${'one\ttwo\n'.repeat(1000)}`;
  const before = process.cpuUsage();
  assert.equal(isElanTab(text), false);
  const { user } = process.cpuUsage(before);
  assert.ok(user < 2_000_000, `${user} microseconds`);
});

test('frequencies that Audacity writes below a label are passed over', () => {
  assert.deepEqual(tiersOf('1.0\t2.0\tone', '\\\t300.0\t500.0', '3.0\t4.0\ttwo'), {
    speaker: ['1 2 one', '3 4 two'],
  });
});

test('lines that name media and files, and empty ones, are passed over', () => {
  assert.deepEqual(
    tiersOf(
      '"#file:///C:/talk.wav -- offset: 0"',
      '#talk.eaf',
      '',
      'anna\t0.5\t1.5\tone\tC:\\talk.eaf',
      '',
      'anna\t2.0\t2.5\ttwo\tC:\\talk.eaf',
      '',
    ),
    { anna: ['0.5 1.5 one', '2 2.5 two'] },
  );
});

test('without ends, an annotation lasts to the next of its tier, and this is reported; without begins, it starts at the last end', () => {
  const { tiers, warnings } = read(
    'anna\t00:00:02.000\ttwo',
    'anna\t00:00:01.000\tone',
    'bert\t00:00:01.500\tthree',
  );
  assert.deepEqual(tiers, { anna: ['1 2 one', '2 10 two'], bert: ['1.5 10 three'] });
  assert.deepEqual(warnings, [
    'talk.txt: has no end times: each annotation was read as lasting to the next one of its tier',
  ]);
  const ends = read('End Time - ss.msec\tanna', '1.0\tone', '2.5\ttwo');
  assert.deepEqual(ends.tiers, { anna: ['0 1 one', '1 2.5 two'] });
  assert.deepEqual(ends.warnings, [
    'talk.txt: has no begin times: each annotation was read as starting at the end of the one before',
  ]);
});

test('intervals have the line and column of their annotation', () => {
  const { tiers } = atOnce(
    readElanTab('\nanna\t0.5\t1.5\tone', 'talk.txt', { audioSec: null, warn: () => assert.fail() }),
  );
  const [tier] = tiers;
  assert.deepEqual(tier?.kind === 'interval' ? tier.intervals : null, [
    { startSec: 0.5, endSec: 1.5, text: 'one', line: 2, column: 14 },
  ]);
});

test('rows that do not fit are reported, all of them, with line and column', () => {
  const rows = Array.from({ length: 250 }, (_, n) => `anna\t${n}.0\t${n}.5\tone`);
  const told = refusal(
    ...rows,
    'anna\t1:30\t300.5\tone',
    'anna\t301.0',
    'anna\t302.0\t302.5\tone\ttwo',
  ).split('\n');
  assert.match(
    told[0] ?? '',
    /^talk\.txt line 251 column 6: expected a time \(ss\.msec\), found "1:30"; correct it, or export/,
  );
  assert.match(told[1] ?? '', /^talk\.txt line 252 column 11: expected a time \(ss\.msec\), found ""/);
  assert.match(
    told[2] ?? '',
    /^talk\.txt line 253 column \d+: expected nothing after the annotation, found "two"; remove TABs/,
  );
  assert.equal(told.length, 3);
});

test('times that can be read in two ways are not guessed', () => {
  assert.match(
    refusal('anna\t5.0\t1.0\tone', 'anna\t7.5\t2.0\ttwo'),
    /^talk\.txt line 1: expected begin and end of each annotation, found two times that may be begin and duration, or end and duration; export/,
  );
  assert.match(refusal('Duration - ss.msec\tanna', '1.0\tone', '2.5\ttwo'), /found none; export/);
  assert.match(refusal('anna\t00:00:01:12\t00:00:02:00\tone'), /found times in frames only; export/);
});

test('rows of several files are reported', () => {
  assert.match(
    refusal('anna\t0.5\t1.5\tone\ta.eaf', 'anna\t0.5\t1.5\tone\tb.eaf'),
    /^talk\.txt line 2 column 18: expected rows of one file, found another, "b\.eaf"; export each file separately$/,
  );
});

test('a plain text is not such a table, even if it has TABs', () => {
  const texts = [
    '',
    'One two three.',
    'Anna:\tone two\nBert:\tthree',
    '1\tone two\n2\tthree',
    'He said\tat 00:00:01.000\tso',
    '0.5 1.5 one',
    `${'word\t'.repeat(100_000)}`,
  ];
  for (const text of texts) assert.equal(isElanTab(text), false, text.slice(0, 40));
});

test.run();
