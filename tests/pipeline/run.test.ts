import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { link, mkdir, readdir, readFile, rename, symlink, writeFile } from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import { suite } from 'uvu';
import { transcriptNames } from '../../src/base/input-kinds.ts';
import type { Engine } from '../../src/engines/engine.ts';
import type { TextGrid } from '../../src/formats/textgrid/model.ts';
import { readTextGrid } from '../../src/formats/textgrid/read.ts';
import { fillGaps, writeTextGrid } from '../../src/formats/textgrid/write.ts';
import type { IntervalTier, Tier } from '../../src/formats/tiers.ts';
import { readWavHeader } from '../../src/formats/wav-header.ts';
import { createPipelineBench, type PipelineBench, POLICY, TASK_PATH } from '../../testing/pipeline.ts';
import { createTrivial } from '../../testing/trivial-engine.ts';
import { makeWav, sine } from '../../testing/wav.ts';
import { readZip } from '../../testing/zip.ts';
import { flat, shown } from '../support/finding.ts';

const test = suite<{ bench: PipelineBench }>('the pipeline');

test.before.each(async (context) => {
  context.bench = await createPipelineBench();
});
test.after.each(async ({ bench }) => {
  await bench[Symbol.asyncDispose]();
});

const AUDIO = makeWav({ sampleRateHz: 16_000, samples: sine(200, 16_000, 2) });

function tier(name: string, labels: readonly (readonly [number, number, string])[]): IntervalTier {
  const intervals = labels.map(([startSec, endSec, text]) => ({ startSec, endSec, text }));
  return { kind: 'interval', name, startSec: 0, endSec: 2, intervals: fillGaps(intervals, 0, 2) };
}
function grid(...tiers: Tier[]): string {
  return writeTextGrid({ startSec: 0, endSec: 2, tiers });
}
/** A TextGrid that our own writer would refuse to write. */
function rawGrid(intervals: readonly (readonly [number, number, string])[], endSec = 2): string {
  const lines = intervals.map(([from, to, text]) => `${from} ${to} "${text}"`);
  return `"ooTextFile"\n"TextGrid"\n0 ${endSec}\n<exists>\n1\n"IntervalTier"\n"speaker"\n0 ${endSec}\n${lines.length}\n${lines.join('\n')}\n`;
}
const PLAIN = grid(tier('speaker', [[0.5, 1.5, 'one two']]));

async function resultOf(
  bench: PipelineBench,
  name = 'ARPAbet/talk.TextGrid',
  change = {},
): Promise<TextGrid> {
  const { zipPath } = await bench.run(change);
  const entries = await readZip(zipPath);
  const content = entries.get(name);
  assert.ok(content !== undefined, `${name} is not in ${[...entries.keys()]}`);
  return readTextGrid(content, name);
}
const labels = (one: Tier | undefined) =>
  one?.kind === 'interval' ? one.intervals.map(({ text }) => text).filter((text) => text !== '') : [];

test('audio lost by damage is a warning of the task', async ({ bench }) => {
  await bench.add('talk.wav', AUDIO);
  await bench.add('talk.TextGrid', PLAIN);
  const damage = {
    code: 'W_AUDIO_DAMAGED',
    place: { file: 'talk.wav', timeSec: 1 },
    text: 'damaged at about this time',
  } as const;
  const { warnings } = await bench.run({
    decodeAudio: async (audioPath, file) => ({
      path: audioPath,
      wav: await readWavHeader(audioPath, file),
      damage,
    }),
  });
  assert.deepEqual(warnings, [damage]);
});

test("each tier comes back as phones, words and the user's text, without gaps over the whole audio", async ({
  bench,
}) => {
  await bench.add('talk.wav', AUDIO);
  const ann = tier('ann', [
    [0.25, 0.75, 'One,  two!'],
    [1, 1.5, 'three'],
  ]);
  await bench.add('talk.TextGrid', grid(ann, tier('ben', [[0.5, 1.25, 'two']])));
  const result = await resultOf(bench);
  assert.deepEqual(
    result.tiers.map(({ name }) => name),
    ['ann - phone', 'ann - word', 'ann - trans', 'ben - phone', 'ben - word', 'ben - trans'],
  );
  assert.deepEqual(labels(result.tiers[0]), ['W', 'AH', 'N', 'T', 'UW', 'TH', 'R', 'IY']);
  assert.deepEqual(labels(result.tiers[1]), ['One', 'two', 'three']);
  assert.deepEqual(labels(result.tiers[2]), ['One,  two!', 'three']);
  assert.ok(result.tiers.every(({ startSec, endSec }) => startSec === 0 && endSec === 2));
});

test('the IPA copy differs in the phone labels only', async ({ bench }) => {
  await bench.add('talk.wav', AUDIO);
  await bench.add('talk.TextGrid', PLAIN);
  const { zipPath } = await bench.run();
  const entries = await readZip(zipPath);
  assert.deepEqual(
    [...entries.keys()],
    ['README.txt', 'manifest.json', 'phones.csv', 'ARPAbet/talk.TextGrid', 'IPA/talk.TextGrid'],
  );
  const ipa = entries.get('IPA/talk.TextGrid') ?? '';
  assert.equal(ipa, (entries.get('ARPAbet/talk.TextGrid') ?? '').replace('"AH"', '"ʌ"'));
});

test('a vowel without stress has its own IPA if the language marks stress; the phones stay', async ({
  bench,
}) => {
  await bench.add('talk.wav', AUDIO);
  await bench.add('talk.TextGrid', PLAIN);
  const [language] = createTrivial(bench.dir).builtInLanguages;
  assert.ok(language !== undefined);
  const markStress = (word: string, phones: readonly string[]) =>
    word === 'one' ? phones.map((phone) => phone.replace('AH', 'AH0')) : phones;
  const { zipPath } = await bench.run({ findLanguage: async () => ({ ...language, markStress }) });
  const entries = await readZip(zipPath);
  const arpabet = entries.get('ARPAbet/talk.TextGrid') ?? '';
  assert.match(arpabet, /"AH"/);
  assert.equal(entries.get('IPA/talk.TextGrid'), arpabet.replace('"AH"', '"ə"'));
});

test('point tiers and tiers without words stay as they are and are reported', async ({ bench }) => {
  await bench.add('talk.wav', AUDIO);
  const points: Tier = {
    kind: 'point',
    name: 'bells',
    startSec: 0,
    endSec: 2,
    points: [{ timeSec: 1, text: 'x' }],
  };
  await bench.add('talk.TextGrid', grid(points, tier('speaker', [[0.5, 1.5, 'one']]), tier('notes', [])));
  const { zipPath, warnings } = await bench.run();
  const result = readTextGrid((await readZip(zipPath)).get('ARPAbet/talk.TextGrid') ?? '', 'x');
  assert.deepEqual(
    result.tiers.map(({ name }) => name),
    ['bells', 'speaker - phone', 'speaker - word', 'speaker - trans', 'notes'],
  );
  assert.deepEqual(
    warnings.map(flat).map(({ code, tier: name }) => `${code} ${name}`),
    ['W_TIER_KEPT bells', 'W_TIER_KEPT notes'],
  );
});

test('equal inputs give equal bytes', async ({ bench }) => {
  await bench.add('talk.wav', AUDIO);
  await bench.add('talk.TextGrid', PLAIN);
  const [first, second] = [await bench.run(), await bench.run()];
  assert.ok((await readFile(first.zipPath)).equals(await readFile(second.zipPath)));
});

test('sub-folders and names in any script come back as they were', async ({ bench }) => {
  for (const name of ['Tag 1/Größe $(touch x) "q"', 'שלום 🎤']) {
    await bench.add(`${name}.wav`, AUDIO);
    await bench.add(`${name}.TextGrid`, PLAIN);
  }
  const entries = await readZip((await bench.run()).zipPath);
  const names = [...entries.keys()].filter((name) => name.startsWith('ARPAbet/'));
  // A double quote cannot be in a file name on Windows.
  assert.deepEqual(names, ['ARPAbet/Tag 1/Größe $(touch x) _q_.TextGrid', 'ARPAbet/שלום 🎤.TextGrid']);
  assert.equal(existsSync('x'), false);
});

test('the guide in the result has the name of the language, whatever characters that contains', async ({
  bench,
}) => {
  await bench.add('talk.wav', AUDIO);
  await bench.add('talk.TextGrid', PLAIN);
  const guidePath = path.join(bench.dir, 'guide.pdf');
  await writeFile(guidePath, 'a guide');
  const [language] = createTrivial(bench.dir).builtInLanguages;
  assert.ok(language !== undefined);
  const findLanguage = async () => ({ ...language, languageName: '../Bokmål / Nynorsk: "both"', guidePath });
  const { zipPath } = await bench.run({ findLanguage });
  const guides = [...(await readZip(zipPath)).keys()].filter((name) => name.endsWith('.pdf'));
  assert.deepEqual(guides, ['User guide .._Bokmål _ Nynorsk_ _both_.pdf']);
});

test('a recording and its transcript are a pair also when one name has decomposed accents', async ({
  bench,
}) => {
  await bench.add('cafe\u0301.wav', AUDIO);
  await bench.add('caf\u00e9.TextGrid', PLAIN);
  const { zipPath } = await bench.run();
  assert.ok((await readZip(zipPath)).has('ARPAbet/caf\u00e9.TextGrid'));
});

test('stereo at 44.1 kHz is accepted, with a warning', async ({ bench }) => {
  await bench.add(
    'talk.wav',
    makeWav({ sampleRateHz: 44_100, channelCount: 2, samples: new Float64Array(2 * 2 * 44_100) }),
  );
  await bench.add('talk.TextGrid', PLAIN);
  const { warnings } = await bench.run();
  assert.deepEqual(
    warnings.map(({ code }) => code),
    ['W_AUDIO_MIXED_DOWN'],
  );
});

test('a transcript whose times were kept when its audio was cut out is moved to the start of the audio', async ({
  bench,
}) => {
  await bench.add('talk.wav', AUDIO);
  const cut = rawGrid(
    [
      [10, 10.5, ''],
      [10.5, 11.5, 'one'],
      [11.5, 12, ''],
    ],
    12,
  ).replaceAll('\n0 12', '\n10 12');
  await bench.add('talk.TextGrid', cut);
  const words = (await resultOf(bench)).tiers[1];
  assert.ok(words?.kind === 'interval');
  assert.deepEqual(
    words.intervals.map(({ startSec, text }) => [startSec, text]),
    [
      [0, ''],
      [0.5, 'one'],
      [1.5, ''],
    ],
  );
});

test('a dictionary of the user in the task folder makes words known', async ({ bench }) => {
  await bench.add('talk.wav', AUDIO);
  await bench.add('talk.TextGrid', grid(tier('speaker', [[0.5, 1.5, 'xyzzy one']])));
  await bench.add('engUS_TRIVIAL_v010.dict', 'xyzzy\tT AH\n');
  const result = await resultOf(bench);
  assert.deepEqual(labels(result.tiers[0]), ['T', 'AH', 'W', 'AH', 'N']);
});

test('all faults of all files are reported at once, before the engine starts', async ({ bench }) => {
  await bench.add('a.wav', new Uint8Array(0));
  await bench.add('a.TextGrid', 'no TextGrid');
  await bench.add('b.wav', AUDIO);
  await bench.add('c.wav', AUDIO);
  await bench.add(
    'c.TextGrid',
    rawGrid([
      [0.2, 1.2, 'one'],
      [1, 1.8, 'two'],
    ]),
  );
  await bench.add('d.TextGrid', PLAIN);
  const faults = await bench.faults();
  assert.deepEqual(
    faults
      .map(flat)
      .map(({ code, file }) => `${code} ${file}`)
      .sort(),
    [
      'E_AUDIO_EMPTY a.wav',
      'E_AUDIO_MISSING d.TextGrid',
      'E_TEXTGRID_MALFORMED a.TextGrid',
      'E_TRANSCRIPT_MISSING b.wav',
      'E_TRANSCRIPT_OVERLAP c.TextGrid',
    ],
  );
  assert.equal(
    bench.reports.some(({ stage }) => stage === 'align'),
    false,
  );
});

const REFUSED: readonly (readonly [
  what: string,
  code: string,
  wav: Uint8Array | null,
  textGrid: string | null,
])[] = [
  [
    'audio that is cut short',
    'E_AUDIO_CUT_SHORT',
    makeWav({ samples: sine(200, 16_000, 2), keepBytes: 9_000 }),
    PLAIN,
  ],
  [
    'audio that is not PCM',
    'E_AUDIO_TOOL_MISSING',
    makeWav({ formatTag: 3, bitsPerSample: 32, samples: sine(200, 16_000, 2) }),
    PLAIN,
  ],
  [
    '24-bit audio',
    'E_AUDIO_TOOL_MISSING',
    makeWav({ bitsPerSample: 24, samples: sine(200, 16_000, 2) }),
    PLAIN,
  ],
  [
    'a file that is no audio',
    'E_AUDIO_FORMAT',
    Buffer.from('this is no audio at all, but long enough for a header'),
    PLAIN,
  ],
  ['audio without samples', 'E_AUDIO_EMPTY', makeWav({ samples: [] }), PLAIN],
  [
    'audio below 8 kHz',
    'E_AUDIO_RATE',
    makeWav({ sampleRateHz: 4_000, samples: sine(200, 4_000, 2) }),
    PLAIN,
  ],
  ['a transcript longer than its audio', 'E_AUDIO_TOO_SHORT', AUDIO, rawGrid([[0, 2.5, 'one']], 2.5)],
  ['a transcript without words', 'E_TRANSCRIPT_NO_WORDS', AUDIO, grid(tier('speaker', [[0.5, 1.5, '...']]))],
  ['a broken transcript', 'E_TEXTGRID_MALFORMED', AUDIO, PLAIN.slice(0, 300)],
  ['bytes that are no text', 'E_TEXT_ENCODING', AUDIO, null],
];

for (const [what, code, wav, textGrid] of REFUSED) {
  test(`${what} is refused with ${code}, a file and a fix; nothing is written and the inputs stay`, async ({
    bench,
  }) => {
    if (wav !== null) await bench.add('talk.wav', wav);
    await bench.add('talk.TextGrid', textGrid ?? Uint8Array.from([0x22, 0xe9, 0x22, 0xff, 0xfe, 0xe9]));
    const [fault, ...others] = await bench.faults();
    assert.equal(fault?.code, code);
    assert.match(fault?.place?.file ?? '', /^talk\./);
    assert.ok(shown(fault).length > 30, shown(fault));
    assert.deepEqual(others, []);
    assert.equal(existsSync(path.join(bench.uploadsDir, 'ann/otp')), false);
    assert.equal((await readdir(path.join(bench.uploadsDir, TASK_PATH))).length, 2);
  });
}

const THEIRS = 'ben/upl/secret/theirs';
const isRoot = process.getuid?.() === 0;
/** What may replace a file, relative to the folder of uploads. */
const TRAPS: readonly (readonly [what: string, make: (place: string, uploadsDir: string) => unknown])[] = [
  ['a link to a file of another user', (place, uploadsDir) => symlink(path.join(uploadsDir, THEIRS), place)],
  ['a link to a folder of another user', (place) => symlink('../../../ben/upl/secret', place)],
  ['a link to a file of the same task', (place) => symlink('talk.wav', place)],
  ['a link to nothing', (place) => symlink('nothing', place)],
  ['a file that another user has too', (place, uploadsDir) => link(path.join(uploadsDir, THEIRS), place)],
  // A program that opens it waits for a program at the other end.
  ['a pipe', (place) => execFileSync('mkfifo', [place])],
  ['a socket', makeSocket],
  // It never ends.
  ['a device', (place) => execFileSync('mknod', [place, 'c', '1', '5'])],
];

for (const [what, make] of TRAPS) {
  const trapTest = what === 'a device' && !isRoot ? test.skip : test;
  trapTest(`${what} is refused, whatever kind of input it is called`, async ({ bench }) => {
    const theirs = path.join(bench.uploadsDir, THEIRS);
    await mkdir(path.dirname(theirs), { recursive: true });
    await writeFile(theirs, AUDIO);
    await bench.add('talk.wav', AUDIO);
    await bench.add('talk.TextGrid', PLAIN);
    const names = ['evil.TextGrid', 'evil.dict', 'evil.txt', 'evil.wav'];
    for (const name of names) await make(path.join(bench.uploadsDir, TASK_PATH, name), bench.uploadsDir);
    const faults = await bench.faults();
    assert.deepEqual(
      faults.map(flat).map(({ code, file }) => `${code} ${file}`),
      names.map((name) => `E_PATH_KIND ${name}`),
    );
  });
}

test('a result is not written through a link, wherever it leads', async ({ bench }) => {
  await bench.add('talk.wav', AUDIO);
  await bench.add('talk.TextGrid', PLAIN);
  const theirs = path.join(bench.uploadsDir, 'ben/otp');
  await mkdir(theirs, { recursive: true });
  await symlink('../ben/otp', path.join(bench.uploadsDir, 'ann/otp'));
  const [fault] = await bench.faults();
  assert.equal(fault?.code, 'E_PATH_OUTSIDE');
  assert.match(shown(fault), /expected folders, found a link or a file called "otp"; remove it$/);
  assert.deepEqual(await readdir(theirs), []);
});

test('a file whose name is not UTF-8 is named together with the faults of the others', async ({ bench }) => {
  await bench.add('talk.wav', AUDIO);
  const dir = Buffer.from(`${path.join(bench.uploadsDir, TASK_PATH)}/`);
  await writeFile(Buffer.concat([dir, Buffer.from('caf\xe9.wav', 'latin1')]), AUDIO);
  assert.deepEqual(
    (await bench.faults()).map(flat).map(({ code, message }) => `${code} ${message}`),
    [
      'E_PATH_KIND caf\uFFFD.wav: its name is not UTF-8; rename it',
      `E_TRANSCRIPT_MISSING talk.wav: no transcript; expected ${transcriptNames('talk')} beside it`,
    ],
  );
});

test('a task folder that is a link to another user is refused', async ({ bench }) => {
  await mkdir(path.join(bench.uploadsDir, 'ben/upl/secret'), { recursive: true });
  await symlink(path.join(bench.uploadsDir, 'ben/upl/secret'), path.join(bench.uploadsDir, 'ann/upl/link'));
  const task = {
    taskId: 't',
    userUuid: 'ann',
    lang: 'engUS_TRIVIAL_v010',
    engine: null,
    taskPath: 'ann/upl/link',
  };
  const [fault] = await bench.faults({ task });
  assert.equal(fault?.code, 'E_PATH_OUTSIDE');
});

test('audio that has a second name on the disk is refused', async ({ bench }) => {
  await bench.add('talk.TextGrid', PLAIN);
  await writeFile(path.join(bench.dir, 'theirs.wav'), AUDIO);
  await link(path.join(bench.dir, 'theirs.wav'), path.join(bench.uploadsDir, TASK_PATH, 'talk.wav'));
  const [fault] = await bench.faults();
  assert.equal(fault?.code, 'E_PATH_KIND');
});

test('unknown words fail the task when the policy says so, with their places', async ({ bench }) => {
  await bench.add('talk.wav', AUDIO);
  await bench.add('talk.TextGrid', grid(tier('speaker', [[0.5, 1.5, 'one xyzzy two']])));
  const [fault] = await bench.faults({
    policy: { ...POLICY, unknownWords: 'fail' },
  });
  assert.deepEqual(
    [fault?.code, fault?.place?.file, fault?.place?.tier, fault?.place?.interval],
    ['E_WORDS_UNKNOWN', 'talk.TextGrid', 'speaker', 2],
  );
});

test('a transcript in another language is refused, not aligned as noise', async ({ bench }) => {
  await bench.add('talk.wav', AUDIO);
  await bench.add('talk.TextGrid', grid(tier('speaker', [[0.5, 1.5, 'eins zwei drei one']])));
  const [fault] = await bench.faults();
  assert.match(shown(fault), /3 of 4 words are not in the dictionary of English \(trivial\)/);
});

test('with partial results allowed, a task is delivered without the recording that came back empty', async ({
  bench,
}) => {
  for (const [name, text] of [
    ['a', 'lose one'],
    ['b', 'two'],
  ] as const) {
    await bench.add(`${name}.wav`, AUDIO);
    await bench.add(`${name}.TextGrid`, grid(tier('speaker', [[0.5, 1.5, text]])));
  }
  const [fault, ...more] = await bench.faults();
  assert.deepEqual([fault?.code, more], ['E_NOT_ALIGNED', []]);
  assert.match(
    shown(fault),
    /The other recording came out: submit without this one, or try again with --partial/,
  );
  const { warnings, zipPath } = await bench.run({
    policy: { ...POLICY, partialResults: 'allow' },
  });
  assert.deepEqual(
    warnings.map(flat).map(({ code, file, interval }) => `${code} ${file} ${interval ?? ''}`),
    ['W_NOT_ALIGNED a.TextGrid ', 'W_NOT_ALIGNED a.TextGrid 2'],
  );
  assert.equal(shown(warnings[0]), 'a.TextGrid: EMPTY: TRIVIAL could not align its only interval');
  const manifest = JSON.parse((await readZip(zipPath)).get('manifest.json') ?? '');
  assert.deepEqual(
    manifest.files.map((file: { verdict: string }) => file.verdict),
    ['empty', 'complete'],
  );
});

test('one speaker name over several recordings is one speaker for the engine only if the user says so', async ({
  bench,
}) => {
  for (const name of ['a', 'b']) {
    const tiers = ['ann', 'ben', ' ann'].map((speaker) => tier(speaker, [[0.5, 1.5, 'one']]));
    await bench.add(`${name}.wav`, AUDIO);
    await bench.add(`${name}.TextGrid`, grid(...tiers));
  }
  const engine = createTrivial(bench.dir);
  const asked: (string | undefined)[][] = [];
  const engines = new Map([
    [
      engine.name,
      {
        ...engine,
        align: (...[request, context]: Parameters<Engine['align']>) => {
          asked.push(request.files.flatMap(({ tiers }) => tiers.map(({ speaker }) => speaker)));
          return engine.align(request, context);
        },
      },
    ],
  ]);
  for (const speakers of ['tiers', 'names'] as const)
    await bench.run({
      engines,
      policy: { ...POLICY, speakers },
    });
  const none = undefined;
  assert.deepEqual(asked, [
    [none, none, none, none, none, none],
    // A speaker says one word at a time, so a second tier with one name in a recording is another speaker.
    ['p1', 'p2', none, 'p1', 'p2', none],
  ]);
});

test('an aborted task rejects with the reason and leaves no result', async ({ bench }) => {
  await bench.add('talk.wav', AUDIO);
  await bench.add('talk.TextGrid', grid(tier('speaker', [[0.5, 1.5, 'hang']])));
  const controller = new AbortController();
  const reason = new Error('enough');
  const report = ({ progress }: { progress: number }) => {
    if (progress > 0.3) controller.abort(reason);
  };
  await assert.rejects(bench.run({ signal: controller.signal, report }), reason);
  assert.equal(existsSync(path.join(bench.uploadsDir, 'ann/otp')), false);
  assert.deepEqual(await readdir(path.join(bench.dir, 'workspace1')), ['run1']);
});

test.run();

/** A socket in the file system outlives its server if it is renamed before the server ends. */
async function makeSocket(place: string): Promise<void> {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(`${place}.made`, resolve));
  await rename(`${place}.made`, place);
  await new Promise((resolve) => server.close(resolve));
}
