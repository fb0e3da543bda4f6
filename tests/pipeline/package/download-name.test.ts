import assert from 'node:assert/strict';
import { test } from 'uvu';
import { downloadName } from '../../../src/pipeline/package/download-name.ts';

const UUID = '6b5c5ccd-77bc-4068-82e3-3c3e97081515';
const nameOf = (taskId: string, ...recordings: string[]) =>
  downloadName({ taskId, number: '57' }, recordings);

test('the zip is named after a readable task name', () => {
  for (const taskId of ['interview-7', 'Anna_2026.03.01', 'day1', 'deed', 'B2', 'Dialektinterviews2026Teil2'])
    assert.equal(nameOf(taskId, 'talk'), `${taskId}.zip`);
});

test('otherwise the zip is named after the recording, with the number of the task', () => {
  const ids = [
    UUID,
    UUID.toUpperCase(),
    UUID.replaceAll('-', ''),
    `job-${UUID}`,
    '57',
    '507f1f77bcf86cd799439011',
  ];
  for (const taskId of [...ids, '01HV3QZ8M4X7Y2K9B5N6P1R0ST', 'task_01HV3QZ8M4X7Y2K9B5N6P1R0ST'])
    assert.equal(nameOf(taskId, 'talk'), 'talk-57.zip', taskId);
  assert.equal(nameOf(UUID, 'day 1/interview', 'day 1/story', 'word list'), 'interview-and-2-more-57.zip');
});

test('letters of all scripts stay, and characters that are unsafe in file names or URLs are replaced', () => {
  assert.equal(nameOf(UUID, 'Größe, 2. Teil (neu)'), 'Größe-2.-Teil-neu-57.zip');
  assert.equal(nameOf(UUID, 'intervju\u030a'), 'intervj\u016f-57.zip');
  assert.equal(nameOf(UUID, 'интервью'), 'интервью-57.zip');
  assert.equal(nameOf(UUID, '録音 一'), '録音-一-57.zip');
  assert.equal(nameOf(UUID, 'a"b;c\r\nd\\e%f'), 'a-b-c-d-e-f-57.zip');
  assert.equal(nameOf(UUID, 'gnp\u202ezip'), 'gnp-zip-57.zip');
  assert.equal(nameOf(UUID, '.hidden'), 'hidden-57.zip');
  assert.equal(nameOf(UUID, '../..'), 'result-57.zip');
  assert.equal(nameOf(UUID, '🎤'), 'result-57.zip');
  assert.equal(nameOf(UUID), 'result-57.zip');
  assert.equal(nameOf('con', 'talk'), '_con.zip');
  assert.equal(nameOf(UUID, 'con'), 'con-57.zip');
});

test('a long name is cut between characters, and keeps its number and its end', () => {
  assert.equal(nameOf(UUID, 'a'.repeat(300)), `${'a'.repeat(100)}-57.zip`);
  assert.equal(nameOf(UUID, '録'.repeat(300)), `${'録'.repeat(33)}-57.zip`);
  const longest = 'x'.repeat(100);
  assert.equal(nameOf(longest, 'talk'), `${longest}.zip`);
});

test.run();
