import assert from 'node:assert/strict';
import { suite } from 'uvu';
import { CHAT } from '../../../src/formats/chat/format.ts';
import { spokenInChat } from '../../../src/formats/chat/spoken.ts';
import { faultsOf, readAs, spoken, told } from '../transcripts.ts';

const test = suite('CHAT files');

const at = (from: number, to: number) => `\u0015${from}_${to}\u0015`;
const cha = (...lines: string[]) =>
  [
    '@UTF8',
    '@Begin',
    '@Participants:\tCHI Ross Target_Child, MOT Mother, FAT Brian Father',
    ...lines,
    '@End',
    '',
  ].join('\n');
const read = (...lines: string[]) => readAs(CHAT, 'talk.cha', cha(...lines));

test('each speaker is a tier under his name, and a main line with its times an interval', () => {
  const { transcript, warnings } = read(
    `*CHI:\tmore cookie . ${at(0, 1250)}`,
    '*MOT:\tyou want some',
    `\tmore ? ${at(1250, 3000)}`,
    `*FAT:\tno . ${at(2500, 3500)}`,
  );
  assert.deepEqual(told(transcript), {
    Ross: ['0-1.25 more cookie .'],
    MOT: ['1.25-3 you want some more ?'],
    Brian: ['2.5-3.5 no .'],
  });
  assert.deepEqual([transcript.startSec, transcript.endSec, warnings], [0, 10, []]);
  const [, mother] = transcript.tiers;
  assert.deepEqual(mother?.kind === 'interval' && mother.intervals.map(({ line }) => line), [5]);
});

test('an utterance that lasts a moment into the next of its speaker ends there, and so does what depends on it', () => {
  const { transcript, warnings } = read(
    `*CHI:\tmore cookie . ${at(0, 1258)}`,
    '%mor:\tqn|more n|cookie .',
    `*MOT:\tno . ${at(1000, 1300)}`,
    `*CHI:\tmore . ${at(1250, 3000)}`,
    `*CHI:\tplease . ${at(2500, 3500)}`,
  );
  assert.deepEqual(told(transcript), {
    Ross: ['0-1.25 more cookie .', '1.25-3 more .'],
    'Ross 2': ['2.5-3.5 please .'],
    '%mor@Ross': ['0-1.25 qn|more n|cookie .'],
    MOT: ['1-1.3 no .'],
  });
  assert.match(warnings.join('\n'), /line 4: utterances that last up to 0\.1 s into the next .*: line 4$/m);
});

test('an utterance that lasts longer into another of its speaker is on a second tier, as if another said it', () => {
  const { transcript, warnings } = read(
    '@ID:\teng|corpus|FAT|||||Father|||',
    `*CHI:\tone . ${at(1000, 3000)}`,
    `*CHI:\ttwo . ${at(1000, 3000)}`,
    `*CHI:\tthree . ${at(3000, 4000)}`,
    `*FAT:\tno . ${at(0, 500)}`,
    '%com:\tshakes his head',
  );
  assert.deepEqual(told(transcript), {
    Ross: ['1-3 one .', '3-4 three .'],
    'Ross 2': ['1-3 two .'],
    Brian: ['0-0.5 no .'],
    '%com@Brian': ['0-0.5 shakes his head'],
  });
  assert.deepEqual([...(transcript.keptTiers ?? [])], [3]);
  assert.match(
    warnings[0] ?? '',
    /^W_TRANSCRIPT_READ talk\.cha line 6 \(1\.00 s\): from here on, some utterances overlap/,
  );
});

test('times in all the ways in which CLAN has written them', () => {
  for (const content of [
    ['*CHI:\tyes . \u0015%snd:"ross 1"_1000_2000\u0015'],
    ['*CHI:\tyes . \u00151000_2000-\u0015'],
    ['*CHI:\tyes . •1000_2000•'],
    ['*CHI:\tyes .', `\t${at(1000, 2000)}`],
    ['*CHI:\tyes .', '%snd:\t"ross1"_1000_2000'],
    ['*CHI:\tyes . \u0015%pic:"x.jpg"\u0015', `\t${at(1000, 2000)}`],
  ]) {
    const { transcript, warnings } = read(...content);
    assert.deepEqual(told(transcript), { Ross: ['1-2 yes .'] }, content.join());
    assert.deepEqual(warnings, []);
  }
});

test('each of several times in one main line ends the words before it', () => {
  const { transcript } = read(`*CHI:\tone ${at(0, 1000)} two`, `\tthree . ${at(1000, 2000)}`);
  assert.deepEqual(told(transcript), { Ross: ['0-1 one', '1-2 two three .'] });
});

test('a code after the times belongs to the words before them', () => {
  const { transcript } = read(`*CHI:\tyes . ${at(0, 1000)} [+ exc]`);
  assert.deepEqual(told(transcript), { Ross: ['0-1 yes . [+ exc]'] });
});

test('dependent tiers have the times of their main lines, and are kept without being aligned', () => {
  const { transcript, warnings } = read(
    `*CHI:\tyes . ${at(0, 1000)}`,
    '%mor:\tco|yes .',
    '%com:\tlooks',
    '\taway',
    '%com:\tand back',
    `*MOT:\tone ${at(1000, 2000)} two . ${at(2500, 3000)}`,
    '%mor:\tnum|one num|two .',
    `*CHI:\tno . ${at(3000, 4000)}`,
    '%mor:\tco|no .',
  );
  assert.deepEqual(told(transcript), {
    Ross: ['0-1 yes .', '3-4 no .'],
    '%mor@Ross': ['0-1 co|yes .', '3-4 co|no .'],
    '%com@Ross': ['0-1 looks away\nand back'],
    MOT: ['1-2 one', '2.5-3 two .'],
    '%mor@MOT': ['1-3 num|one num|two .'],
  });
  assert.deepEqual([...(transcript.keptTiers ?? [])], [1, 2, 4]);
  assert.deepEqual(warnings, [
    'W_TIER_KEPT talk.cha: not aligned, kept as they are: tiers "%mor@Ross", "%com@Ross", "%mor@MOT"',
  ]);
});

test('words with times of their own, as in %wor, are intervals of their tier', () => {
  const { transcript, warnings } = read(
    `*CHI:\tso &-um it was . ${at(0, 2000)}`,
    `%wor:\tso ${at(0, 400)} um ${at(400, 500)}`,
    `\tit ${at(600, 900)} was ${at(900, 2000)} .`,
    '%mor:\tx',
  );
  assert.deepEqual(told(transcript), {
    Ross: ['0-2 so &-um it was .'],
    '%wor@Ross': ['0-0.4 so', '0.4-0.5 um', '0.6-0.9 it', '0.9-2 was'],
    '%mor@Ross': ['0-2 x'],
  });
  assert.equal(warnings.length, 1, 'that they are kept');
});

test('words without a time, or without length, are left out of such a tier, which is reported', () => {
  for (const end of [`it ${at(400, 400)} .`, `it .`]) {
    const { transcript, warnings } = read(`*CHI:\tso it . ${at(0, 1000)}`, `%wor:\tso ${at(0, 400)} ${end}`);
    assert.deepEqual(told(transcript)['%wor@Ross'], ['0-0.4 so']);
    assert.equal(
      warnings[1],
      'W_TRANSCRIPT_READ talk.cha: words without times of their own are left out of %wor',
    );
  }
});

test('dependent tiers of main lines without times have the time of these, together', () => {
  const { transcript } = read(
    `*CHI:\tone . ${at(0, 1000)} two`,
    '%mor:\tn|one n|two',
    '*CHI:\tthree .',
    '%mor:\tn|three .',
    `*CHI:\tfour . ${at(3000, 4000)}`,
    `*MOT:\tfive . ${at(4000, 5000)}`,
    '*CHI:\tno time .',
    '%com:\tleft out',
    `*MOT:\tsix . ${at(5000, 6000)}`,
  );
  const { '%mor@Ross': mor, '%com@Ross': com } = told(transcript);
  assert.deepEqual([mor, com], [['0-3 n|one n|two\nn|three .'], undefined]);
});

test('main lines without times have the time between those before and after, if there is any', () => {
  const { transcript, warnings } = read(
    '*MOT:\tbefore .',
    `*CHI:\tone . ${at(1000, 2000)}`,
    '*MOT:\tnow ?',
    '*MOT:\tand then ?',
    '*CHI:\tmhm .',
    `*CHI:\ttwo . ${at(4000, 5000)}`,
    '*MOT:\tno time .',
    `*CHI:\tthree . ${at(5000, 6000)}`,
    '*MOT:\tafter .',
  );
  assert.deepEqual(told(transcript), {
    MOT: ['0-1 before .', '2-4 now ?\nand then ?', '6-10 after .'],
    Ross: ['1-2 one .', '2-4 mhm .', '4-5 two .', '5-6 three .'],
  });
  assert.match(
    warnings[0] ?? '',
    /^W_TRANSCRIPT_READ talk\.cha line 4: no times in lines 4, 6, 7, 8, 12: the words are looked for/,
  );
  assert.match(
    warnings[1] ?? '',
    /^W_TRANSCRIPT_READ talk\.cha line 10: no times in line 10, and no time between .*: left out/,
  );
});

test('without any times one speaker has the whole recording, and several are a fault', () => {
  assert.deepEqual(told(read('*CHI:\tone .', '*CHI:\ttwo .').transcript), { Ross: ['0-10 one .\ntwo .'] });
  const [fault = ''] = faultsOf(CHAT, 'a.cha', cha('*CHI:\tone .', '*MOT:\ttwo .'));
  assert.match(
    fault,
    /^E_TRANSCRIPT_MALFORMED a\.cha line 4: expected times in bullets after the utterances, found none/,
  );
});

test('two participants of one name keep their codes', () => {
  const { transcript } = readAs(
    CHAT,
    'a.cha',
    `@Participants:\tCHI Ann Target_Child, AUN Ann Aunt,\n\tXXX\n*CHI:\ta . ${at(0, 1)}\n*AUN:\tb . ${at(1, 2)}\n`,
  );
  assert.deepEqual(Object.keys(told(transcript)), ['CHI', 'AUN']);
});

test('the label stays whole, and what is spoken of it goes to the aligner', () => {
  const { transcript } = read(`*CHI:\t<I I> [/] (be)cause &-um 0is &=laughs +... ${at(0, 1000)}`);
  assert.deepEqual(told(transcript), { Ross: ['0-1 <I I> [/] (be)cause &-um 0is &=laughs +...'] });
  assert.deepEqual(spoken(transcript), ['I I cause um']);
});

test('what is spoken of the codes of the manual', () => {
  const cases: Record<string, string> = {
    'so it was .': 'so it was .',
    '&-uh &~gaga &+fr friend': 'uh gaga fr friend',
    '&=coughs &{l=laughs yes &}l=laughs &*MOT:mhm': 'yes',
    'gonna [: going to] go': 'gonna go',
    'dog [: cat] [*] [= a pet] [=! whispers] [% odd] [?] [!] [!!]': 'dog',
    '<I want> [//] I need [///] that [/-] so': 'I want I need that so',
    '<what did you> [>] say <nothing> [<2]': 'what did you say nothing',
    'xxx yyy www': 'xxx yyy www',
    '0det dog 0 .': 'dog .',
    '007 0.5': '007 0.5',
    '(be)cause goin(g) (th)em': 'cause goin em',
    'wait (.) (..) (1.5) now': 'wait now',
    'hola@s casa@s:spa wug@n b@l': 'hola casa wug b',
    '+" he said +"/. +, and +^ so +< +/. +//. +..? +!? ++ yes': 'he said and so yes',
    'ice+cream New_York_City': 'ice-cream New York City',
    'no:: ba:na:na rhi^noceros ^what': 'no banana rhinoceros what',
    'no [x 3] <oh my> [x 2] end': 'no no no oh my oh my end',
    '⌈2 yes ⌉2 ⌊ no⌋ ↑really↑ °soft° ∆fast∆ ˈstress „ ‡': 'yes no really soft fast stress',
    '↫w-w↫what # ##': 'what',
    'I said [- spa] hola [+ trn]': 'I said hola',
    'a@b.c &': 'a',
    '': '',
  };
  for (const [label, said] of Object.entries(cases)) assert.equal(spokenInChat(label).trim(), said, label);
});

test('a line that is repeated a thousand times does not become a million lines', () => {
  const label = `${'a'.repeat(10_000)} [x 99] `.repeat(50);
  assert.ok(spokenInChat(label).length <= label.length);
});

test('a main line of very many words is read', () => {
  const words = `${'a '.repeat(5_000_000)}.`;
  for (const times of ['', ` ${at(0, 1000)}`])
    assert.deepEqual(Object.keys(told(read(`*CHI:\t${words}${times}`).transcript)), ['Ross']);
});

test('a line with very many times is read in the time that its length needs', () => {
  const words = (count: number) => Array.from({ length: count }, (_, n) => `日本 ${at(n, n + 1)}`).join(' ');
  const secondsFor = (count: number) => {
    const line = `*CHI:\t${words(count)} \u2022`;
    return Math.min(...[1, 2, 3].map(() => cpuSeconds(() => read(line))));
  };
  // Four times as many would take sixteen times as long if each were looked for in all of the line.
  // The short one first: the first runs of a program are the slowest.
  const shortSec = Math.max(secondsFor(10_000), 0.01);
  assert.ok(secondsFor(40_000) < 10 * shortSec);
});

test('a file of very many main lines without times is read', () => {
  const { transcript } = readAs(CHAT, 'talk.cha', cha('*CHI:\ta\n'.repeat(150_000)));
  assert.equal(transcript.tiers.length, 1);
});

test('what is wrong is reported at once, with its lines', () => {
  const faults = faultsOf(
    CHAT,
    'a.cha',
    `\tno line before\n${cha('CHI: no star', '*CHI no colon', '*CHI:\ta \u001512-15\u0015 .')}`,
  );
  assert.deepEqual(
    faults.map((fault) => fault.split(': ')[0]),
    [1, 5, 6, 7].map((line) => `E_TRANSCRIPT_MALFORMED a.cha line ${line}`),
  );
  assert.match(
    faults[3] ?? '',
    /expected times between two bullets in milliseconds, such as 1250_3400, found "12-15/,
  );
});

test.run();

function cpuSeconds(work: () => void): number {
  const started = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(started);
  return (user + system) / 1_000_000;
}
