import assert from 'node:assert/strict';
import { test } from 'uvu';
import { estimateWork } from '../../src/tasks/work-estimate.ts';

const WORK = { recordingCount: 10, speechSec: 1000, longSec: 0 };

test('an engine that starts once for a task costs one start, one that starts for each recording as many', () => {
  const cost = { startSec: 2, perSpeechSec: 0.01 };
  assert.equal(estimateWork({ cost: { ...cost, startsFor: 'task' } }, WORK), 12);
  assert.equal(estimateWork({ cost: { ...cost, startsFor: 'recording' } }, WORK), 30);
});

test('an utterance that has to be divided first costs more, if the engine says so', () => {
  const cost = { startSec: 2, startsFor: 'task', perSpeechSec: 0.01 } as const;
  assert.equal(estimateWork({ cost: { ...cost, perLongSec: 0.02 } }, { ...WORK, longSec: 500 }), 22);
  assert.equal(estimateWork({ cost }, { ...WORK, longSec: 500 }), 12);
});

test('nothing to align takes no time, and of an engine that was never measured nothing is said', () => {
  const cost = { startSec: 2, startsFor: 'task', perSpeechSec: 1 } as const;
  assert.equal(estimateWork({ cost }, { recordingCount: 0, speechSec: 0, longSec: 0 }), 0);
  assert.equal(estimateWork({}, WORK), null);
});

test.run();
