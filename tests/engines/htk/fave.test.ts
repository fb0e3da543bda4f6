import assert from 'node:assert/strict';
import { access, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { suite } from 'uvu';
import type { AlignedTier, AlignmentFile, EngineContext } from '../../../src/engines/engine.ts';
import { createFave } from '../../../src/engines/htk/fave.ts';
import { type FaveMode, installFave } from '../../../testing/fave.ts';
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

const DICTIONARY = ['he HH IY1', 'was W AA1 Z', 'not N AA1 T', 'ill IH1 L', 'ill IY1 L', 'man M AE1 N'];
/** Two words and five phones in 100 ms: HTK needs 30 ms a phone. */
const TOO_SHORT: Said = [5, 5.1, 'he was'];

interface Setup {
  scene: Scene;
  wav: string;
}

const test = suite<Setup>('FAVE');
test.before.each(async (setup) => {
  setup.scene = await createScene();
  setup.wav = path.join(setup.scene.dir, 'a.wav');
  await writeWav(setup.wav, 30);
});
test.after.each(({ scene }) => scene.remove());

interface Run {
  readonly mode?: FaveMode;
  readonly tools?: readonly string[];
  readonly dictionary?: readonly string[];
  readonly context?: Partial<EngineContext>;
}

async function align({ scene }: Setup, files: AlignmentFile[], run: Run = {}): Promise<AlignedTier[]> {
  const fave = createFave(await installFave(scene.dir, run.mode, run.tools));
  const context = await scene.context(run.context);
  return fave.align(requestOf('FAVE', run.dictionary ?? DICTIONARY, files), context);
}

const readInput = (scene: Scene, file: string): Promise<string> =>
  readFile(path.join(scene.dir, 'run1', 'f1', 'p1', file), 'utf8');

test('every tier comes back with its words, their phones and times, in order', async (setup) => {
  const tiers = await align(setup, [fileOf('a', setup.wav, [[1, 2, 'he was ill']], [[1.5, 3, 'not man']])]);
  assert.deepEqual(textsOf(tiers), ['a-t1: he was ill', 'a-t2: not man']);
  const was = tiers[0]?.words[1];
  assert.deepEqual(
    was?.phones.map((phone) => phone.label),
    ['W', 'AA1', 'Z'],
  );
  assert.ok(was !== undefined && was.startSec > 1 && was.endSec < 2);
});

test('FAVE gets five TAB columns without header or blank line, and a dictionary of capital tokens', async (setup) => {
  const file = fileOf(
    'a',
    setup.wav,
    [
      [1, 2, 'he ill'],
      [3.25, 4.000001, 'he'],
    ],
    [[0, 1e-7 + 1, 'not']],
  );
  await align(setup, [file]);
  assert.equal(
    await readInput(setup.scene, 'a.txt'),
    'S1\tS1\t1\t2\tXAAA XAAD\nS1\tS1\t3.25\t4.000001\tXAAA\nS2\tS2\t0\t1\tXAAC\n',
  );
  assert.equal(
    await readInput(setup.scene, 'd.dict'),
    'XAAA  HH IY1\nXAAC  N AA1 T\nXAAD  IH1 L\nXAAD  IY1 L\nsp  sp\n',
  );
});

test('words with digits, quotes and letters beyond ASCII are aligned, phones keep the dictionary’s case', async (setup) => {
  const dictionary = [
    "don't D OW1 N T",
    '25 t w EH1 N',
    'garçon G AA1 R S',
    '"quoted" K W OW1',
    'naïve-té N AA1',
  ];
  const text = 'don\'t 25 garçon "quoted" naïve-té';
  const tiers = await align(setup, [fileOf('a', setup.wav, [[1, 3, text]])], { dictionary });
  assert.deepEqual(textsOf(tiers), [`a-t1: ${text}`]);
  assert.equal(tiers[0]?.words[1]?.phones.map((phone) => phone.label).join(' '), 't w EH1 N');
});

test('only the interval that cannot be aligned is missing, though FAVE loses the whole file', async (setup) => {
  const started: number[] = [];
  const file = fileOf('a', setup.wav, [[1, 2, 'he was'], TOO_SHORT, [6, 7, 'not ill']], [[1, 2, 'man']]);
  const tiers = await align(setup, [file], { context: { onStart: (pid) => started.push(pid) } });
  assert.deepEqual(textsOf(tiers), ['a-t1: he was not ill', 'a-t2: man']);
  assert.equal(started.length, 3);
});

for (const [what, word] of [
  ['cannot be aligned', 'he was'],
  ['have a phone that the model lacks', 'odd'],
] as const) {
  test(`three good intervals behind 22 that ${what} come back, in few starts`, async (setup) => {
    const started: number[] = [];
    const bad = Array.from({ length: 22 }, (_, at): Said => [at, at + 0.1, word]);
    const file = fileOf('a', setup.wav, [...bad, [24, 25, 'he'], [26, 27, 'ill'], [28, 29, 'man']]);
    const run = {
      dictionary: [...DICTIONARY, 'odd QQ'],
      context: { onStart: (pid: number) => started.push(pid) },
    };
    assert.deepEqual(textsOf(await align(setup, [file], run)), ['a-t1: he ill man']);
    assert.ok(started.length < 30, `${started.length} starts`);
  });
}

test('an HTK without the patch that FAVE needs is reported as such, not as audio that does not fit', async (setup) => {
  const file = fileOf('a', setup.wav, [
    [1, 2, 'he was'],
    [3, 4, 'he'],
    [5, 6, 'ill man'],
  ]);
  await assert.rejects(align(setup, [file], { mode: { plainHtk: true } }), {
    code: 'E_ENGINE_FAILED',
    message: /^a: FAVE: HTK failed with error 8522 .*HRec\.c.*"labpr" for "labid"/,
  });
});

test('a phone that the model lacks costs the intervals it is in, not the others', async (setup) => {
  const file = fileOf('a', setup.wav, [
    [1, 2, 'he'],
    [3, 4, 'odd'],
    [5, 6, 'man'],
  ]);
  const tiers = await align(setup, [file], { dictionary: [...DICTIONARY, 'odd QQ'] });
  assert.deepEqual(textsOf(tiers), ['a-t1: he man']);
});

test('when all intervals have such a phone, the phone and its word are named, and the task is not retried', async (setup) => {
  const run = align(setup, [fileOf('a', setup.wav, [[1, 2, 'he odd']], [[3, 4, 'odd']])], {
    dictionary: ['he HH IY1', 'odd AA1 qq'],
  });
  await assert.rejects(run, {
    code: 'E_LANGUAGE_BROKEN',
    message:
      /^a: FAVE: the word "odd" has the phone "qq", which the model .*align\/model\/monophones does not know/,
  });
});

test('a file whose only interval cannot be aligned comes back empty: the engine is not at fault', async (setup) => {
  assert.deepEqual(await align(setup, [fileOf('a', setup.wav, [TOO_SHORT])]), []);
});

test('intervals under 50 ms and past the end are missing and the rest is there', async (setup) => {
  const file = fileOf('a', setup.wav, [
    [1, 2, 'he'],
    [3, 3.04, 'was'],
    [40, 41, 'ill'],
  ]);
  assert.deepEqual(textsOf(await align(setup, [file])), ['a-t1: he']);
});

test('FAVE is not started for a file without utterances: it would fail on an empty transcript', async (setup) => {
  const started: number[] = [];
  const tiers = await align(setup, [fileOf('a', setup.wav)], {
    context: { onStart: (pid) => started.push(pid) },
  });
  assert.deepEqual([tiers, started], [[], []]);
});

const AUDIO_FILES: [what: string, write: (file: string) => Promise<void>, code: string][] = [
  ['of 0 bytes', (file) => writeFile(file, ''), 'E_AUDIO_FORMAT'],
  ['of random bytes or mp3', (file) => writeFile(file, 'ID3 this is no wav'), 'E_AUDIO_FORMAT'],
  ['of float samples', (file) => writeWav(file, 30, { format: 3, bits: 32 }), 'E_AUDIO_FORMAT'],
  ['of 24 bits', (file) => writeWav(file, 30, { bits: 24 }), 'E_ENGINE_FAILED'],
];
for (const [what, write, code] of AUDIO_FILES) {
  test(`an audio file ${what} fails alone with ${code}`, async (setup) => {
    const bad = path.join(setup.scene.dir, 'bad.wav');
    await write(bad);
    const said: Said[] = [
      [1, 2, 'he'],
      [3, 4, 'was'],
    ];
    await assert.rejects(align(setup, [fileOf('b', bad, said)]), { code });

    const tiers = await align(setup, [fileOf('b', bad, said), fileOf('a', setup.wav, said)]);

    assert.deepEqual(textsOf(tiers), ['a-t1: he was']);
    assert.match(await readFile(path.join(setup.scene.dir, 'engine.log'), 'utf8'), /== \S+ file "b": FAVE /);
  });
}

test('an audio file with a header alone comes back empty: FAVE succeeds, with a TextGrid without tiers', async (setup) => {
  await writeWav(setup.wav, 0);
  assert.deepEqual(await align(setup, [fileOf('a', setup.wav, [[1, 2, 'he']])]), []);
});

test('exit 0 without a result is a failure', async (setup) => {
  const settings = await installFave(setup.scene.dir);
  const code = `stand.favePython(argv.map((arg) => (arg === 'o.TextGrid' ? '/dev/null' : arg)))`;
  await writeStandIn(path.join(settings.binDir, 'python3'), 'fave-python.mjs', code);
  const request = requestOf('FAVE', DICTIONARY, [fileOf('a', setup.wav, [[1, 2, 'he']])]);
  await assert.rejects(createFave(settings).align(request, await setup.scene.context()), {
    code: 'E_ENGINE_FAILED',
    message: /FAVE ended with exit status 0 and left no result; it wrote nothing/,
  });
});

const FINE: Record<string, WavOptions> = {
  stereo: { channels: 2 },
  '44.1 kHz': { rateHz: 44_100 },
  '8 kHz': { rateHz: 8000 },
};
for (const [what, options] of Object.entries(FINE)) {
  test(`${what} audio is aligned`, async (setup) => {
    await writeWav(setup.wav, 30, options);
    assert.deepEqual(textsOf(await align(setup, [fileOf('a', setup.wav, [[1, 2, 'he']])])), ['a-t1: he']);
  });
}

for (const [tool, tools] of [
  ['sox', ['HCopy', 'HVite']],
  ['HVite', ['sox', 'HCopy']],
] as const) {
  test(`a run without ${tool} says so at once, whatever the number of files`, async (setup) => {
    const files = ['a', 'b', 'c'].map((id) =>
      fileOf(id, setup.wav, [
        [1, 2, 'he'],
        [3, 4, 'was'],
      ]),
    );
    const started: number[] = [];
    const context = { coreCount: 1, onStart: (pid: number) => started.push(pid) };
    await assert.rejects(align(setup, files, { tools, context }), {
      code: 'E_ENGINE_MISSING',
      message: new RegExp(`FAVE needs ${tool}, not found on PATH: install .*make doctor`),
    });
    assert.equal(started.length, 1);
  });
}

test('files of one task with the same speakers are aligned at the same time without mixing', async (setup) => {
  const meeting = await setup.scene.openMeeting(2);
  const files = [
    fileOf('a', setup.wav, [[1, 2, 'he was']], [[1, 2, 'ill']]),
    fileOf('b', setup.wav, [[1, 2, 'man not']], [[1, 2, 'he']]),
  ];
  const tiers = await align(setup, files, { mode: { meet: meeting.socketPath } });
  assert.deepEqual(textsOf(tiers), ['a-t1: he was', 'a-t2: ill', 'b-t1: man not', 'b-t2: he']);
});

test('no name of a file, a tier or a word is run by a shell', async (setup) => {
  const trap = path.join(setup.scene.dir, 'trapped');
  const name = `$(touch ${trap})`;
  const wav = path.join(setup.scene.dir, '$(touch trapped) b.wav');
  await writeWav(wav, 30);
  const file = fileOf(name, wav, [[1, 2, '`touch']], [[1, 2, 'he']]);
  const tiers = await align(setup, [file], { dictionary: ['`touch HH IY1', 'he HH IY1'] });
  assert.deepEqual(textsOf(tiers), [`${name}-t1: \`touch`, `${name}-t2: he`]);
  await assert.rejects(access(trap));
});

test('HTKTOOLSPATH and everything else of the worker’s environment stays with the worker', async (setup) => {
  const settings = await installFave(setup.scene.dir);
  const env = { ...settings.env, HTKTOOLSPATH: '/opt/htk', DATABASE_URL: 'postgres://secret' };
  const request = requestOf('FAVE', DICTIONARY, [fileOf('a', setup.wav, [[1, 2, 'he']])]);
  const tiers = await createFave({ ...settings, env }).align(request, await setup.scene.context());
  assert.deepEqual(textsOf(tiers), ['a-t1: he']);
});

test('output that fills the pipes does not stop a run', async (setup) => {
  const tiers = await align(setup, [fileOf('a', setup.wav, [[1, 2, 'he']])], { mode: { flood: true } });
  assert.deepEqual(textsOf(tiers), ['a-t1: he']);
});

test('a run that hangs ends at the time limit', async (setup) => {
  const run = { mode: { hang: true }, context: { timeoutSec: 0.5 } };
  await assert.rejects(align(setup, [fileOf('a', setup.wav, [[1, 2, 'he']])], run), {
    code: 'E_ENGINE_TIMEOUT',
  });
});

test('FAVE may be silent for the limit plus the length of the audio, since it writes nothing while it works', async (setup) => {
  const file = { ...fileOf('a', setup.wav, [[0, 0.2, 'he']]), durationSec: 0.3 };
  const run = { mode: { hang: true }, context: { silenceSec: 0.2 } };
  await assert.rejects(align(setup, [file], run), { code: 'E_ENGINE_SILENT', message: /nothing for 0\.5 s/ });
});

test('a run that is killed is reported with the signal', async (setup) => {
  const file = fileOf('a', setup.wav, [[1, 2, 'he']]);
  await assert.rejects(align(setup, [file], { mode: { kill: 'SIGSEGV' } }), {
    code: 'E_ENGINE_FAILED',
    message: /FAVE was killed by SIGSEGV/,
  });
});

test('an aborted run leaves no HVite behind, even one that ignores SIGTERM', async (setup) => {
  const meeting = await setup.scene.openMeeting();
  const abort = new AbortController();
  const reason = new Error('cancelled');
  const run = { mode: { hvite: meeting.socketPath }, context: { signal: abort.signal } };
  const failed = align(setup, [fileOf('a', setup.wav, [[1, 2, 'he']])], run);
  await Promise.race([meeting.arrived(1), failed]);
  abort.abort(reason);
  await assert.rejects(failed, (error) => error === reason);
  await meeting.isEmpty();
});

test.run();
