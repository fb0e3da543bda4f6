import assert from 'node:assert/strict';
import { suite } from 'uvu';
import { TRS } from '../../../src/formats/trs/format.ts';
import { faultsOf, readAs, spoken, told } from '../transcripts.ts';

const test = suite('Transcriber files');

/** A file of turns. @param encoding - as it declares it */
function trs(turns: string, encoding = 'ISO-8859-1'): string {
  return `<?xml version="1.0" encoding="${encoding}"?>
<!DOCTYPE Trans SYSTEM "trans-14.dtd">
<Trans scribe="x" audio_filename="talk" version="2" version_date="030101">
<Speakers>
<Speaker id="spk1" name="Zoë" check="no" dialect="native" accent="" scope="local"/>
<Speaker id="spk2" name="" check="no"/>
</Speakers>
<Episode>
<Section type="report" startTime="0" endTime="8.5">
${turns}
</Section>
</Episode>
</Trans>
`;
}
const read = (content: string) => readAs(TRS, 'talk.trs', Buffer.from(content, 'latin1'));

test('each speaker is a tier, and an interval lasts to the next Sync or the end of its Turn', () => {
  const { transcript, warnings } = read(
    trs(`<Turn startTime="0" endTime="4.5" speaker="spk1" mode="spontaneous">
<Sync time="0"/>
so it
 was
<Sync time="1.25"/>

<Sync time="2"/>
déjà vu
</Turn>
<Turn speaker="spk2" startTime="4.5" endTime="6"><Sync time="4.5"/>yes</Turn>
<Turn startTime="6" endTime="8"><Sync time="6"/>a jingle</Turn>`),
  );
  assert.deepEqual(told(transcript), {
    Zoë: ['0-1.25 so it was', '2-4.5 déjà vu'],
    spk2: ['4.5-6 yes'],
    'no speaker': ['6-8 a jingle'],
  });
  assert.deepEqual([transcript.startSec, transcript.endSec, warnings], [0, 10, []]);
  const [tier] = transcript.tiers;
  assert.deepEqual(tier?.kind === 'interval' && tier.intervals.map(({ line }) => line), [11, 16]);
});

test('names that objects of the program have are names as any others', () => {
  for (const name of ['constructor', '__defineGetter__', 'toString', '__proto__']) {
    const { transcript } = read(
      trs(`<Turn startTime="0" endTime="4" speaker="spk1"><Sync time="0"/>so <${name}/>
<Event desc="b" type="${name}" extent="${name}"/></Turn>`),
    );
    assert.deepEqual(told(transcript), { Zoë: ['0-4 so [b]'] });
    assert.deepEqual(transcript.besideTiers, ['properties of speakers', 'sections']);
  }
});

test('two speakers of one Turn have its time, each with what is said after its Who', () => {
  const { transcript } = read(
    trs(`<Turn startTime="0" endTime="4" speaker="spk1 spk2"><Sync time="0"/>
<Event desc="rire" type="noise" extent="instantaneous"/><Who nb="1"/>one<Who nb="2"/>two
<Sync time="2"/><Who nb="2"/>three<Who nb="1"/></Turn>`),
  );
  assert.deepEqual(told(transcript), { Zoë: ['0-2 [rire] one'], spk2: ['0-2 two', '2-4 three'] });
});

test('events and comments stand in the label in brackets and are not spoken; other brackets are for markers', () => {
  const { transcript } = read(
    trs(`<Turn startTime="0" endTime="4" speaker="spk1"><Sync time="0"/>
so<Event desc="b" type="noise" extent="instantaneous"/>it
<Event desc="laughing" type="noise" extent="begin"/>was<Event desc="laughing" type="noise" extent="end"/>
<Event desc="fr" type="language" extent="begin"/>vu<Event desc="fr" type="language" extent="end"/>
<Comment desc="sure [about] this?"/>&amp; <Vocal desc="sigh"/>[noise] {x}</Turn>`),
  );
  assert.deepEqual(told(transcript), {
    Zoë: [
      '0-4 so [b] it [laughing-] was [-laughing] [lang=fr-] vu [-lang=fr] {sure (about) this?} & [sigh] [noise] {x}',
    ],
  });
  assert.equal(spoken(transcript).join().replaceAll(/\s+/g, ' '), 'so it was vu & [noise] {x}');
});

test('sections without transcription give nothing, and topics and backgrounds are not speech', () => {
  const content = trs(
    '<Turn startTime="0" endTime="4"><Sync time="0"/>\n<Background time="1" type="music" level="high"/></Turn>',
  );
  assert.deepEqual(read(content).transcript.tiers, []);
});

test('the declared encoding counts; Unicode is found as in any text', () => {
  const turn = '<Turn startTime="0" endTime="4" speaker="spk1"><Sync time="0"/>žluť</Turn>';
  const of = (bytes: Uint8Array) => {
    const { transcript, warnings } = readAs(TRS, 'a.trs', bytes);
    return [...Object.values(told(transcript)).flat(), ...warnings];
  };
  const latin2 = Buffer.from(trs(turn, 'iso-8859-2').replace('ž', '\u00be').replace('ť', '\u00bb'), 'latin1');
  assert.deepEqual(of(latin2), ['0-4 žluť']);
  assert.deepEqual(of(Buffer.from(trs(turn, 'UTF-8'))), ['0-4 žluť']);
  assert.deepEqual(of(Buffer.from(`\uFEFF${trs(turn, 'UTF-16')}`, 'utf16le')), ['0-4 žluť']);
  const [label, warning] = of(Buffer.from(trs(turn.replace('žluť', 'é'))));
  assert.equal(label, '0-4 Ã©');
  assert.match(
    warning ?? '',
    /^W_TEXT_ENCODING a\.trs line 1: declares the encoding ISO-8859-1 and was read in it, but all of it is valid UTF-8/,
  );
  const unknown = faultsOf(TRS, 'a.trs', trs(turn, 'x-mac-klingon')).join();
  assert.match(
    unknown,
    /^E_TEXT_ENCODING a\.trs line 1: expected text in the declared encoding x-mac-klingon, found an/,
  );
});

test('what is wrong is reported with its line', () => {
  const turn = (content: string, attributes = 'startTime="0" endTime="4" speaker="spk1"') =>
    faultsOf(TRS, 'a.trs', Buffer.from(trs(`<Turn ${attributes}>\n${content}\n</Turn>`), 'latin1')).join();
  assert.match(
    turn('<Sync time="x"/>'),
    /^E_TRANSCRIPT_MALFORMED a\.trs line 11: expected time to be seconds such as 12\.345, found "x"/,
  );
  assert.match(turn('', 'startTime="0"'), /line 10: expected endTime to be seconds .*found ""/);
  assert.match(
    turn('<Who nb="3"/>'),
    /line 11: expected nb to be the place of a speaker of the Turn, 1 to 1, found "3"/,
  );
  assert.match(
    turn('<Sync time="0"/>one', 'startTime="0" endTime="4" speaker="spk1 spk2"'),
    /line 11: expected a Who that says which of the 2 speakers of the Turn this is, found "one" without one/,
  );
  assert.match(
    turn('<Who nb="2"/>one\n<Sync time="1"/>two', 'startTime="0" endTime="4" speaker="spk1 spk2"'),
    /line 12: expected a Who .*found "two" without one/,
  );
  assert.match(turn('<Turn/>'), /line 11: expected the end of the Turn before, found a Turn inside it/);
  assert.match(turn('<b>'), /line 12 column 7: expected <\/\w+>, found another end tag/);
  assert.match(
    faultsOf(TRS, 'a.trs', '<Annotation/>').join(),
    /a\.trs line 1: expected the element <Trans>, found <Annotation>/,
  );
  assert.match(faultsOf(TRS, 'a.trs', 'no XML').join(), /a\.trs line 1 column \d+: expected well-formed XML/);
  assert.match(faultsOf(TRS, 'a.trs', '').join(), /a\.trs line 1 column 1: expected well-formed XML/);
});

test('a DTD inside the file is refused, so is nesting without end', () => {
  const entities = '<!DOCTYPE Trans [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><Trans>&b;</Trans>';
  assert.match(
    faultsOf(TRS, 'a.trs', entities).join(),
    /a\.trs line 1 column 57: expected no DTD inside the file/,
  );
  assert.match(
    faultsOf(TRS, 'a.trs', '<Trans>'.repeat(1_000)).join(),
    /expected at most 100 elements inside each other/,
  );
});

test('a file that is written plainly gives the same as one whose every part is written otherwise', () => {
  const turns = (sync: string, other: string) =>
    [
      '<Turn speaker="spk1" startTime="0" endTime="3">',
      `<Sync time="0"${sync}/>`,
      'so it was',
      `<Sync time="1.25"${sync}/>`,
      '',
      `<Sync time="2"${sync}/>late<Event desc="b"/>`,
      `and${other}`,
      'later',
      '</Turn>',
      `<Turn speaker="spk2"${sync} startTime="3" endTime="5">`,
      `<Sync time="3"${sync}/>`,
      `yes  and\u00a0no &amp; <b/>${other}`,
      '</Turn>',
      `<Turn speaker="spk1 spk2"${sync} startTime="5" endTime="6">`,
      `<Sync time="5"${sync}/>`,
      '<Who nb="2"/>no',
      '</Turn>',
      '<Turn startTime="6" endTime="8">',
      `<Sync time="6"${sync}/>`,
      'a jingle',
      '</Turn>',
    ].join('\n');
  for (const change of [(text: string) => text, (text: string) => text.replaceAll('\n', '\r\n')]) {
    const { tiers } = read(change(trs(turns('', '').repeat(150)))).transcript;
    for (const [sync, other] of [
      [' ', ''],
      ['', '<!-- x -->'],
    ] as const)
      assert.deepEqual(read(change(trs(turns(sync, other).repeat(150)))).transcript.tiers, tiers);
    const [tier] = tiers;
    assert.deepEqual(
      tier?.kind === 'interval' &&
        tier.intervals.slice(0, 2).map(({ startSec, endSec, text, line }) => [startSec, endSec, text, line]),
      [
        [0, 1.25, 'so it was', 11],
        [0, 1.25, 'so it was', 31],
      ],
    );
  }
});

test('a fault after parts that were read ahead has its line, and elements are not nested more deeply there', () => {
  const turn = '<Turn speaker="spk1" startTime="0" endTime="1">\n<Sync time="0"/>\nso\n</Turn>\n';
  const faults = (content: string) => faultsOf(TRS, 'a.trs', Buffer.from(trs(content), 'latin1')).join();
  assert.match(
    faults(`${turn.repeat(3)}${turn.replace('time="0"', 'time="x"')}`),
    /line 23: expected time to be seconds .*found "x"/,
  );
  assert.match(faults(`${turn.repeat(3)}${turn.replace('so', 's & o')}`), /line 24 column 3: expected &amp;/);
  assert.match(
    faults(`${turn.repeat(3)}${turn.replace('</Turn>', '</Trun>')}`),
    /line 25 column \d+: expected <\/Turn>/,
  );
  assert.match(
    faults(`${turn.replace('so', '<b>so')}${turn.replace('so', 'so</b>')}`),
    /expected <\/b>, found another end tag/,
  );
  const nested = (depth: number) => `${'<b>'.repeat(depth)}${turn}${'</b>'.repeat(depth)}`;
  assert.deepEqual(told(read(trs(nested(95))).transcript), { Zoë: ['0-1 so'] });
  assert.match(faults(nested(96)), /expected at most 100 elements inside each other/);
});

test('a Turn of very many speakers costs no more than what they say', () => {
  const ids = Array.from({ length: 50_000 }, (_, at) => `s${at}`).join(' ');
  const syncs = Array.from({ length: 50_000 }, (_, at) => `<Sync time="${at}"/>`).join('');
  const { transcript } = readAs(
    TRS,
    'a.trs',
    `<Trans><Turn speaker="${ids}" startTime="0" endTime="50000">${syncs}<Who nb="2"/>so</Turn></Trans>`,
  );
  assert.deepEqual(told(transcript), { s1: ['49999-50000 so'] });
});

test.run();
