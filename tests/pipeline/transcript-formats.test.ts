import assert from 'node:assert/strict';
import { suite } from 'uvu';
import { readTextGrid } from '../../src/formats/textgrid/read.ts';
import { createPipelineBench, type PipelineBench } from '../../testing/pipeline.ts';
import { makeWav, sine } from '../../testing/wav.ts';
import { readZip } from '../../testing/zip.ts';
import { flat } from '../support/finding.ts';

const test = suite<{ bench: PipelineBench }>('transcripts of other formats, aligned and packed');

test.before.each(async (context) => {
  context.bench = await createPipelineBench();
  await context.bench.add('talk.wav', makeWav({ sampleRateHz: 16_000, samples: sine(200, 16_000, 4) }));
});
test.after.each(async ({ bench }) => {
  await bench[Symbol.asyncDispose]();
});

/** The labels of the result, by tier, and the codes of its warnings. */
async function align(bench: PipelineBench, file: string, content: string | Uint8Array) {
  await bench.add(file, content);
  const { zipPath, warnings } = await bench.run();
  const { tiers } = readTextGrid((await readZip(zipPath)).get('ARPAbet/talk.TextGrid') ?? '', 'talk');
  const labels = tiers.map((tier) => [
    tier.name,
    tier.kind === 'interval' ? tier.intervals.map(({ text }) => text).filter((text) => text !== '') : [],
  ]);
  return { labels: Object.fromEntries(labels), warnings: warnings.map(flat).map(({ code }) => code) };
}

test('SRT: words of each cue, and the cue as it stands', async ({ bench }) => {
  const srt =
    '1\r\n00:00:00,500 --> 00:00:01,500\r\n<i>One</i>, two\r\n\r\n2\r\n00:00:02,000 --> 00:00:03,000\r\n- three\r\n';
  const { labels, warnings } = await align(bench, 'talk.SRT', srt);
  assert.deepEqual(labels['speaker - word'], ['One', 'two', 'three']);
  assert.deepEqual(labels['speaker - trans'], ['<i>One</i>, two', '- three']);
  assert.deepEqual(warnings, []);
});

test('WebVTT: each voice is a speaker', async ({ bench }) => {
  const vtt = 'WEBVTT\n\n00:00.500 --> 00:01.500\n<v Ann>one two\n\n00:01.000 --> 00:03.000\n<v Bo>three\n';
  const { labels } = await align(bench, 'talk.vtt', vtt);
  assert.deepEqual(labels['Ann - word'], ['one', 'two']);
  assert.deepEqual(labels['Bo - word'], ['three']);
});

test('Transcriber: events stay in the text and are not aligned', async ({ bench }) => {
  const trs = `<?xml version="1.0" encoding="ISO-8859-1"?>
<!DOCTYPE Trans SYSTEM "trans-14.dtd">
<Trans><Speakers><Speaker id="s" name="Zoé"/></Speakers><Episode><Section type="report" startTime="0" endTime="4">
<Turn speaker="s" startTime="0" endTime="4"><Sync time="0.5"/>one<Event desc="rire" type="noise" extent="instantaneous"/>two
<Sync time="2"/>three</Turn></Section></Episode></Trans>`;
  const { labels, warnings } = await align(bench, 'talk.trs', Buffer.from(trs, 'latin1'));
  assert.deepEqual(labels['Zoé - word'], ['one', 'two', 'three']);
  assert.deepEqual(labels['Zoé - trans'], ['one [rire] two', 'three']);
  assert.deepEqual(warnings, []);
});

test('CHAT: what is spoken is aligned, and the main line stays whole', async ({ bench }) => {
  const cha =
    '@UTF8\n@Begin\n@Participants:\tCHI Ross Target_Child\n*CHI:\t<one one> [/] two@s &=laughs\n\tthree . \u0015500_3000\u0015\n@End\n';
  const { labels, warnings } = await align(bench, 'talk.cha', cha);
  assert.deepEqual(labels['Ross - word'], ['one', 'one', 'two', 'three']);
  assert.deepEqual(labels['Ross - trans'], ['<one one> [/] two@s &=laughs three .']);
  assert.deepEqual(warnings, []);
});

test.run();
