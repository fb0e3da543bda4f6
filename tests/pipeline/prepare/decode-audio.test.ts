import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { suite } from 'uvu';
import { TaskError } from '../../../src/base/errors.ts';
import { createAudioDecoder, type PlainAudio } from '../../../src/pipeline/prepare/decode-audio.ts';
import { makeWav, sine } from '../../../testing/wav.ts';
import { shown } from '../../support/finding.ts';

const test = suite<{ dir: string }>('decoding audio');

test.before.each(async (context) => {
  context.dir = await mkdtemp(path.join(os.tmpdir(), 'autophon-decode-'));
});
test.after.each(async ({ dir }) => {
  await rm(dir, { recursive: true, force: true });
});

const PLAIN = makeWav({ sampleRateHz: 16_000, samples: sine(300, 16_000, 2) });

/** Looks like an mp3, for programs that only look at the beginning. */
const MP3 = Buffer.concat([Buffer.from('ID3\u0004'), Buffer.alloc(2_000)]);

let decodedCount = 0;

async function decode(
  dir: string,
  name: string,
  content: Uint8Array,
  ffmpeg = 'ffmpeg',
  keepsChannels = false,
): Promise<PlainAudio> {
  const input = path.join(dir, name);
  await writeFile(input, content);
  const place = {
    scratchDir: dir,
    logPath: path.join(dir, 'log'),
    timeoutSec: 600,
    signal: new AbortController().signal,
    keepsChannels,
  };
  return createAudioDecoder({ ffmpeg, inherited: { PATH: process.env['PATH'] } })(
    input,
    name,
    `f${++decodedCount}`,
    place,
  );
}

test('more than two channels are mixed, or all kept where each is a speaker, with ffmpeg or without', async ({
  dir,
}) => {
  const tones = [300, 400, 500, 600].map((hz) => sine(hz, 16_000, 0.1));
  const samples = Float64Array.from(
    { length: 4 * 1600 },
    (_, at) => tones[at % 4]?.[Math.floor(at / 4)] ?? 0,
  );
  const tracks = (bitsPerSample: number) => makeWav({ bitsPerSample, samples, channelCount: 4 });
  assert.equal((await decode(dir, 'mixed.wav', tracks(16))).wav.channelCount, 2);
  const plain = await decode(dir, 'plain.wav', tracks(16), '/nowhere/ffmpeg', true);
  const decoded = await decode(dir, 'deep.wav', tracks(24), 'ffmpeg', true);
  for (const { path: found, wav } of [plain, decoded]) {
    assert.deepEqual([wav.channelCount, wav.frameCount], [4, 1600]);
    const frame = wav.dataOffset + 800 * 8;
    for (const [channel, tone] of tones.entries()) {
      const sample = readFileSync(found).readInt16LE(frame + 2 * channel);
      assert.ok(Math.abs(sample - (tone[800] ?? 0) * 32_768) <= 2, `channel ${channel + 1}`);
    }
  }
});

async function refusal(decoding: Promise<unknown>): Promise<TaskError> {
  try {
    await decoding;
  } catch (error) {
    assert.ok(error instanceof TaskError, String(error));
    return error;
  }
  throw new Error('it was accepted');
}

/** A program that takes ffmpeg's arguments and does something else with the last one, the output file. */
async function standIn(dir: string, body: string): Promise<string> {
  const file = path.join(dir, 'fake-ffmpeg');
  const prelude = `#!${process.execPath}\nconst fs = require('node:fs');\nconst output = process.argv.at(-1).slice('file:'.length);\n`;
  await writeFile(file, `${prelude}${body}\n`);
  await chmod(file, 0o755);
  return file;
}

test('plain 16-bit wav needs no tool', async ({ dir }) => {
  const { path: plain, wav } = await decode(dir, 'talk.wav', PLAIN, '/nowhere/ffmpeg');
  assert.equal(plain, path.join(dir, 'talk.wav'));
  assert.equal(wav.durationSec, 2);
});

test('each form of plain 16-bit wav needs no tool, whatever the file is called', async ({ dir }) => {
  const samples = sine(300, 16_000, 2);
  for (const form of ['RIFF', 'RIFX', 'RF64', 'BW64', 'W64'] as const) {
    for (const name of ['talk.wav', 'talk.mp3', 'talk.w64']) {
      const { wav } = await decode(dir, name, makeWav({ form, samples }), '/nowhere/ffmpeg');
      assert.equal(wav.durationSec, 2, `${form} as ${name}`);
    }
  }
});

test('another format with the name .wav goes to ffmpeg, and data that is not audio does not', async ({
  dir,
}) => {
  const mp3 = Buffer.concat([Buffer.from('ID3\u0004'), Buffer.alloc(2_000)]);
  const error = await refusal(decode(dir, 'talk.wav', mp3, '/nowhere/ffmpeg'));
  assert.equal(error.code, 'E_AUDIO_TOOL_MISSING');
  const text = await refusal(decode(dir, 'notes.wav', Buffer.from('no audio at all'), '/nowhere/ffmpeg'));
  assert.equal(text.code, 'E_AUDIO_FORMAT');
  assert.match(text.message, /expected a wav file, found something else/);
});

test('an empty file is reported as such, whatever its name is', async ({ dir }) => {
  for (const name of ['talk.wav', 'talk.mp3']) {
    const error = await refusal(decode(dir, name, Buffer.alloc(0), '/nowhere/ffmpeg'));
    assert.equal(error.code, 'E_AUDIO_EMPTY');
  }
});

test('without ffmpeg another format is refused by name, with the two ways out', async ({ dir }) => {
  const error = await refusal(decode(dir, 'talk.mp3', MP3, '/nowhere/ffmpeg'));
  assert.equal(error.code, 'E_AUDIO_TOOL_MISSING');
  assert.match(
    error.message,
    /^talk\.mp3: an MP3 file is read by ffmpeg, which was not found .*install ffmpeg or set FFMPEG, or upload 16-bit PCM wav$/,
  );
  assert.equal(error.faults[0].place?.file, 'talk.mp3');
});

test('ffmpeg may open local files only, of formats that hold audio and lead nowhere else', async ({
  dir,
}) => {
  const spy = await standIn(dir, `fs.writeFileSync('${dir}/said', JSON.stringify(process.argv));`);
  await refusal(decode(dir, 'talk.mp3', MP3, spy));
  const said: string[] = JSON.parse(readFileSync(path.join(dir, 'said'), 'utf8'));
  const after = (option: string) => said[said.indexOf(option) + 1];
  assert.ok(said.indexOf('-format_whitelist') < said.indexOf('-i'));
  assert.equal(after('-protocol_whitelist'), 'file');
  assert.doesNotMatch(after('-format_whitelist') ?? 'concat', /concat|hls|dash|playlist|lavfi|sdp|rtsp/);
  assert.equal(after('-i'), `file:${path.join(dir, 'talk.mp3')}`);
});

test('an ffmpeg that exits with 0 and no audio is detected', async ({ dir }) => {
  const liar = await standIn(dir, '');
  assert.equal((await refusal(decode(dir, 'talk.mp3', MP3, liar))).code, 'E_AUDIO_FORMAT');
});

test('an ffmpeg that exits with 0 and half of the audio is detected', async ({ dir }) => {
  await writeFile(path.join(dir, 'half'), makeWav({ sampleRateHz: 16_000, samples: sine(300, 16_000, 1) }));
  const liar = await standIn(
    dir,
    `console.error('  Duration: 00:00:02.00, start: 0');\nfs.copyFileSync(${JSON.stringify(path.join(dir, 'half'))}, output);`,
  );
  const error = await refusal(decode(dir, 'talk.mp3', MP3, liar));
  assert.equal(error.code, 'E_AUDIO_CUT_SHORT');
  assert.match(error.message, /expected 2\.00 s of audio, as the file declares, found 1\.00 s/);
});

test('a program that fails is quoted without the paths of the service', async ({ dir }) => {
  const failing = await standIn(
    dir,
    `console.error('bad data in ' + process.argv.join(' '));\nprocess.exit(1);`,
  );
  const error = await refusal(decode(dir, 'talk.mp3', MP3, failing));
  assert.equal(error.code, 'E_AUDIO_FORMAT');
  assert.match(error.message, /ffmpeg cannot read it as audio/);
  assert.equal(error.message.includes(dir), false, error.message);
});

test('an ffmpeg that is killed is reported with the signal', async ({ dir }) => {
  const killed = await standIn(dir, `process.kill(process.pid, 'SIGSEGV');`);
  const error = await refusal(decode(dir, 'talk.mp3', MP3, killed));
  assert.match(error.message, /ffmpeg cannot read it as audio \(it was killed by SIGSEGV\)/);
});

test('a length that ffmpeg calls an estimate causes no fault', async ({ dir }) => {
  await writeFile(path.join(dir, 'whole'), PLAIN);
  const guessing = await standIn(
    dir,
    `console.error('[aac @ 0x1] Estimating duration from bitrate, this may be inaccurate\\n  Duration: 00:03:45.62');
     fs.copyFileSync(${JSON.stringify(path.join(dir, 'whole'))}, output);`,
  );
  assert.equal((await decode(dir, 'talk.aac', MP3, guessing)).wav.durationSec, 2);
});

/**
 * Finds damage at `stoppedSec`, and stops there if it is told to. Otherwise it goes on: its audio lasts two seconds,
 * and the part between the first second and `resumedSec` could not be read.
 */
function damaged(dir: string, resumedSec: number, declared = '00:00:02.00', stoppedSec = 1): Promise<string> {
  const beginning = path.join(dir, 'beginning');
  writeFileSync(beginning, makeWav({ sampleRateHz: 16_000, samples: sine(300, 16_000, stoppedSec) }));
  writeFileSync(path.join(dir, 'all'), PLAIN);
  return standIn(
    dir,
    `console.error('[info]   Duration: ${declared}, start: 0.000000');
     console.error('[flac @ 0x55d72cfa8040] [warning] Multiple frames in a packet.');
     console.error('[flac @ 0x55d72cfa8040] [error] invalid residual');
     console.error('[flac @ 0x55d72cfa8040] [error] decode_frame() failed');
     console.error('[info] Conversion failed!');
     if (process.argv.includes('-xerror')) {
       fs.copyFileSync(${JSON.stringify(beginning)}, output);
       process.exit(1);
     }
     fs.writeFileSync(output, '#tb 0: 1/16000\\n0, 0, 0, 16000, 32000, 0x0\\n0, ${resumedSec * 16_000}, ${resumedSec * 16_000}, 1600, 3200, 0x0\\n');
     fs.copyFileSync(${JSON.stringify(path.join(dir, 'all'))}, process.argv[process.argv.indexOf('wav') + 1].slice('file:'.length));`,
  );
}

test('a recording with damage comes out with silence for it, and a warning that says where', async ({
  dir,
}) => {
  const { wav, damage } = await decode(dir, 'talk.flac', MP3, await damaged(dir, 1.25));
  assert.equal(wav.durationSec, 2);
  assert.deepEqual(damage, {
    code: 'W_AUDIO_DAMAGED',
    text:
      'damaged at about this time (flac: invalid residual): 1.75 s of 2.00 s could be read, silence stands for ' +
      'the rest. Look at the intervals there, or upload the original again',
    place: { file: 'talk.flac', timeSec: 1 },
  });
});

test('damage without missing time gives a warning, too', async ({ dir }) => {
  const { damage } = await decode(dir, 'talk.flac', MP3, await damaged(dir, 1));
  assert.match(shown(damage), /\(1\.00 s\): damaged at about this time .*: what was read there may be wrong/);
});

test('a recording is refused, with the fix, when the time after the damage is unknown', async ({ dir }) => {
  const error = await refusal(decode(dir, "ann's talk.mp3", MP3, await damaged(dir, 1.25, '00:00:03.00')));
  assert.equal(error.code, 'E_AUDIO_CUT_SHORT');
  assert.equal(error.faults[0].place?.timeSec, 1);
  assert.match(
    error.message,
    /^ann's talk\.mp3 \(1\.00 s\): damaged at about this time \(flac: invalid residual\): 1\.75 s of 3\.00 s could/,
  );
  assert.ok(
    error.message.includes(
      `"ffmpeg -i 'ann'\\''s talk.mp3' -af aresample=async=1 'ann'\\''s talk-repaired.wav'"`,
    ),
    error.message,
  );
});

test('messages of ffmpeg about faults that lose no audio are not reported', async ({ dir }) => {
  writeFileSync(path.join(dir, 'all'), PLAIN);
  const complaining = await standIn(
    dir,
    `console.error('[mp3float @ 0x55d72cfa8040] [error] invalid new backstep -1');
     if (!process.argv.includes('-xerror')) fs.writeFileSync(output, '#tb 0: 1/16000\\n0, 0, 0, 32000, 64000, 0x0\\n');
     fs.copyFileSync(${JSON.stringify(path.join(dir, 'all'))}, process.argv[process.argv.indexOf('wav') + 1].slice('file:'.length));`,
  );
  const { wav, damage } = await decode(dir, 'talk.mp3', MP3, complaining);
  assert.deepEqual([wav.durationSec, damage], [2, undefined]);
});

test('bytes after the end of the audio give no warning', async ({ dir }) => {
  const { wav, damage } = await decode(dir, 'talk.flac', MP3, await damaged(dir, 1, '00:00:02.00', 2));
  assert.deepEqual([wav.durationSec, damage], [2, undefined]);
});

test('where no length is declared and nothing follows the damage, the user is asked whether it is the end', async ({
  dir,
}) => {
  const { damage } = await decode(dir, 'talk.flac', MP3, await damaged(dir, 1, 'N/A', 2));
  assert.match(
    shown(damage),
    /\(2\.00 s\): damaged at about this time .*: 2\.00 s could be read, nothing after that\. Is this/,
  );
  const error = await refusal(decode(dir, 'talk.mp3', MP3, await damaged(dir, 1, 'N/A', 1)));
  assert.equal(error.code, 'E_AUDIO_CUT_SHORT');
});

test('a file that ffmpeg cannot open is reported with the first message of ffmpeg', async ({ dir }) => {
  const failing = await standIn(
    dir,
    `console.error('[mov,mp4,m4a,3gp,3g2,mj2 @ 0x5574eebc4ac0] [error] moov atom not found');
     console.error('[error] ' + process.argv[process.argv.indexOf('-i') + 1] + ': Invalid data found when processing input');
     process.exit(1);`,
  );
  const error = await refusal(decode(dir, 'talk.m4a', MP3, failing));
  assert.match(error.message, /cannot read it as audio \(mov,mp4,m4a,3gp,3g2,mj2: moov atom not found\)/);
});

const hasFfmpeg = spawnSync('ffmpeg', ['-version']).status === 0;
if (!hasFfmpeg) console.log('  (ffmpeg is not installed: the tests with the real program are left out)');

if (hasFfmpeg) {
  test('the real ffmpeg reads mp3, flac and ogg with the name of a wav', async ({ dir }) => {
    await writeFile(path.join(dir, 'source.wav'), PLAIN);
    for (const name of ['made.mp3', 'made.flac', 'made.ogg']) {
      const made = path.join(dir, name);
      assert.equal(spawnSync('ffmpeg', ['-nostdin', '-i', path.join(dir, 'source.wav'), made]).status, 0);
      const { wav } = await decode(dir, 'talk.wav', readFileSync(made));
      assert.ok(Math.abs(wav.durationSec - 2) < 0.1, `${name}: ${wav.durationSec} s`);
    }
  });

  for (const [name, args] of [
    ['talk.flac', []],
    ['talk.mp3', []],
    ['talk.ogg', []],
    ['talk.m4a', []],
    ['talk.mp4', []],
    ['talk.mov', []],
    ['talk.3gp', ['-c:a', 'aac']],
    ['talk.mkv', []],
    ['talk.webm', []],
    ['talk.opus', []],
    ['talk.wma', []],
    ['talk.aiff', []],
    ['talk.au', []],
    ['talk.caf', []],
    ['talk.avi', []],
    ['talk.mpg', []],
    ['talk.mts', []],
    ['24 bit.w64', ['-c:a', 'pcm_s24le']],
    ['24 bit.wav', ['-c:a', 'pcm_s24le']],
    ['float.wav', ['-c:a', 'pcm_f32le']],
    ['96 kHz $(touch x).wav', ['-ar', '96000']],
  ] as const) {
    test(`the real ffmpeg turns ${name} into plain wav of the same length`, async ({ dir }) => {
      await writeFile(path.join(dir, 'source.wav'), PLAIN);
      const made = spawnSync('ffmpeg', [
        '-nostdin',
        '-i',
        path.join(dir, 'source.wav'),
        ...args,
        path.join(dir, `made-${name}`),
      ]);
      assert.equal(made.status, 0, made.stderr.toString());
      const { wav } = await decode(dir, name, readFileSync(path.join(dir, `made-${name}`)));
      assert.ok(Math.abs(wav.durationSec - 2) < 0.1, `${wav.durationSec} s`);
      assert.ok(wav.sampleRateHz >= 8_000 && wav.sampleRateHz <= 48_000);
    });
  }

  /** A recording of loud noise, which no encoder can make smaller. */
  async function encodeNoise(dir: string, name: string, durationSec: number): Promise<Buffer> {
    const noise = ['-f', 'lavfi', '-i', `anoisesrc=d=${durationSec}:r=16000:a=0.5:seed=1`];
    const file = path.join(dir, `made-${name}`);
    const { status, stderr } = spawnSync('ffmpeg', ['-nostdin', ...noise, file]);
    assert.equal(status, 0, stderr.toString());
    return readFileSync(file);
  }

  test('after damage in a flac the real ffmpeg goes on at the right time', async ({ dir }) => {
    const whole = await encodeNoise(dir, 'talk.flac', 4);
    const expected = readFileSync((await decode(dir, 'talk.flac', whole)).path);
    const { path: decoded, wav, damage } = await decode(dir, 'talk.flac', whole.fill(0xff, 50_000, 75_000));
    assert.equal(wav.durationSec, 4);
    const found = readFileSync(decoded);
    assert.ok(found.subarray(-32_000).equals(expected.subarray(-32_000)));
    assert.match(
      shown(damage),
      /^talk\.flac \(\d\.\d\d s\): damaged at about this time \(flac: .*\): 3\.\d\d s of 4\.00 s could be read/,
    );
  });

  test('a missing page of a long ogg is noticed, although the decoder exits with 0', async ({ dir }) => {
    const whole = await encodeNoise(dir, 'talk.ogg', 240);
    const middle = Math.floor(whole.length / 2);
    const { wav, damage } = await decode(dir, 'talk.ogg', whole.fill(0xff, middle, middle + 5));
    assert.ok(Math.abs(wav.durationSec - 240) < 0.1, `${wav.durationSec} s`);
    assert.match(
      shown(damage),
      /\(1[12]\d\.\d\d s\): damaged at about this time \(ogg: CRC mismatch!\): 2\d\d\.\d\d s of 240\.00 s/,
    );
  });

  test('a hole in an mp3, which has no times, is refused with the second and the fix', async ({ dir }) => {
    const whole = await encodeNoise(dir, 'talk.mp3', 20);
    const error = await refusal(decode(dir, 'talk.mp3', whole.fill(0, 20_000, 30_000)));
    assert.equal(error.code, 'E_AUDIO_CUT_SHORT');
    assert.match(
      error.message,
      /^talk\.mp3 \(\d+\.\d\d s\): damaged at about this time \(.+\): 1\d\.\d\d s of 20\.\d\d s could be read/,
    );
    assert.match(error.message, /"ffmpeg -i talk\.mp3 -af aresample=async=1 talk-repaired\.wav"/);
  });

  test('the real ffmpeg reads a stream without a length whose first part is silent', async ({ dir }) => {
    const noise = 'anoisesrc=d=2:a=0.8';
    const joined = ['-filter_complex', '[0][1]concat=n=2:v=0:a=1', '-c:a', 'aac'];
    const inputs = ['-f', 'lavfi', '-i', 'anullsrc=d=20', '-f', 'lavfi', '-i', noise];
    const file = path.join(dir, 'made.aac');
    assert.equal(spawnSync('ffmpeg', ['-nostdin', ...inputs, ...joined, file]).status, 0);
    const { wav } = await decode(dir, 'talk.aac', readFileSync(file));
    assert.ok(Math.abs(wav.durationSec - 22) < 0.3, `${wav.durationSec} s`);
  });

  test('a film that goes on after its audio is read, with a warning that says where the audio ends', async ({
    dir,
  }) => {
    await writeFile(path.join(dir, 'source.wav'), PLAIN);
    const pictures = ['-f', 'lavfi', '-i', 'color=s=32x32:d=4'];
    for (const name of ['talk.mp4', 'talk.mkv', 'talk.avi']) {
      const file = path.join(dir, `made-${name}`);
      const inputs = ['-nostdin', '-i', path.join(dir, 'source.wav'), ...pictures];
      assert.equal(spawnSync('ffmpeg', [...inputs, '-map', '0', '-map', '1', file]).status, 0);
      const { wav, damage } = await decode(dir, name, readFileSync(file));
      assert.ok(Math.abs(wav.durationSec - 2) < 0.15, `${name}: ${wav.durationSec} s`);
      assert.match(
        shown(damage),
        /the file lasts 4\.\d\d s, its audio 2\.\d\d s: a film may end without audio/,
      );
    }
  });

  test('a wav of another form that came through a pipe is whole, and has no warning', async ({ dir }) => {
    await writeFile(path.join(dir, 'source.wav'), PLAIN);
    const toPipe = ['-nostdin', '-i', path.join(dir, 'source.wav'), '-c:a', 'pcm_s24le', '-f', 'wav', '-'];
    const { wav, damage } = await decode(dir, 'talk.wav', spawnSync('ffmpeg', toPipe).stdout);
    assert.deepEqual([wav.durationSec, damage], [2, undefined]);
  });

  test('the recordings of TIMIT, NIST SPHERE with the name of a wav, are read', async ({ dir }) => {
    const fields = [
      'sample_count -i 32000',
      'sample_rate -i 16000',
      'channel_count -i 1',
      'sample_n_bytes -i 2',
    ];
    const more = [
      'sample_byte_format -s2 01',
      'sample_sig_bits -i 16',
      'sample_coding -s3 pcm',
      'end_head',
      '',
    ];
    const header = ['NIST_1A', '   1024', ...fields, ...more].join('\n').padEnd(1024);
    const sphere = Buffer.concat([Buffer.from(header), PLAIN.subarray(44)]);
    for (const name of ['SA1.WAV', 'sa1.sph']) {
      const { path: found, wav } = await decode(dir, name, sphere);
      assert.equal(wav.durationSec, 2);
      assert.ok(readFileSync(found).subarray(wav.dataOffset).equals(PLAIN.subarray(44)), name);
    }
  });

  test('a film without audio is refused in plain words', async ({ dir }) => {
    const file = path.join(dir, 'made.mp4');
    const made = ['-f', 'lavfi', '-i', 'color=s=16x16', '-t', '1', '-f', 'mp4', file];
    assert.equal(spawnSync('ffmpeg', ['-nostdin', ...made]).status, 0);
    const error = await refusal(decode(dir, 'talk.m4a', readFileSync(file)));
    assert.equal(error.code, 'E_AUDIO_FORMAT');
    assert.match(error.message, /^talk\.m4a: expected audio, found none in it/);
  });

  test('a playlist with the name of an mp3 makes the real ffmpeg fetch nothing', async ({ dir }) => {
    await writeFile(path.join(dir, 'secret.wav'), PLAIN);
    const playlist = `#EXTM3U\n#EXTINF:2,\nfile://${dir}/secret.wav\n#EXT-X-ENDLIST\n`;
    assert.equal((await refusal(decode(dir, 'talk.mp3', Buffer.from(playlist)))).code, 'E_AUDIO_FORMAT');
  });

  test('noise with the name of a flac is refused', async ({ dir }) => {
    const noise = Buffer.from(Array.from({ length: 5_000 }, (_, n) => (n * 7919) % 251));
    assert.equal((await refusal(decode(dir, 'talk.flac', noise))).code, 'E_AUDIO_FORMAT');
  });
}

test.run();
