import assert from 'node:assert/strict';
import { test } from 'uvu';
import { faultsIn, recordingsOf, tiersOf, warningsOf } from './read-table.ts';

test('chosen columns are read by their names, in capitals or not, with or without unit', () => {
  const table = 'Äußerung;Anf_ang (ms);Wer;Schluss\nso;500;Anna;1,5\n';
  const columns = 'text=äußerung,begin=anf ang,end=Schluss,speaker=WER';
  assert.deepEqual(tiersOf(table, { columns }), { Anna: ['0.5-1.5 so'] });
  assert.deepEqual(warningsOf(table, { columns }), []);
});

test('chosen columns are read by letter or number, and a first row without times has names', () => {
  const columns = 'begin=B,end=3,text=A';
  assert.deepEqual(tiersOf('x;y;z\nso;0,5;1,5\n', { columns }), { speaker: ['0.5-1.5 so'] });
  assert.deepEqual(tiersOf('so;0,5;1,5\nit;1,5;2\n', { columns }), { speaker: ['0.5-1.5 so', '1.5-2 it'] });
  assert.deepEqual(tiersOf('so, it, was;0,5;1,5\n', { columns }), { speaker: ['0.5-1.5 so, it, was'] });
  // A text in the first row that is also the name of a column.
  assert.deepEqual(tiersOf('text;0,5;1,5\n', { columns }), { speaker: ['0.5-1.5 text'] });
  assert.deepEqual(recordingsOf('talk.wav,so\nb.wav,it\n', 'all.csv', 'file=A,text=B'), {
    '1 talk.wav': { speaker: ['0-10 so'] },
    '2 b.wav': { speaker: ['0-10 it'] },
  });
});

test('the other columns are found by their names', () => {
  const columns = 'text=Corrected';
  const table = 'start,stop,text,corrected,notes\n0.5,1.5,no,so,x\n';
  assert.deepEqual(tiersOf(table, { columns }), { speaker: ['0.5-1.5 so'] });
  assert.deepEqual(warningsOf(table, { columns }), [
    'W_TRANSCRIPT_READ talk.csv line 1: columns that are not read: "text", "notes"; ' +
      'columns that are read: "start" (begin), "stop" (end), "corrected" (text)',
  ]);
  assert.deepEqual(tiersOf('begin,end,dur,text\n0.5,9,1,so\n', { columns: 'duration=dur' }), {
    speaker: ['0.5-1.5 so'],
  });
});

test('a choice decides between two columns of one kind', () => {
  const table = 'begin,end,text,transcription\n0.5,1.5,no,so\n';
  assert.match(faultsIn(table)[0] ?? '', /expected one column for text/);
  assert.deepEqual(tiersOf(table, { columns: 'text=transcription' }), { speaker: ['0.5-1.5 so'] });
});

test('a chosen column that is not there is a fault with what is', () => {
  const table = 'begin,end,text\n0.5,1.5,so\n';
  const fault = (columns: string, content = table) => faultsIn(content, 'talk.csv', columns)[0];
  assert.equal(
    fault('text=Trans'),
    'E_TRANSCRIPT_MALFORMED talk.csv line 1: expected the column that was chosen for text, "Trans", found "begin", "end", "text"; ' +
      'correct the choice or the table',
  );
  assert.match(fault('text=D') ?? '', /expected the column that was chosen for text, "D", found/);
  assert.match(
    fault('text=a', 'a,A,begin\n') ?? '',
    /line 1 column 1: expected one column called "a".* found several/,
  );
  assert.match(fault('text=A,begin=begin') ?? '', /line 1 column 1: .*"begin" chosen for two/);
});

test.run();
