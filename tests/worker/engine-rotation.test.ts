import assert from 'node:assert/strict';
import { suite } from 'uvu';
import { type Log, silentLog } from '../../src/base/log.ts';
import type { LogFields } from '../../src/base/log-lines.ts';
import type { Engine, EngineHealth } from '../../src/engines/engine.ts';
import { EngineRotation, type RotationTimes } from '../../src/worker/engine-rotation.ts';
import { createTrivial } from '../../testing/trivial-engine.ts';

const test = suite<{ rotations: EngineRotation[] }>('engines in rotation');
test.before.each((context) => {
  context.rotations = [];
});
test.after.each(async ({ rotations }) => {
  for (const rotation of rotations) await rotation.stop();
});

const READY: EngineHealth = { state: 'ready', version: '1', note: 'well' };
const SICK: EngineHealth = { state: 'sick', version: '1', note: 'it hurts' };
const MISSING: EngineHealth = { state: 'missing', version: null, note: 'not there' };
const OFF: EngineHealth = { state: 'off', version: null, note: 'not set' };
/** Long enough never to pass. */
const NEVER: Partial<RotationTimes> = { recheckMs: 2 ** 30, firstWaitMs: 2 ** 30, limitMs: 2 ** 30 };

type Answer = (signal: AbortSignal) => Promise<EngineHealth> | EngineHealth;

/** @param answers - per engine, one for each check; the last one is repeated */
function make(
  context: { rotations: EngineRotation[] },
  answers: Readonly<Record<string, readonly Answer[]>>,
  times: Partial<RotationTimes> = {},
) {
  const trivial = createTrivial('/nowhere');
  const engines = new Map(Object.keys(answers).map((name): [string, Engine] => [name, { ...trivial, name }]));
  const asked = new Map<string, number>();
  const events: string[] = [];
  const note = (level: string) => (event: string, fields?: LogFields) =>
    void events.push(`${level} ${event} ${fields?.['engine']} ${fields?.['state'] ?? ''}`.trim());
  const log: Log = { ...silentLog, debug: note('debug'), info: note('info'), error: note('error') };
  const examine = async ({ name }: Engine, signal: AbortSignal): Promise<EngineHealth> => {
    const count = asked.get(name) ?? 0;
    asked.set(name, count + 1);
    const all = answers[name] ?? [];
    return (all[count] ?? all.at(-1) ?? (() => MISSING))(signal);
  };
  const rotation = new EngineRotation(engines, log, examine, { ...NEVER, ...times });
  context.rotations.push(rotation);
  return { rotation, events, asked };
}

/** Hangs until its signal ends it. */
const hang: Answer = (signal) =>
  new Promise((resolve) => {
    const end = () => resolve({ ...SICK, note: 'the check did not end' });
    if (signal.aborted) end();
    signal.addEventListener('abort', end);
  });

test('only ready engines are in the rotation; the log names sick or missing ones, not those that were never set up', async (context) => {
  const answers = { A: [() => READY], B: [() => SICK], C: [() => MISSING], D: [() => OFF] };
  const { rotation, events } = make(context, answers);
  await rotation.start(() => assert.fail('nothing came back'));
  assert.deepEqual(rotation.missing(), ['B', 'C', 'D']);
  assert.equal(rotation.version('A'), '1');
  assert.deepEqual(events.sort(), [
    'debug engine.examined A ready',
    'debug engine.examined D off',
    'error engine.examined B sick',
    'error engine.examined C missing',
  ]);
});

test('an engine that hangs does not keep the others waiting, and joins when it is found ready', async (context) => {
  const { promise, resolve } = Promise.withResolvers<EngineHealth>();
  const { promise: returned, resolve: onReturned } = Promise.withResolvers<void>();
  const { rotation } = make(context, { A: [() => READY], B: [() => promise] }, { firstWaitMs: 1 });
  await rotation.start(onReturned);
  assert.deepEqual(rotation.missing(), ['B']);
  assert.match(rotation.health.get('B')?.note ?? '', /not ended yet/);
  assert.ok(rotation.health.get('B')?.readyUntil !== undefined);
  resolve(READY);
  await returned;
  assert.deepEqual(rotation.missing(), []);
});

test('a check that does not end is ended by its limit, and the engine is sick', async (context) => {
  const { rotation } = make(context, { A: [hang], B: [() => READY] }, { limitMs: 1 });
  await rotation.start(() => undefined);
  assert.deepEqual(rotation.missing(), ['A']);
  assert.equal(rotation.health.get('A')?.note, 'the check did not end');
});

test('an engine that is out is checked again, and wakes the worker when it is ready', async (context) => {
  const { promise: returned, resolve: onReturned } = Promise.withResolvers<void>();
  const answers = { A: [() => SICK, () => SICK, () => READY], B: [() => READY] };
  const { rotation, events, asked } = make(context, answers, { recheckMs: 1 });
  await rotation.start(onReturned);
  await returned;
  assert.deepEqual(rotation.missing(), []);
  assert.deepEqual([asked.get('A'), asked.get('B')], [3, 1]);
  assert.deepEqual(
    events.filter((event) => event.includes(' A ')),
    ['error engine.examined A sick', 'info engine.examined A ready'],
  );
});

test('an engine is not checked twice at a time', async (context) => {
  const { promise: again, resolve: lookedAgain } = Promise.withResolvers<void>();
  let otherCount = 0;
  const other: Answer = () => {
    otherCount += 1;
    if (otherCount === 5) lookedAgain();
    return SICK;
  };
  const { rotation, asked } = make(context, { A: [hang], B: [other] }, { recheckMs: 1, firstWaitMs: 1 });
  await rotation.start(() => undefined);
  await again;
  assert.equal(asked.get('A'), 1);
});

test('an engine that a task could not start is out until a check finds it ready', async (context) => {
  const { promise: returned, resolve: onReturned } = Promise.withResolvers<void>();
  const { rotation } = make(context, { A: [() => READY] }, { recheckMs: 1 });
  await rotation.start(onReturned);
  rotation.takeOut('A', 'not found');
  assert.deepEqual([rotation.missing(), rotation.health.get('A')?.note], [['A'], 'not found']);
  await returned;
  assert.deepEqual(rotation.missing(), []);
});

test('an engine that is out has the time when it was taken out, not that of the last check', async (context) => {
  const { promise: lookedAgain, resolve } = Promise.withResolvers<void>();
  const sickAgain: Answer = () => {
    setImmediate(resolve);
    return SICK;
  };
  const { rotation } = make(context, { A: [() => READY, sickAgain], B: [() => SICK] }, { recheckMs: 10 });
  await rotation.start(() => undefined);
  assert.equal(rotation.health.get('A')?.readyUntil, undefined);
  assert.equal(rotation.health.get('B')?.readyUntil, undefined);
  rotation.takeOut('A', 'it did not start');
  const readyUntil = rotation.health.get('A')?.readyUntil;
  assert.ok(readyUntil !== undefined && Date.parse(readyUntil) <= Date.now());
  await lookedAgain;
  assert.deepEqual(rotation.health.get('A'), { ...SICK, readyUntil });
});

test('a stop ends running checks and waits for them, also before or during the start', async (context) => {
  let isOver = false;
  const slowToEnd: Answer = async (signal) => {
    const health = await hang(signal);
    await new Promise((resolve) => setImmediate(resolve));
    isOver = true;
    return health;
  };
  const { rotation } = make(context, { A: [slowToEnd] });
  const starting = rotation.start(() => assert.fail('nothing came back'));
  await rotation.stop();
  assert.ok(isOver);
  await starting;
  const early = make(context, { A: [hang] });
  await early.rotation.stop();
  await early.rotation.start(() => undefined);
  assert.deepEqual(early.rotation.missing(), ['A']);
});

test.run();
