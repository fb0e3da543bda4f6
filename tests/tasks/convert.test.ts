import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { formatFinding } from '../../src/base/finding.ts';
import type { ResultFormatName } from '../../src/base/result-kinds.ts';
import { RESULT_WRITERS } from '../../src/formats/result-formats.ts';
import { type Converted, convert } from '../../src/tasks/convert.ts';
import { makeWav } from '../../testing/wav.ts';
import { aligned, eafTier, makeEaf, referring } from '../support/eaf.ts';
import { suiteWithTempDir } from '../support/temp-dir.ts';

const test = suiteWithTempDir('conversions');

interface Outcome extends Converted {
  readonly to: string;
  /** Empty: nothing was written. */
  readonly written: string;
  /** `CODE place: text` each. */
  readonly said: readonly string[];
}

async function convertTo(format: ResultFormatName, from: string): Promise<Outcome> {
  const to = `${from}.${RESULT_WRITERS[format].extension}`;
  const { signal } = new AbortController();
  const options = { format, folder: null, legacyEncoding: null, columns: [], isForced: true, signal };
  const [converted] = await convert([{ from, to }], options);
  assert.ok(converted !== undefined);
  const said = converted.faults.map((fault) => `${fault.code} ${formatFinding(fault)}`);
  return { ...converted, said, written: said.length > 0 ? '' : readFileSync(to, 'utf8') };
}

function add(dir: string, name: string, content: string): string {
  const file = path.join(dir, name);
  writeFileSync(file, content);
  return file;
}

const cueOf = (text: string) => `00:00:01.000 --> 00:00:02.000\n${text}`;

test('signs of subtitles are characters in every other format, and tags that are lost are reported', async ({
  dir,
}) => {
  const file = add(dir, 'a.vtt', `WEBVTT\n\n${cueOf('<v Ann>so &amp; <i>so</i> &lt;b&gt; it&#39;s')}\n`);
  for (const [format, written] of [
    ['textgrid', `text = "so & so <b> it's"`],
    ['srt', "so & so <b> it's\n"],
    ['vtt', "<v Ann>so &amp; so &lt;b&gt; it's\n"],
  ] as const) {
    const one = await convertTo(format, file);
    assert.ok(one.written.includes(written), one.written);
    assert.ok(
      one.losses.includes(`1 of 1 labels are written in another way in ${format}`),
      one.losses.join(),
    );
  }
});

test('characters that subtitles have signs for come back as they were, and nothing is reported', async ({
  dir,
}) => {
  const text = 'a & b <c> &amp; d';
  const file = add(dir, 'a.csv', `begin,end,text\n0,1,${text}\n`);
  const vtt = await convertTo('vtt', file);
  assert.deepEqual(vtt.losses, []);
  assert.match(vtt.written, /<v speaker>a &amp; b &lt;c&gt; &amp;amp; d\n/);
  const back = await convertTo('textgrid', vtt.to);
  assert.ok(back.written.includes(`text = "${text}"`), back.written);
  assert.deepEqual(back.losses, []);
});

test('an EAF stays whole as an EAF, and what other formats cannot hold of it is reported', async ({
  dir,
}) => {
  const content = makeEaf({
    times: [0, 1000],
    tiers: [
      eafTier('anna', [aligned('a1', 1, 2, 'one')], 'PARTICIPANT="Anna"'),
      eafTier('anna - word', [referring('a2', 'a1', 'one')], 'PARENT_REF="anna"'),
    ],
    rest: '<CONTROLLED_VOCABULARY CV_ID="c"/>',
  });
  const file = add(dir, 'a.eaf', content);
  const eaf = await convertTo('eaf', file);
  assert.deepEqual([eaf.written, eaf.losses], [content, []]);
  const { losses } = await convertTo('textgrid', file);
  assert.match(
    losses[0] ?? '',
    /^not in textgrid: which tier depends on which, participants, (?:names of media, )?vocabularies$/,
  );
});

test('the parts of subtitles and labels other than words and times are reported', async ({ dir }) => {
  const vtt = add(
    dir,
    'a.vtt',
    'WEBVTT\n\nSTYLE\n::cue {}\n\nNOTE x\n\n00:01.000 --> 00:02.000 line:0\nso <00:01.500>it\n\n00:02.000 --> 00:03.000\nwas\n',
  );
  assert.deepEqual((await convertTo('textgrid', vtt)).losses, [
    'not in textgrid: styles, notes, places on the screen, times of single words',
  ]);
  const scored = add(dir, 'a.lab', '0 1200000 so -50.1\n1200000 2400000 it -3.5\n');
  assert.deepEqual((await convertTo('textgrid', scored)).losses, ['not in textgrid: scores']);
  const plain = add(dir, 'b.srt', '1\n00:00:01,000 --> 00:00:02,000\nso\n');
  assert.deepEqual((await convertTo('textgrid', plain)).losses, []);
});

test('the parts of Transcriber files outside the tiers are reported', async ({ dir }) => {
  const turn =
    '<Turn speaker="a" startTime="0" endTime="1"><Sync time="0"/>so<Background time="0" type="music"/></Turn>';
  const file = add(
    dir,
    'a.trs',
    `<Trans><Topics><Topic id="t"/></Topics><Speakers><Speaker id="a" name="Ann"/></Speakers><Episode><Section>${turn}</Section></Episode></Trans>`,
  );
  assert.deepEqual((await convertTo('textgrid', file)).losses, [
    'not in textgrid: topics, properties of speakers, sections, backgrounds',
  ]);
});

test('a transcript without labels becomes a file without labels', async ({ dir }) => {
  const file = add(
    dir,
    'a.eaf',
    makeEaf({ times: [0, 1000], tiers: [eafTier('anna', [aligned('a1', 1, 2, '')])] }),
  );
  for (const format of ['csv', 'srt', 'vtt', 'textgrid', 'json'] as const)
    assert.deepEqual((await convertTo(format, file)).said, [], format);
  const none = await convertTo('textgrid', add(dir, 'b.vtt', 'WEBVTT\n'));
  assert.deepEqual(none.said, [`E_TRANSCRIPT_NO_WORDS ${none.from}: expected labels, found none`]);
});

test('a path that is not a file is reported by its kind', async ({ dir }) => {
  const { said } = await convertTo('srt', '/dev/null').catch(() => ({ said: [] }));
  assert.deepEqual(said, ['E_USAGE /dev/null: expected a file, found a pipe or device; copy it to a file']);
  assert.match(
    (await convertTo('srt', dir)).said[0] ?? '',
    /expected a file, found a folder; name the files in it$/,
  );
});

test('a recording that is missing is reported with the name of the transcript', async ({ dir }) => {
  const file = add(dir, 'a.csv', 'begin,end,text\n0,1,so\n');
  const { said } = await convertTo('par', file);
  assert.match(said[0] ?? '', /^E_AUDIO_MISSING .*\/a\.csv: expected a recording of this name/);
});

test('labels after the end of the audio, and a file without tiers, are told before they are written', async ({
  dir,
}) => {
  writeFileSync(path.join(dir, 'a.wav'), makeWav({ samples: new Float64Array(16_000) }));
  for (const format of ['par', 'emu'] as const) {
    const late = await convertTo(format, add(dir, 'a.vtt', `WEBVTT\n\n${cueOf('so')}\n`));
    assert.match(late.said.join(), /^E_AUDIO_TOO_SHORT .*a\.vtt.*expected audio up to 2 s.*found 1 s/);
  }
  const empty =
    'File type = "ooTextFile"\nObject class = "TextGrid"\n\nxmin = 0\nxmax = 1\ntiers? <absent>\n';
  const { said } = await convertTo('par', add(dir, 'a.TextGrid', empty));
  assert.match(
    said.join(),
    /^E_TRANSCRIPT_NO_WORDS .*a\.TextGrid: expected a tier with labels, of which par is made/,
  );
});

test.run();
