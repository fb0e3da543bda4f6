import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { open, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { suite } from 'uvu';
import { isPlainPcm16, probeWav, readWavHeader } from '../../src/formats/wav-header.ts';
import { makeWav, sine, type WavRecipe } from '../../testing/wav.ts';
import { rejectionOf } from './thrown.ts';

const test = suite<{ dir: string; wavPath: string }>('wav header', { dir: '', wavPath: '' });

test.before((context) => {
  context.dir = mkdtempSync(path.join(tmpdir(), 'wav-header-test-'));
  context.wavPath = path.join(context.dir, 'a.wav');
});

test.after(({ dir }) => {
  rmSync(dir, { recursive: true, force: true });
});

const SECOND = sine(200, 16_000, 1);

test('a plain recording is described, mono and stereo', async ({ wavPath }) => {
  await writeFile(wavPath, makeWav({ samples: SECOND }));
  assert.deepEqual(await readWavHeader(wavPath, 'a.wav'), {
    formatTag: 1,
    isPcm: true,
    channelCount: 1,
    sampleRateHz: 16_000,
    bitsPerSample: 16,
    isBigEndian: false,
    dataOffset: 44,
    dataBytes: 32_000,
    frameCount: 16_000,
    durationSec: 1,
  });
  await writeFile(wavPath, makeWav({ samples: SECOND, channelCount: 2, sampleRateHz: 44_100 }));
  const stereo = await readWavHeader(wavPath, 'a.wav');
  assert.deepEqual([stereo.channelCount, stereo.frameCount, stereo.durationSec], [2, 8000, 8000 / 44_100]);
});

test('an open handle is read and stays open', async ({ wavPath }) => {
  await writeFile(wavPath, makeWav({ samples: SECOND }));
  const handle = await open(wavPath, 'r');
  try {
    assert.equal((await readWavHeader(handle, 'a.wav')).frameCount, 16_000);
    assert.ok((await handle.stat()).size > 0);
  } finally {
    await handle.close();
  }
});

test('notes before the audio, of odd length too, and an extensible header are read over', async ({
  wavPath,
}) => {
  const chunksBefore = [
    { id: 'LIST', body: Buffer.from('INFOISFT\u0005\0\0\0Lavf.') },
    { id: 'bext', body: Buffer.alloc(602) },
  ];
  await writeFile(wavPath, makeWav({ samples: SECOND, chunksBefore, isExtensible: true }));
  const info = await readWavHeader(wavPath, 'a.wav');
  assert.deepEqual([info.formatTag, info.isPcm, info.frameCount], [1, true, 16_000]);
  assert.equal(info.dataOffset, 12 + 48 + 26 + 610 + 8);
});

test('a wrong size of the whole file does no harm', async ({ wavPath }) => {
  for (const declaredRiffBytes of [0, 36, 0xffff_ffff]) {
    await writeFile(wavPath, makeWav({ samples: SECOND, declaredRiffBytes }));
    assert.equal((await readWavHeader(wavPath, 'a.wav')).frameCount, 16_000);
  }
});

/** As programs write that cannot go back to fill in the size. */
const UNKNOWN_SIZES = [
  0,
  0xffff_ffff,
  0xffff_ffff - 36,
  0xffff_f000,
  0x7fff_f000,
  0x7fff_ffff,
  0x7fff_ffff - 36,
  0x7fff_ffd8,
  0x8000_0000,
];

test('audio sent through a pipe, whose size was unknown, lasts to the end of the file', async ({
  wavPath,
}) => {
  for (const declaredDataBytes of UNKNOWN_SIZES) {
    for (const sizes of [{}, { declaredRiffBytes: 0 }, { declaredRiffBytes: 0xffff_ffff }]) {
      await writeFile(wavPath, makeWav({ samples: SECOND, declaredDataBytes, ...sizes }));
      assert.equal((await readWavHeader(wavPath, 'a.wav')).frameCount, 16_000, `${declaredDataBytes}`);
    }
  }
});

test('a size of 0 is believed where notes follow it, and nothing else', async ({ wavPath }) => {
  const chunksAfter = [{ id: 'LIST', body: Buffer.from('INFOISFT\u0004\0\0\0Lavf') }];
  await writeFile(wavPath, makeWav({ samples: [], chunksAfter }));
  assert.equal((await rejectionOf(readWavHeader(wavPath, 'a.wav'))).code, 'E_AUDIO_EMPTY');
});

test('a size that counts the header, or a part of it, is corrected', async ({ wavPath }) => {
  const note = { id: 'LIST', body: Buffer.alloc(26) };
  for (const [recipe, headerBytes] of [
    [{}, 44],
    [{ isExtensible: true }, 68],
    [{ chunksBefore: [note] }, 78],
  ] as const) {
    for (const extraBytes of [1, 8, 36, 44, headerBytes - 8, headerBytes]) {
      await writeFile(
        wavPath,
        makeWav({ ...recipe, samples: SECOND, declaredDataBytes: 32_000 + extraBytes }),
      );
      const { frameCount, dataBytes } = await readWavHeader(wavPath, 'a.wav');
      assert.deepEqual([frameCount, dataBytes], [16_000, 32_000], `${extraBytes}`);
    }
  }
});

test('a file that was cut short by a moment is refused, with times that differ', async ({ wavPath }) => {
  const samples = sine(200, 44_100, 2);
  await writeFile(
    wavPath,
    makeWav({ samples, sampleRateHz: 44_100, keepBytes: 44 + samples.length * 2 - 20 }),
  );
  const error = await rejectionOf(readWavHeader(wavPath, 'a.wav'));
  assert.equal(error.code, 'E_AUDIO_CUT_SHORT');
  assert.match(
    error.message,
    /expected 176400 bytes of audio \(2\.0000 s\), found 176380 bytes \(1\.9998 s\)/,
  );
});

const FORMS = ['RIFX', 'RF64', 'BW64', 'W64'] as const;

test('the other forms of wav files are read, with notes of odd length before the audio', async ({
  wavPath,
}) => {
  const chunksBefore = [{ id: 'LIST', body: Buffer.alloc(27) }];
  for (const form of FORMS) {
    await writeFile(wavPath, makeWav({ form, samples: SECOND, channelCount: 2, chunksBefore }));
    const info = await readWavHeader(wavPath, 'a.wav');
    assert.deepEqual(
      [info.channelCount, info.sampleRateHz, info.frameCount, info.isBigEndian],
      [2, 16_000, 8_000, form === 'RIFX'],
      form,
    );
  }
});

test('a truncated file or an unknown size is recognised in the other forms, too', async ({ wavPath }) => {
  for (const form of FORMS) {
    const whole = makeWav({ form, samples: SECOND });
    await writeFile(wavPath, whole.subarray(0, whole.length - 16_000));
    const error = await rejectionOf(readWavHeader(wavPath, 'a.wav'));
    assert.equal(error.code, 'E_AUDIO_CUT_SHORT', form);
    assert.match(error.message, /expected 32000 bytes of audio \(1\.00 s\), found 16000 bytes/);
    await writeFile(wavPath, makeWav({ form, samples: SECOND, declaredDataBytes: 0 }));
    assert.equal((await readWavHeader(wavPath, 'a.wav')).frameCount, 16_000, form);
  }
});

test('audio of more than 4 GB is measured by its long size', async ({ wavPath }) => {
  const declaredDataBytes = 6_000_000_000;
  for (const form of ['RF64', 'W64'] as const) {
    await writeFile(wavPath, makeWav({ form, declaredDataBytes }));
    await truncate(wavPath, 6_000_001_000);
    assert.equal((await readWavHeader(wavPath, 'a.wav')).frameCount, declaredDataBytes / 2, form);
  }
});

test('a compressed wav that does not say how many bytes a second takes is no fault of the header', async ({
  wavPath,
}) => {
  const wav = makeWav({ bitsPerSample: 8, formatTag: 85 });
  wav.writeUInt32LE(0, 28);
  await writeFile(wavPath, wav);
  assert.equal((await probeWav(wavPath, 'a.wav')).formatTag, 85);
});

test('half a frame at the end is ignored', async ({ wavPath }) => {
  const wav = makeWav({ samples: SECOND, channelCount: 2, declaredDataBytes: 31_999 });
  await writeFile(wavPath, wav);
  assert.equal((await readWavHeader(wavPath, 'a.wav')).frameCount, 7999);
});

const REFUSED: [what: string, bytes: Buffer, code: string, message: RegExp][] = [
  ['an empty file', Buffer.alloc(0), 'E_AUDIO_EMPTY', /found an empty file/],
  ['no samples', makeWav({ samples: [] }), 'E_AUDIO_EMPTY', /without samples/],
  [
    'a stream of no samples',
    makeWav({ samples: [], declaredDataBytes: 0xffff_ffff }),
    'E_AUDIO_EMPTY',
    /without samples/,
  ],
  ['no data chunk', makeWav({ keepBytes: 36 }), 'E_AUDIO_EMPTY', /without a data chunk/],
  ['a header cut off', makeWav({ keepBytes: 9 }), 'E_AUDIO_CUT_SHORT', /header of 12 bytes, found 9 bytes/],
  [
    'a note that reaches past the end',
    makeWav({ chunksBefore: [{ id: 'LIST', body: Buffer.alloc(999) }], keepBytes: 100 }),
    'E_AUDIO_CUT_SHORT',
    /at least 1044 bytes before the audio, found 100/,
  ],
  [
    'audio cut short',
    makeWav({ samples: SECOND, keepBytes: 44 + 8000 }),
    'E_AUDIO_CUT_SHORT',
    /expected 32000 bytes of audio \(1\.00 s\), found 8000 bytes \(0\.25 s\)/,
  ],
  [
    'text',
    Buffer.from('this is no audio at all'),
    'E_AUDIO_FORMAT',
    /a wav file, found something else; .*Save as WAV file/,
  ],
  ['an MP3', Buffer.from('ID3\u0004rest of it'), 'E_AUDIO_FORMAT', /found an MP3 file/],
  [
    'an MP3 without tags',
    Buffer.from([0xff, 0xfb, 0x90, 0x64, 0, 0, 0, 0]),
    'E_AUDIO_FORMAT',
    /found an MP3 file/,
  ],
  ['a FLAC', Buffer.from('fLaC and the rest'), 'E_AUDIO_FORMAT', /found a FLAC file/],
  ['an m4a', Buffer.from('\0\0\0\u0020ftypM4A '), 'E_AUDIO_FORMAT', /found an MP4/],
  [
    'a long form cut off before its audio',
    Buffer.from('RF64\xff\xff\xff\xffWAVE', 'latin1'),
    'E_AUDIO_EMPTY',
    /without a data chunk/,
  ],
  ['a film', Buffer.from('RIFF\xff\xff\0\0AVI LIST', 'latin1'), 'E_AUDIO_FORMAT', /found an AVI film/],
  [
    '8 bits',
    makeWav({ bitsPerSample: 8 }),
    'E_AUDIO_FORMAT',
    /16-bit PCM in 1 or 2 channels, found 8-bit PCM in 1 channel;/,
  ],
  [
    '24 bits',
    makeWav({ bitsPerSample: 24, channelCount: 2 }),
    'E_AUDIO_FORMAT',
    /found 24-bit PCM in 2 channels;/,
  ],
  [
    '24 bits, extensible',
    makeWav({ bitsPerSample: 24, isExtensible: true }),
    'E_AUDIO_FORMAT',
    /found 24-bit PCM/,
  ],
  [
    'floating point',
    makeWav({ bitsPerSample: 32, formatTag: 3 }),
    'E_AUDIO_FORMAT',
    /found 32-bit floating point/,
  ],
  ['six channels', makeWav({ channelCount: 6 }), 'E_AUDIO_FORMAT', /found 16-bit PCM in 6 channels/],
  ['mu-law', makeWav({ bitsPerSample: 8, formatTag: 7 }), 'E_AUDIO_FORMAT', /found mu-law/],
  ['no channels', makeWav({ channelCount: 0 }), 'E_AUDIO_FORMAT', /numbers fit together, found 0 channels/],
  ['no rate', makeWav({ sampleRateHz: 0 }), 'E_AUDIO_FORMAT', /numbers fit together/],
  ['less than 8 kHz', makeWav({ sampleRateHz: 7999 }), 'E_AUDIO_RATE', /8000 to 48000 Hz, found 7999 Hz/],
  ['more than 48 kHz', makeWav({ sampleRateHz: 96_000 }), 'E_AUDIO_RATE', /found 96000 Hz; .*Resample/],
];

for (const [what, bytes, code, message] of REFUSED) {
  test(`refused: ${what}`, async ({ wavPath }) => {
    await writeFile(wavPath, bytes);
    const error = await rejectionOf(readWavHeader(wavPath, 'talk.wav'));
    assert.equal(error.code, code);
    assert.equal(error.faults[0].place?.file, 'talk.wav');
    assert.match(error.message, /^talk\.wav: expected /);
    assert.match(error.message, message);
  });
}

test('a file with too many chunks is refused', async ({ wavPath }) => {
  const chunksBefore = Array.from({ length: 300 }, () => ({ id: 'junk', body: Buffer.alloc(0) }));
  await writeFile(wavPath, makeWav({ chunksBefore }));
  assert.match((await rejectionOf(readWavHeader(wavPath, 'a.wav'))).message, /within the first 256 chunks/);
});

test('audio before its format is refused, and so is a format too short to say anything', async ({
  wavPath,
}) => {
  const wav = makeWav();
  await writeFile(wavPath, Buffer.concat([wav.subarray(0, 12), wav.subarray(36)]));
  assert.match((await rejectionOf(readWavHeader(wavPath, 'a.wav'))).message, /names its format/);
  const short = Buffer.concat([
    wav.subarray(0, 16),
    Buffer.from([8, 0, 0, 0]),
    wav.subarray(20, 28),
    wav.subarray(36),
  ]);
  await writeFile(wavPath, short);
  assert.match((await rejectionOf(readWavHeader(wavPath, 'a.wav'))).message, /names its format/);
});

test('a missing file, a folder and bad audio have different faults', async ({ dir }) => {
  const missing = await rejectionOf(readWavHeader(path.join(dir, 'none.wav'), 'none.wav'));
  assert.equal(missing.code, 'E_AUDIO_MISSING');
  assert.equal((await rejectionOf(readWavHeader(dir, 'folder.wav'))).code, 'E_PATH_KIND');
});

test('any wav can be probed, so that the caller decides what to do with it', async ({ wavPath }) => {
  const probes: [recipe: WavRecipe, isPlain: boolean][] = [
    [{}, true],
    [{ channelCount: 2 }, true],
    [{ sampleRateHz: 96_000 }, true],
    [{ bitsPerSample: 8 }, false],
    [{ bitsPerSample: 24 }, false],
    [{ bitsPerSample: 32, formatTag: 3, isExtensible: true }, false],
    [{ channelCount: 4 }, false],
  ];
  for (const [recipe, isPlain] of probes) {
    await writeFile(wavPath, makeWav({ samples: SECOND, ...recipe }));
    const info = await probeWav(wavPath, 'a.wav');
    assert.equal(isPlainPcm16(info), isPlain, JSON.stringify(recipe));
    assert.equal(info.frameCount * info.channelCount, 16_000);
    assert.equal(info.formatTag, recipe.formatTag ?? 1);
  }
});

test('of an hour of audio, only the header is read', async ({ wavPath }) => {
  const dataBytes = 44_100 * 4 * 3600;
  const recipe = { samples: [], channelCount: 2, sampleRateHz: 44_100, declaredDataBytes: dataBytes };
  await writeFile(wavPath, makeWav(recipe));
  // A sparse file: its 600 MB are not on the disk.
  await truncate(wavPath, 44 + dataBytes);
  const handle = await open(wavPath, 'r');
  let readBytes = 0;
  const read = handle.read.bind(handle) as (...args: unknown[]) => Promise<{ bytesRead: number }>;
  Object.assign(handle, {
    read: async (...args: unknown[]) => {
      const result = await read(...args);
      readBytes += result.bytesRead;
      return result;
    },
  });
  try {
    assert.equal((await readWavHeader(handle, 'a.wav')).durationSec, 3600);
  } finally {
    await handle.close();
  }
  assert.ok(readBytes > 0 && readBytes < 1000, `${readBytes} bytes were read`);
});

test.run();
