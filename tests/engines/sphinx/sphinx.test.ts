import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'uvu';
import type {
  AlignedTier,
  AlignedWord,
  AlignmentFile,
  EngineContext,
  Utterance,
} from '../../../src/engines/engine.ts';
import { createSphinx } from '../../../src/engines/sphinx/sphinx.ts';
import { readMonoPcm16AsFloat } from '../../../src/formats/wav-pcm.ts';
import type { Pronunciation } from '../../../src/lexicon/language.ts';
import { makeWav } from '../../../testing/wav.ts';
import { PRONUNCIATIONS, SENTENCES, SPEECH_DIR, type SpokenWord, speechFile } from '../../support/speech.ts';
import { engineConformance } from '../conformance.ts';

const BIN = path.resolve(import.meta.dirname, '../../fixtures/bin');
const engine = createSphinx();
const standIn = createSphinx({ env: {}, childPath: path.join(BIN, 'proc-sphinx-child.mjs') });
const [english, french] = engine.builtInLanguages;
const root = mkdtempSync(path.join(os.tmpdir(), 'autophon-sphinx-'));
const NEAR_SEC = 0.05;
const FAR_SEC = 0.2;

test.after(() => rmSync(root, { recursive: true, force: true }));

test('word boundaries are where the synthesiser put them', async () => {
  const tiers = await align([speechFile('one'), speechFile('two')]);
  assertNear(
    wordsOf(tiers),
    [...SENTENCES.one, ...SENTENCES.two].flatMap(({ spoken }) => spoken),
  );
});

test('a recording at a rate that the engine does not accept is lost alone', async () => {
  const strange = { ...speechFile('two', 'strange'), sampleRateHz: 20_000 };
  const context = makeContext();
  const tiers = await align([strange, speechFile('one')], context);
  assertNear(
    wordsOf(tiers),
    SENTENCES.one.flatMap(({ spoken }) => spoken),
  );
  assert.match(readFileSync(context.logPath, 'utf8'), /expected audio of 16000 Hz, found 20000 Hz/);
});

test('a word without a known pronunciation is found between the words beside it, with one phone', async () => {
  const unknown = new Set(['engine', 'train']);
  const pronunciations: Pronunciation[] = PRONUNCIATIONS.map(({ word, phones }) =>
    unknown.has(word) ? { word, phones: [engine.unknownPhone ?? ''] } : { word, phones },
  );
  const words = wordsOf(await align([speechFile('one')], {}, pronunciations));
  assertNear(
    words,
    SENTENCES.one.flatMap(({ spoken }) => spoken),
    0.85,
  );
  for (const { label, phones } of words) {
    if (unknown.has(label))
      assert.deepEqual(
        phones.map((phone) => phone.label),
        ['spn'],
      );
    else assert.ok(!phones.some((phone) => phone.label === 'spn'), label);
  }
});

test('French with accents and apostrophes is aligned', async () => {
  assert.ok(french);
  const lines = [
    "l' ll",
    'été ei tt ei',
    'le ll ee',
    'garçon gg aa rr ss on',
    'dort dd oo rr',
    'près pp rr ai',
    'de dd ee',
    'la ll aa',
    'forêt ff oo rr ai',
  ];
  const pronunciations = lines.map((line) => {
    const [word = '', ...phones] = line.split(' ');
    return { word, phones };
  });
  const words = "l' été le garçon dort près de la forêt".split(' ');
  const file = fileOf('french.wav', 2.66, [{ startSec: 0, endSec: 2.66, words }]);
  const tiers = await engine.align({ language: french, pronunciations, files: [file] }, makeContext());
  assert.deepEqual(
    wordsOf(tiers).map(({ label }) => label),
    words,
  );
  assert.deepEqual(
    wordsOf(tiers)[3]?.phones.map(({ label }) => label),
    ['gg', 'aa', 'rr', 'ss', 'on'],
  );
});

test('an utterance of minutes is aligned as well as its sentences, with a long silence in it', async () => {
  const { file, spoken } = await makeLong(5, 130);
  assert.ok(file.durationSec > 170);
  const shares: number[] = [];
  const tiers = await align([file], { report: (share) => shares.push(share) });
  assertNear(wordsOf(tiers), spoken);
  // Half of the work is to find where the audio can be cut. It reports progress minute by minute.
  assert.ok(
    shares.some((share) => share > 0.25 && share < 0.45),
    shares.join(' '),
  );
  assert.equal(shares.at(-1), 1);
});

for (const [what, times] of [
  ['some seconds', 1],
  ['more than half a minute', 4],
] as const) {
  test(`in an utterance of ${what}, a sentence that is not said loses no other word, and a missing sentence is reported`, async () => {
    const { file, spoken } = await makeLong(times, 1);
    const [utterance] = file.tiers[0]?.utterances ?? [];
    assert.ok(utterance !== undefined);
    const extra = SENTENCES.one.flatMap(({ words }) => words);
    const place = spoken.length / 2;
    const alignText = (words: readonly string[]) =>
      align([{ ...file, tiers: [{ id: 't', utterances: [{ ...utterance, words }] }] }]);
    const [more] = await alignText(utterance.words.toSpliced(place, 0, ...extra));
    const said = more?.words.filter(({ at = 0 }) => at < place || at >= place + extra.length) ?? [];
    assertNear(said, spoken);
    assert.equal(more?.words.length, said.length);
    const count = SENTENCES.two[0]?.words.length ?? 0;
    const [fewer] = await alignText(utterance.words.toSpliced(place, count));
    assertNear(fewer?.words ?? [], spoken.toSpliced(place, count));
    const [gap] = fewer?.unwritten ?? [];
    assert.ok(Math.abs((gap?.startSec ?? 0) - (spoken[place]?.startSec ?? 0)) < 0.5, JSON.stringify(gap));
    assert.equal(fewer?.unwritten?.length, 1);
  });
}

test('an utterance with the wrong text is missing or marked as doubtful', async () => {
  const [first] = SENTENCES.one;
  const other = SENTENCES.two[0]?.words ?? [];
  const wrong = { startSec: 0, endSec: first?.endSec ?? 0, words: [...other, ...other.toReversed()] };
  const [tier] = await align([fileOf('one.wav', 4.58, [wrong])]);
  assert.ok(tier?.words.length === 0 || (tier?.doubts ?? []).length > 0);
});

test('no words are invented in noise, and the log says why', async () => {
  const audioPath = path.join(root, 'noise.wav');
  let state = 1;
  const noise = Float64Array.from({ length: 48_000 }, () => {
    state = (state * 48_271) % 2_147_483_647;
    return (state / 2_147_483_647 - 0.5) * 0.3;
  });
  writeFileSync(audioPath, makeWav({ samples: noise }));
  const words = Array.from({ length: 12 }, () => 'different');
  const context = makeContext();
  const file = { ...fileOf('one.wav', 3, [{ startSec: 0, endSec: 3, words }]), audioPath };
  const [tier] = await engine.align(requestOf([file]), context);
  assert.ok(tier?.words.length === 0 || (tier?.doubts ?? []).length > 0);
  assert.match(readFileSync(context.logPath, 'utf8'), /started, process/);
});

test('a crash loses only the utterance that the child was working on', async () => {
  const pids: number[] = [];
  const file = fileOf('one.wav', 60, [
    said(0, 3),
    said(3, 13),
    said(6, 4),
    said(9, 16),
    said(12, 5),
    said(15, 15),
  ]);
  const context = makeContext({ coreCount: 1, onStart: (pid) => pids.push(pid) });
  const [tier] = await standIn.align(requestOf([file]), context);
  assert.deepEqual(
    tier?.words.map(({ startSec }) => Math.floor(startSec / 3) * 3),
    [0, 0, 0, 6, 6, 6, 6, 12, 12, 12, 12, 12],
  );
  assert.equal(pids.length, 3);
  const log = readFileSync(context.logPath, 'utf8');
  assert.match(log, /one\.wav 3\.00-6\.00 s: the decoder crashed/);
  assert.match(log, /one\.wav 15\.00-18\.00 s: no path/);
});

test('a crash in a stretch of a long utterance loses that stretch only', async () => {
  const [tier] = await standIn.align(requestOf([fileOf('one.wav', 60, [said(0, 25, 40)])]), makeContext());
  assert.deepEqual([tier?.words.length, tier?.words[0]?.startSec], [12, 0]);
});

test('when every utterance crashes the child, the engine has failed', async () => {
  const run = standIn.align(requestOf([fileOf('one.wav', 60, [said(0, 13), said(3, 13)])]), makeContext());
  await assert.rejects(run, { code: 'E_ENGINE_FAILED', message: /exit 255/ });
});

test('a model that cannot be loaded is a failure of the engine', async () => {
  assert.ok(english);
  const language = { ...english, acousticModelPath: root };
  const run = engine.align({ ...requestOf([speechFile('one')]), language }, makeContext());
  await assert.rejects(run, { code: 'E_ENGINE_FAILED', message: /exit 1: ENOENT: .*feat_params\.json/ });
});

test('it uses its share of cores where there is enough to do', async () => {
  for (const [coreCount, utteranceCount, childCount] of [
    [1, 12, 1],
    [3, 12, 3],
    [8, 2, 1],
  ] as const) {
    const pids: number[] = [];
    const utterances = Array.from({ length: utteranceCount }, (_, at) => said(at * 9, 3, 9));
    const context = makeContext({ coreCount, onStart: (pid) => pids.push(pid) });
    await standIn.align(requestOf([fileOf('one.wav', 120, utterances)]), context);
    assert.equal(pids.length, childCount);
  }
});

test('when one child exceeds the time limit, all are ended', async () => {
  const utterances = Array.from({ length: 12 }, (_, at) => said(at * 9, at === 0 ? 14 : 3, 9));
  const context = makeContext({ coreCount: 2, timeoutSec: 1 });
  const run = standIn.align(requestOf([fileOf('one.wav', 120, utterances)]), context);
  await assert.rejects(run, { code: 'E_ENGINE_TIMEOUT' });
});

test('the built-in languages have all that a task needs', () => {
  for (const { code, dictionaryPath, phones, ipa, citation } of engine.builtInLanguages) {
    const lines = readFileSync(dictionaryPath, 'utf8').split('\n');
    const used = new Set(
      lines.filter((line) => !line.startsWith(';;')).flatMap((line) => line.split(' ').slice(1)),
    );
    assert.deepEqual(
      [...used].filter((phone) => phone !== '' && !phones.has(phone)),
      [],
      code,
    );
    assert.deepEqual(
      [...phones].filter((phone) => !ipa.has(phone)),
      [],
      code,
    );
    assert.match(citation ?? '', /SoundSwallower/);
  }
});

test.run();

engineConformance(
  'SPHINX',
  {
    working: () => engine,
    hanging: () => createSphinx({ env: {}, childPath: path.join(BIN, 'proc-hang.mjs') }),
    missing: () => createSphinx({ env: {}, packageDir: path.join(root, 'nowhere') }),
  },
  {
    ...requestOf([]),
    files: [speechFile('one'), speechFile('two')],
    hopeless: { startSec: 0, endSec: 0.2, words: Array.from({ length: 20 }, () => 'different') },
  },
);

function requestOf(
  files: readonly AlignmentFile[],
  pronunciations: readonly Pronunciation[] = PRONUNCIATIONS,
) {
  assert.ok(english);
  return { language: english, pronunciations, files };
}

function align(
  files: readonly AlignmentFile[],
  changes: Partial<EngineContext> = {},
  pronunciations: readonly Pronunciation[] = PRONUNCIATIONS,
): Promise<AlignedTier[]> {
  return engine.align(requestOf(files, pronunciations), makeContext(changes));
}

function makeContext(changes: Partial<EngineContext> = {}): EngineContext {
  const workDir = mkdtempSync(path.join(root, 'run-'));
  return {
    workDir,
    logPath: `${workDir}.log`,
    coreCount: 2,
    timeoutSec: 600,
    silenceSec: 600,
    signal: new AbortController().signal,
    report: () => undefined,
    ...changes,
  };
}

function fileOf(name: string, durationSec: number, utterances: readonly Utterance[]): AlignmentFile {
  const audioPath = path.join(SPEECH_DIR, name);
  return { id: 'a', audioPath, sampleRateHz: 16_000, durationSec, tiers: [{ id: 't', utterances }] };
}

/** An utterance with a given number of words, for the stand-in. */
function said(startSec: number, wordCount: number, durationSec = 3): Utterance {
  return { startSec, endSec: startSec + durationSec, words: Array.from({ length: wordCount }, () => 'the') };
}

/** The sentences of a file, repeated as one utterance, with a silence in the middle. */
async function makeLong(
  times: number,
  silenceSec: number,
): Promise<{ file: AlignmentFile; spoken: SpokenWord[] }> {
  const { durationSec } = speechFile('two');
  const speech = await readMonoPcm16AsFloat(speechFile('two').audioPath, 0, durationSec);
  const silence = new Float32Array(silenceSec * 16_000);
  const parts = Array.from({ length: times * 2 }, () => speech).toSpliced(times, 0, silence);
  const audioPath = path.join(root, 'long.wav');
  writeFileSync(audioPath, makeWav({ samples: parts.flatMap((part) => [...part]) }));
  const sentences = SENTENCES.two.flatMap(({ spoken }) => spoken);
  const spoken = Array.from({ length: times * 2 }, (_, at) => {
    const offsetSec = (at * speech.length) / 16_000 + (at < times ? 0 : silenceSec);
    return sentences.map(({ label, startSec, endSec }) => ({
      label,
      startSec: startSec + offsetSec,
      endSec: endSec + offsetSec,
    }));
  }).flat();
  const totalSec = (speech.length * times * 2) / 16_000 + silenceSec;
  const utterance = { startSec: 0, endSec: totalSec, words: spoken.map(({ label }) => label) };
  return { file: { ...fileOf('two.wav', totalSec, [utterance]), audioPath }, spoken };
}

function wordsOf(tiers: readonly AlignedTier[]): AlignedWord[] {
  return tiers.flatMap(({ words }) => words);
}

/** @param nearShare - share of the boundaries that must be near; none may be far */
function assertNear(words: readonly AlignedWord[], spoken: readonly SpokenWord[], nearShare = 0.9): void {
  assert.deepEqual(
    words.map(({ label }) => label),
    spoken.map(({ label }) => label),
  );
  const errorsSec = words.flatMap(({ startSec, endSec }, at) => [
    Math.abs(startSec - (spoken[at]?.startSec ?? 0)),
    Math.abs(endSec - (spoken[at]?.endSec ?? 0)),
  ]);
  const nearCount = errorsSec.filter((sec) => sec <= NEAR_SEC).length;
  assert.ok(nearCount >= nearShare * errorsSec.length, `${nearCount} of ${errorsSec.length} boundaries near`);
  assert.ok(Math.max(...errorsSec) < FAR_SEC, `${Math.max(...errorsSec)} s`);
}
