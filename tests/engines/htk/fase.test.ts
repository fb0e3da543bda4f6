import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { suite } from 'uvu';
import type { AlignedTier, AlignmentFile, EngineContext } from '../../../src/engines/engine.ts';
import { createFase } from '../../../src/engines/htk/fase.ts';
import { readTextGrid } from '../../../src/formats/textgrid/read.ts';
import { type FaseMode, installFase } from '../../../testing/fase.ts';
import {
  createScene,
  fileOf,
  requestOf,
  type Said,
  type Scene,
  textsOf,
  type WavOptions,
  writeStandIn,
  writeWav,
} from '../../../testing/htk.ts';

const DICTIONARY = ['la l a', 'casa k a s a', 'río R i o', 'río r i o', 'sí s i', 'año a NY o'];

interface Setup {
  scene: Scene;
  wav: string;
}

const test = suite<Setup>('faseAlign');
test.before.each(async (setup) => {
  setup.scene = await createScene();
  setup.wav = path.join(setup.scene.dir, 'a.wav');
  await writeWav(setup.wav, 30);
});
test.after.each(({ scene }) => scene.remove());

interface Run {
  readonly mode?: FaseMode;
  readonly tools?: readonly string[];
  readonly dictionary?: readonly string[];
  readonly context?: Partial<EngineContext>;
}

async function align({ scene }: Setup, files: AlignmentFile[], run: Run = {}): Promise<AlignedTier[]> {
  const fase = createFase(await installFase(scene.dir, run.mode, run.tools));
  const context = await scene.context(run.context);
  return fase.align(requestOf('FASE', run.dictionary ?? DICTIONARY, files), context);
}

const readInput = (scene: Scene, file: string): Promise<string> =>
  readFile(path.join(scene.dir, 'run1', 'f1', 'p1', file), 'utf8');

test('every tier comes back with its words, their phones and times, in order', async (setup) => {
  const tiers = await align(setup, [
    fileOf(
      'a',
      setup.wav,
      [
        [1, 2, 'la casa'],
        [4, 6, 'sí'],
      ],
      [[1.5, 3, 'año']],
    ),
  ]);
  assert.deepEqual(textsOf(tiers), ['a-t1: la casa sí', 'a-t2: año']);
  const year = tiers.find((tier) => tier.tierId === 'a-t2')?.words[0];
  assert.deepEqual(
    year?.phones.map((phone) => phone.label),
    ['a', 'NY', 'o'],
  );
  assert.ok(year !== undefined && year.startSec > 1.5 && year.endSec < 3);
});

test('faseAlign gets a full-length tier per speaker and a dictionary of capital tokens with silence', async (setup) => {
  await align(setup, [
    fileOf(
      'a',
      setup.wav,
      [
        [1, 2, 'la río'],
        [3.25, 30, 'la'],
      ],
      [[0, 1, 'sí']],
    ),
  ]);
  const grid = readTextGrid(await readInput(setup.scene, 'a.TextGrid'), 'a.TextGrid');
  const tiers = grid.tiers.map((tier) => [
    tier.name,
    tier.kind === 'interval' && tier.intervals.map(({ startSec, endSec, text }) => [startSec, endSec, text]),
  ]);
  assert.deepEqual(tiers, [
    [
      'S1',
      [
        [0, 1, ''],
        [1, 2, 'XAAA XAAC'],
        [2, 3.25, ''],
        [3.25, 30, 'XAAA'],
      ],
    ],
    [
      'S2',
      [
        [0, 1, 'XAAD'],
        [1, 30, ''],
      ],
    ],
  ]);
  assert.equal(
    await readInput(setup.scene, 'd.dict'),
    'XAAA l a\nXAAC R i o\nXAAC r i o\nXAAD s i\nsp sp\n{SIL} sil\n',
  );
});

test('a tenth speaker is not taken for the second, though faseAlign sorts them by name', async (setup) => {
  const spoken = ['la', 'casa', 'río', 'sí', 'año', 'la', 'casa', 'río', 'sí', 'año', 'la'];
  const file = fileOf('a', setup.wav, ...spoken.map((word): Said[] => [[1, 2, word]]));
  const texts = textsOf(await align(setup, [file]));
  assert.deepEqual(texts, spoken.map((word, i) => `a-t${i + 1}: ${word}`).sort());
});

test('words with punctuation, line breaks and XXX, which faseAlign would drop or join, are aligned', async (setup) => {
  const dictionary = ['¿qué? k e', 'a\nb a b', 'xxx e k i s', '{SIL} s i l', '/ b a rr'.replace('rr', 'R a')];
  const words = dictionary.map((line) => line.split(' ')[0] ?? '');
  const tiers = await align(setup, [fileOf('a', setup.wav, [[1, 4, words.join(' ')]])], { dictionary });
  assert.deepEqual(textsOf(tiers), [`a-t1: ${words.join(' ')}`]);
});

test('a word that faseAlign does not know is named, though it was in the dictionary', async (setup) => {
  const settings = await installFase(setup.scene.dir);
  const code = `stand.faseAlign(argv.map((arg) => (arg === 'd.dict' ? '../../../other.dict' : arg)))`;
  await writeStandIn(settings.command, 'faseAlign.mjs', code);
  await writeFile(path.join(setup.scene.dir, 'other.dict'), 'XAAA l a\nsp sp\n{SIL} sil\n');
  const request = requestOf('FASE', DICTIONARY, [fileOf('a', setup.wav, [[1, 2, 'la casa año']])]);
  await assert.rejects(createFase(settings).align(request, await setup.scene.context()), {
    code: 'E_ENGINE_FAILED',
    message: /did not find words in the dictionary that it was given: casa, año; /,
  });
});

test('exit 0 without a result is a failure', async (setup) => {
  const file = fileOf('a', setup.wav, [[1, 2, 'la']]);
  await assert.rejects(align(setup, [file], { mode: { noOutput: true } }), {
    code: 'E_ENGINE_FAILED',
    message: /faseAlign ended with exit status 0 and left no result; it wrote nothing/,
  });
});

test('faseAlign as published, which extends its own dictionary, gives the same result as one with the option -d', async (setup) => {
  const file = fileOf('a', setup.wav, [[1, 2, 'la río casa']], [[4, 5, 'año sí']]);
  // Not words of a language. They would equal the driver's tokens if those had four letters.
  const ownWords = ['XAAA p', 'XAAB p', 'XAAC p', 'XAAD p', 'XAAE p'];
  const plain = await align(setup, [file], { mode: { plain: true, ownWords } });
  assert.match(await readInput(setup.scene, 'd.dict'), /^XAAAAA l a\n/);
  assert.doesNotMatch(await readInput(setup.scene, 'd.dict'), /SIL/);
  assert.deepEqual(plain, await align(setup, [file]));
});

test('its rules spell out words of Spanish letters, whether it has the option -d or not', async (setup) => {
  const words = ['queso', 'chorro', 'niñez', 'over-all', 'casa'];
  for (const plain of [false, true]) {
    const fase = createFase(await installFase(setup.scene.dir, { plain }));
    const told = (await fase.pronounceByRules?.(words, await setup.scene.context())) ?? [];
    assert.deepEqual(
      told.map(({ word, phones }) => `${word}: ${phones.join(' ')}`),
      // It does not spell out words that its own dictionary has; with -p, the other dictionary replaces it.
      ['queso: k e s o', 'chorro: CH o R o', 'niñez: n i NY e s'],
    );
  }
});

test('a faseAlign without rules guesses no words, and one that fails is reported', async (setup) => {
  const settings = await installFase(setup.scene.dir);
  const killed = createFase(await installFase(path.join(setup.scene.dir, 'b'), { kill: 'SIGSEGV' }, ['sox']));
  await assert.rejects(async () => killed.pronounceByRules?.(['queso'], await setup.scene.context()), {
    code: 'E_ENGINE_FAILED',
    message: /the rules of faseAlign ended .* left no pronunciation/,
  });
  await writeFile(settings.command, '#!/bin/sh\necho "usage: faseAlign [-h] [-m MISSING]"\n', {
    mode: 0o755,
  });
  const context = await setup.scene.context();
  assert.deepEqual(await createFase(settings).pronounceByRules?.(['queso'], context), []);
});

const AUDIO_FILES: [what: string, write: (file: string) => Promise<void>][] = [
  ['of 0 bytes', (file) => writeFile(file, '')],
  ['of random bytes or mp3', (file) => writeFile(file, 'ID3 this is no wav')],
];
for (const [what, write] of AUDIO_FILES) {
  test(`an audio file ${what} fails alone`, async (setup) => {
    const bad = path.join(setup.scene.dir, 'bad.wav');
    await write(bad);
    const said: Said[] = [
      [1, 2, 'la'],
      [3, 4, 'casa'],
    ];
    await assert.rejects(align(setup, [fileOf('b', bad, said)]), { code: 'E_AUDIO_FORMAT' });

    const tiers = await align(setup, [fileOf('b', bad, said), fileOf('a', setup.wav, said)]);

    assert.deepEqual(textsOf(tiers), ['a-t1: la casa']);
    assert.match(
      await readFile(path.join(setup.scene.dir, 'engine.log'), 'utf8'),
      /file "b": faseAlign could not open/,
    );
  });
}

const FINE: Record<string, WavOptions> = {
  '44.1 kHz stereo': { rateHz: 44_100, channels: 2 },
  '8 kHz': { rateHz: 8000 },
};
for (const [what, options] of Object.entries(FINE)) {
  test(`${what} audio is aligned`, async (setup) => {
    await writeWav(setup.wav, 30, options);
    assert.deepEqual(textsOf(await align(setup, [fileOf('a', setup.wav, [[1, 2, 'la']])])), ['a-t1: la']);
  });
}

test('audio below 11,025 Hz is never given to it: its alignment would be worse, without an error', () => {
  assert.equal(createFase({ command: 'faseAlign', launcher: [], env: {} }).audio.minHz, 11_025);
});

for (const tool of ['sox', 'HVite']) {
  test(`a run without ${tool} says so at once, whatever the number of files`, async (setup) => {
    const tools = ['sox', 'HCopy', 'HVite'].filter((name) => name !== tool);
    const files = ['a', 'b', 'c'].map((id) =>
      fileOf(id, setup.wav, [
        [1, 2, 'la'],
        [3, 4, 'casa'],
      ]),
    );
    const started: number[] = [];
    const context = { coreCount: 1, onStart: (pid: number) => started.push(pid) };
    await assert.rejects(align(setup, files, { tools, context }), {
      code: 'E_ENGINE_MISSING',
      message: new RegExp(`faseAlign needs ${tool}, not found on PATH: install .*make doctor`),
    });
    assert.equal(started.length, 1);
  });
}

test('files of one task are aligned at the same time, each with its own output folder', async (setup) => {
  const meeting = await setup.scene.openMeeting(2);
  const files = [fileOf('a', setup.wav, [[1, 2, 'la casa']]), fileOf('b', setup.wav, [[1, 2, 'sí']])];
  const tiers = await align(setup, files, { mode: { meet: meeting.socketPath } });
  assert.deepEqual(textsOf(tiers), ['a-t1: la casa', 'b-t1: sí']);
});

test('blanks, quotes and slashes in the names of the work folder, files and tiers do no harm', async (setup) => {
  const workDir = path.join(setup.scene.dir, "it's $(touch x)");
  await mkdir(workDir);
  const wav = path.join(workDir, "it's a.wav");
  await writeWav(wav, 30);
  const file = fileOf("it's / a", wav, [[1, 2, 'la']], [[1, 2, 'sí']]);
  const tiers = await align(setup, [file], { context: { workDir } });
  assert.deepEqual(textsOf(tiers), ["it's / a-t1: la", "it's / a-t2: sí"]);
});

test('output that fills the pipes does not stop a run', async (setup) => {
  const tiers = await align(setup, [fileOf('a', setup.wav, [[1, 2, 'la']])], { mode: { flood: true } });
  assert.deepEqual(textsOf(tiers), ['a-t1: la']);
});

test('a run that hangs ends at the time limit', async (setup) => {
  const run = { mode: { hang: true }, context: { timeoutSec: 0.5 } };
  await assert.rejects(align(setup, [fileOf('a', setup.wav, [[1, 2, 'la']])], run), {
    code: 'E_ENGINE_TIMEOUT',
  });
});

test('it may be silent for the limit plus the length of the audio, since it writes nothing while it works', async (setup) => {
  const file = { ...fileOf('a', setup.wav, [[0, 0.2, 'la']]), durationSec: 0.3 };
  const run = { mode: { hang: true }, context: { silenceSec: 0.2 } };
  await assert.rejects(align(setup, [file], run), { code: 'E_ENGINE_SILENT', message: /nothing for 0\.5 s/ });
});

test('a run that is killed is reported with the signal', async (setup) => {
  const file = fileOf('a', setup.wav, [[1, 2, 'la']]);
  await assert.rejects(align(setup, [file], { mode: { kill: 'SIGSEGV' } }), {
    code: 'E_ENGINE_FAILED',
    message: /faseAlign was killed by SIGSEGV/,
  });
});

test('an aborted run leaves no HVite behind, even one that ignores SIGTERM', async (setup) => {
  const meeting = await setup.scene.openMeeting();
  const abort = new AbortController();
  const reason = new Error('cancelled');
  const run = { mode: { hvite: meeting.socketPath }, context: { signal: abort.signal } };
  const failed = align(setup, [fileOf('a', setup.wav, [[1, 2, 'la']])], run);
  await Promise.race([meeting.arrived(1), failed]);
  abort.abort(reason);
  await assert.rejects(failed, (error) => error === reason);
  await meeting.isEmpty();
});

test.run();
