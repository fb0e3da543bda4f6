import assert from 'node:assert/strict';
import { test } from 'uvu';
import { estimateWork } from '../../src/tasks/work-estimate.ts';

const WORK = { recordingCount: 10, speechSec: 1000 };

test('an engine that starts once for a task costs one start, one that starts for each recording as many', () => {
  const cost = { startSec: 2, perSpeechSec: 0.01 };
  assert.equal(estimateWork({ cost: { ...cost, startsFor: 'task' } }, WORK), 12);
  assert.equal(estimateWork({ cost: { ...cost, startsFor: 'recording' } }, WORK), 30);
});

test('nothing to align takes no time, and of an engine that was never measured nothing is said', () => {
  const cost = { startSec: 2, startsFor: 'task', perSpeechSec: 1 } as const;
  assert.equal(estimateWork({ cost }, { recordingCount: 0, speechSec: 0 }), 0);
  assert.equal(estimateWork({}, WORK), null);
});

test.run();
