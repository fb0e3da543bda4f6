import assert from 'node:assert/strict';
import { test } from 'uvu';
import type { ResultDocument } from '../../../src/formats/result.ts';
import { SUBTITLES } from '../../../src/formats/subtitles/format.ts';
import { SRT_RESULT, VTT_RESULT } from '../../../src/formats/subtitles/result.ts';
import { documentOf, readBack, type SaidWord, saidBy, writeResult } from '../../../testing/result.ts';
import { readAs, told } from '../transcripts.ts';

const word = (text: string, startSec: number, endSec: number): SaidWord => ({
  text,
  phones: [['T', 't', startSec, endSec]],
});
const ANN = saidBy('Ann & Co', [word('so', 0.25, 0.5), word('it', 0.5, 1), word('w<a>s', 1.2, 1.5)], 4);
const BO = saidBy('Bo', [word('yes', 0.4, 0.9), word('no', 3, 3.2501)], 4);

const vtt = (...documents: ResultDocument[]) =>
  writeResult(VTT_RESULT, documents).get('words/talk.vtt') ?? '';
const srt = (...documents: ResultDocument[]) =>
  writeResult(SRT_RESULT, documents).get('words/talk.srt') ?? '';

test('WebVTT has phrases with their speakers, and the time of each word in them', () => {
  assert.equal(
    vtt(documentOf(4, [ANN, BO])),
    `WEBVTT

00:00:00.250 --> 00:00:01.500
<v Ann &amp; Co>so <00:00:00.500>it<00:00:01.000> <00:00:01.200>w&lt;a&gt;s

00:00:00.400 --> 00:00:00.900
<v Bo>yes

00:00:03.000 --> 00:00:03.250
<v Bo>no

`,
  );
});

test('SRT has a cue for each word, of all speakers in the order of time', () => {
  assert.equal(
    srt(documentOf(4, [ANN, BO]))
      .split('\n\n')
      .slice(0, 2)
      .join('\n\n'),
    '1\n00:00:00,250 --> 00:00:00,500\nso\n\n2\n00:00:00,400 --> 00:00:00,900\nyes',
  );
});

test('both are accepted when they are read back, and read by our own reader', async () => {
  const documents = [documentOf(4, [ANN, BO])];
  await readBack(VTT_RESULT, 'words/talk.vtt', vtt(...documents), [4]);
  await readBack(SRT_RESULT, 'words/talk.srt', srt(...documents), [4]);
  const { transcript } = readAs(SUBTITLES, 'talk.vtt', vtt(...documents));
  assert.deepEqual(told(transcript), {
    'Ann & Co': ['0.25-1.5 so it w&lt;a&gt;s'],
    Bo: ['0.4-0.9 yes', '3-3.25 no'],
  });
  const { transcript: words } = readAs(SUBTITLES, 'talk.srt', srt(documentOf(4, [ANN])));
  assert.deepEqual(told(words), { speaker: ['0.25-0.5 so', '0.5-1 it', '1.2-1.5 w<a>s'] });
});

test('a phrase ends at a pause, at the end of an interval of the transcript, and where a screen is full', () => {
  const many = Array.from({ length: 40 }, (_, at) => word('word', at / 10, at / 10 + 0.1));
  const cues = vtt(documentOf(4, [saidBy('a', many, 4)]))
    .split('\n\n')
    .slice(1, -1);
  assert.equal(cues.length, 3);
  assert.ok(cues.every((cue) => (cue.replaceAll(/<[^>]*>/g, '').split('\n')[1]?.length ?? 99) <= 84));
  const slow = Array.from({ length: 20 }, (_, at) => word('a', at, at + 1));
  assert.match(vtt(documentOf(20, [saidBy('a', slow, 20)])), /^00:00:07\.000 --> 00:00:14\.000$/m);
  const [said] = [saidBy('a', [word('a', 0, 1), word('b', 1, 2)], 2)];
  const phones = said.phones.map((tier) =>
    tier.role !== 'trans' || tier.kind === 'point'
      ? tier
      : {
          ...tier,
          intervals: [
            { startSec: 0, endSec: 1, text: 'a' },
            { startSec: 1, endSec: 2, text: 'b' },
          ],
        },
  );
  assert.match(vtt(documentOf(2, [], { phones })), /<v a>a\n\n.*\n<v a>b\n/);
});

test('labels that look like times, tags or line ends are escaped', async () => {
  const odd = saidBy('a\n>b', [word('-->', 0, 0.001), word('a\n\nb', 0.5, 0.5004), word('7', 1, 2)], 2);
  const documents = [documentOf(2, [odd])];
  await readBack(VTT_RESULT, 'words/talk.vtt', vtt(...documents), [2]);
  await readBack(SRT_RESULT, 'words/talk.srt', srt(...documents), [2]);
  assert.deepEqual(told(readAs(SUBTITLES, 'talk.srt', srt(...documents)).transcript), {
    speaker: ['0-0.001 -', '0.5-0.501 a b', '1-2 7'],
  });
});

test('no label or name of a speaker makes a line of times, or a second line for any reader', async () => {
  const labels = [
    '0:00:01.000 --> 0:00:02.000',
    '0:01.5 -> 0:02.5',
    '0:01.5 \u2192 x',
    'a\x85b\x1cc',
    '\x01',
    '<1>',
    '<c.<1>>',
    '--> -\u2013> 0:01.5 -->> x',
  ];
  const words = labels.map((text, at) => word(text, at, at + 1));
  const lines = [
    '0:00:01.000 - 0:00:02.000',
    '0:01.5 - 0:02.5',
    '0:01.5 - x',
    'a b c',
    '\u20391\u203a',
    '\u2039c.\u20391\u203a\u203a',
    '- - 0:01.5 - x',
  ];
  for (const name of ['Ann--', '']) {
    const documents = [documentOf(8, [saidBy(name, words, 8)])];
    await readBack(VTT_RESULT, 'words/talk.vtt', vtt(...documents), [8]);
    await readBack(SRT_RESULT, 'words/talk.srt', srt(...documents), [8]);
    assert.deepEqual(
      srt(...documents)
        .split('\n')
        .filter((_, at) => at % 4 === 2),
      lines,
    );
  }
  assert.match(vtt(documentOf(1, [saidBy('Ann--', [word('so', 0, 1)], 1)])), /^<v Ann->so$/m);
});

test('a name of a speaker with a long row of dashes takes no longer than another', () => {
  const name = `${'-'.repeat(1_000_000)}a`;
  assert.ok(vtt(documentOf(1, [saidBy(name, [word('so', 0, 1)], 1)])).includes(`<v ${name}>so`));
});

test('a recording without words has a file without cues', async () => {
  assert.equal(vtt(documentOf(2, [])), 'WEBVTT\n\n');
  await readBack(VTT_RESULT, 'words/talk.vtt', 'WEBVTT\n\n', [2]);
  await readBack(SRT_RESULT, 'words/talk.srt', '', [2]);
});

test('a file that is damaged or of another recording is not accepted', async () => {
  const good = vtt(documentOf(4, [ANN]));
  for (const bad of [
    good.slice(0, -3),
    good.replace('WEBVTT', 'WEBVT'),
    good.replace('00:00:00.500', '00:00:00.250'),
    good.replace('00:00:01.200', '00:00:01.500'),
    good.replace('00:00:01.500', '00:00:00.250'),
    good.replace('-->', '->'),
    `${good}00:00:00.100 --> 00:00:00.200\n<v A>a\n\n`,
    good.replace('<v Ann', '\n\n<v Ann').replace(/<v.*\n/, ''),
    '',
  ])
    await assert.rejects(readBack(VTT_RESULT, 'words/talk.vtt', bad, [4]), Error, bad);
  await assert.rejects(readBack(VTT_RESULT, 'words/talk.vtt', good, [1]), { code: 'E_OUTPUT_INVALID' });
  await assert.rejects(readBack(SRT_RESULT, 'words/talk.srt', good, [4]), { code: 'E_OUTPUT_INVALID' });
});

test.run();
