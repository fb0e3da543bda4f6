import assert from 'node:assert/strict';
import { test } from 'uvu';
import { plural } from '../../src/base/count-text.ts';
import type { Language } from '../../src/lexicon/language.ts';
import { describeUnknownWords } from '../../src/lexicon/unknown-words.ts';
import { apiFilter, formatFilter, NO_FILTER, parseFilter } from '../../src/page/filter.ts';
import { findLanguages } from '../../src/page/home/find-languages.ts';
import { findingText } from '../../src/page/parts/finding-words.ts';
import { dayName, groupByDay, momentWords, relativeTime } from '../../src/page/times.ts';
import type { Task } from '../../src/page/types.ts';
import { describeState, ordinal, taskName } from '../../src/page/words.ts';

const NOW = new Date(2026, 2, 11, 12, 0, 0).getTime();
const before = (sec: number): string => new Date(NOW - sec * 1000).toISOString();
const DAY = 86_400;

const TASK: Task = {
  ...{ id: 't1', user: 'ann', name: 'talk', lang: 'engUS_SPHINX_v010', engine: null, status: 'uploaded' },
  ...{ stage: null, progress: 0, priority: 0, cancel_requested: false, files: 2, words: null },
  ...{
    missing_words: null,
    audio_seconds: null,
    size_bytes: null,
    created_at: before(0),
    not_before: null,
    queued_at: null,
  },
  ...{ started_at: null, finished_at: null, attempts: 0, note: null, error: null, fault_count: 0 },
  ...{ warning_count: 0, position: null, seconds_left: null, result: null, formats: null },
};

test('a filter is the same after it was written into the address and read again', () => {
  const filter = parseFilter('?state=failed,running&user=ann&q=old+tape&since=2026-03-01&until=31.3.&x=1');
  assert.deepEqual(filter, {
    ...NO_FILTER,
    ...{ statuses: ['failed', 'processing'], user: 'ann', q: 'old tape', since: '2026-03-01' },
  });
  assert.equal(formatFilter(filter), '?state=running,failed&user=ann&q=old+tape&since=2026-03-01');
  assert.equal(formatFilter(parseFilter('?state=nonsense')), '');
});

test('the API gets whole days as times, including the last day', () => {
  const { since = '', until = '' } = apiFilter(parseFilter('?since=2026-03-01&until=2026-03-01'));
  assert.equal(Date.parse(until) - Date.parse(since), DAY * 1000);
});

test('a status is shown in plain words', () => {
  assert.equal(describeState({ ...TASK, position: 3, seconds_left: 230 }), '3rd in line, about 4 min left');
  assert.equal(describeState({ ...TASK, position: 1 }), 'next in line');
  const later = new Date(2999, 2, 1, 22).toISOString();
  assert.equal(describeState({ ...TASK, not_before: later }), 'not before 2999-03-01 22:00:00');
  const running = {
    ...TASK,
    status: 'processing' as const,
    stage: 'align',
    progress: 0.449,
    seconds_left: 20,
  };
  assert.equal(describeState(running), 'aligning, 44 %, about 20 s left');
  const done = { ...TASK, status: 'completed' as const, warning_count: 1, missing_words: 2 };
  assert.equal(describeState(done), '1 warning, 2 words not aligned');
});

test('a finding names a fix of the page, not options of a command', () => {
  const unknown = describeUnknownWords(
    'W_WORD_UNKNOWN',
    [{ word: 'zorblax' }],
    { displayName: 'English (US)' } as Language,
    { dictionary: 'ann/dic/engUS.dict', consequence: 'it counts as unknown sound;' },
  );
  assert.deepEqual(
    unknown.map(({ text }) => findingText(text)),
    [
      '"zorblax" is not in the dictionary of English (US); it counts as unknown sound; ' +
        'write its pronunciation in the table of unknown words before you align',
    ],
  );
  const plain = 'expected audio, found an empty file; copy or record it again';
  assert.equal(findingText(plain), plain);
});

test('numbers are written as people write them', () => {
  assert.deepEqual([1, 2, 3, 4, 11, 12, 13, 21, 112, 1002].map(ordinal), [
    ...['1st', '2nd', '3rd', '4th', '11th', '12th', '13th', '21st', '112th', '1,002nd'],
  ]);
  assert.equal(plural(1, 'file'), '1 file');
  assert.equal(plural(12_034, 'file'), '12,034 files');
});

test('a long id in place of a name is cut', () => {
  const id = '5732ec03-0000-4000-8000-000000000000';
  assert.equal(taskName({ id, name: id }), '5732ec03');
  assert.equal(taskName({ id, name: 'talk' }), 'talk');
});

test('times are relative first, then of the day, under the name of their day', () => {
  assert.equal(relativeTime(before(10), NOW), 'just now');
  assert.equal(relativeTime(before(240), NOW), '4 min ago');
  assert.equal(relativeTime(before(2 * 3600), NOW), '2 h ago');
  assert.equal(relativeTime(before(11 * 3600), NOW), '01:00');
  assert.equal(momentWords(before(240), NOW), '4 min ago');
  assert.equal(momentWords(before(11 * 3600), NOW), '01:00');
  assert.equal(momentWords(before(DAY), NOW), 'Yesterday, 12:00');
  assert.deepEqual(
    [0, DAY, 2 * DAY, 20 * DAY, 400 * DAY].map((sec) => dayName(before(sec), NOW)),
    ['Today', 'Yesterday', 'Monday', '19 February', '4 February 2025'],
  );
  const groups = groupByDay([before(1), before(2), before(DAY)], (at) => at, NOW);
  assert.deepEqual(
    groups.map(([day, items]) => `${day} ${items.length}`),
    ['Today 2', 'Yesterday 1'],
  );
});

test('a language is found by name, code or engine, accents left aside', () => {
  const of = (code: string, name: string, engine: string) => ({ code, name, engines: [engine] });
  const known = [
    of('engUS_SPHINX_v010', 'English (US)', 'SPHINX'),
    of('fraFR_MFA2_v010', 'Français', 'MFA2'),
    of('engGB_MFA2_v010', 'English (UK)', 'MFA2'),
  ];
  const codes = (typed: string): string[] => findLanguages(known, typed).map(({ code }) => code);
  assert.deepEqual(codes('francais'), ['fraFR_MFA2_v010']);
  assert.deepEqual(codes('english mfa2'), ['engGB_MFA2_v010']);
  assert.deepEqual(codes('mfa2'), ['engGB_MFA2_v010', 'fraFR_MFA2_v010']);
  assert.equal(codes('').length, 3);
  assert.deepEqual(codes('klingon'), []);
});

test.run();
