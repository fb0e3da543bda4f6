import { atOnce } from '../src/base/pieces.ts';
import type { ResultDocument, ResultFormat, ResultTier } from '../src/formats/result.ts';
import { fillGaps } from '../src/formats/textgrid/write.ts';
import type { Interval } from '../src/formats/tiers.ts';

/** A word: its text, and its phones as IPA with times that follow each other. */
export interface SaidWord {
  readonly text: string;
  readonly phones: readonly (readonly [label: string, ipa: string, startSec: number, endSec: number])[];
}

/**
 * The three tiers of a speaker, as the pipeline makes them.
 * @param name - of the tier in the transcript
 */
export function saidBy(name: string, words: readonly SaidWord[], durationSec: number, speaker = name): Said {
  const tier = (role: ResultTier['role'], intervals: readonly Interval[]): ResultTier => ({
    kind: 'interval',
    role,
    speaker,
    name: `${name} - ${role}`,
    startSec: 0,
    endSec: durationSec,
    intervals: fillGaps(intervals, 0, durationSec),
  });
  const phonesIn = (at: 0 | 1) =>
    words.flatMap(({ phones }) =>
      phones.map((phone) => ({ startSec: phone[2], endSec: phone[3], text: phone[at] })),
    );
  const spans = words.map(({ text, phones }) => ({
    startSec: phones[0]?.[2] ?? 0,
    endSec: phones.at(-1)?.[3] ?? 0,
    text,
  }));
  const said = spans.map(({ text }) => text).join(' ');
  const others = [tier('word', spans), tier('trans', [{ startSec: 0, endSec: durationSec, text: said }])];
  return { phones: [tier('phone', phonesIn(0)), ...others], ipa: [tier('phone', phonesIn(1)), ...others] };
}

export interface Said {
  readonly phones: readonly ResultTier[];
  readonly ipa: readonly ResultTier[];
}

export function documentOf(
  durationSec: number,
  said: readonly Said[],
  change: Partial<ResultDocument> = {},
): ResultDocument {
  return {
    name: 'talk',
    durationSec,
    audio: { name: 'talk.wav', sampleRateHz: 16_000, sampleCount: Math.round(durationSec * 16_000) },
    phones: said.flatMap(({ phones }) => phones),
    ipa: said.flatMap(({ ipa }) => ipa),
    doubtful: new Map(),
    ...change,
  };
}

/** The files that a format makes of the documents of a task, by name. */
export function writeResult(
  format: ResultFormat,
  documents: readonly ResultDocument[],
): ReadonlyMap<string, string> {
  const texts = new Map<string, string[]>();
  const keep = (name: string, text: string) => {
    const parts = texts.get(name) ?? [];
    texts.set(name, parts);
    parts.push(text);
  };
  const sink = { toRecording: keep, toTask: keep };
  const writer = format.begin({ alphabet: 'ARPAbet' });
  for (const document of documents) atOnce(writer.add(document, sink));
  atOnce(writer.end(sink));
  return new Map([...texts].map(([name, parts]) => [name, parts.join('')]));
}

/**
 * Reads a file back as the package stage does, in pieces of a given number of bytes. @throws if the file is not valid
 */
export async function readBack(
  format: ResultFormat,
  name: string,
  text: string,
  durationsSec: readonly number[],
  pieceBytes = 7,
): Promise<void> {
  const bytes = Buffer.from(text);
  async function* pieces() {
    for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
  }
  await format.check(pieces(), { name, durationsSec });
}

const LABELS = ['a', 'so "it" was', 'New York', "it's", 'a\tb\nc', 'ŋ', '語', '<p:>', '-1', '5', '\\', '{x}'];

/**
 * A random document with extreme content: any number of speakers, labels of all kinds, intervals shorter than a sample.
 */
export function randomDocument(random: () => number, name: string): ResultDocument {
  const below = (end: number) => Math.floor(random() * end);
  const pick = <Of>(list: readonly Of[]) => list[below(list.length)] as Of;
  const sampleRateHz = pick([8_000, 11_025, 16_000, 22_050, 44_100, 48_000]);
  const sampleCount = 200 + below(20_000);
  const durationSec = sampleCount / sampleRateHz;
  const cuts = (start: number, end: number, count: number) => {
    const inside = Array.from({ length: count }, () => start + random() ** 3 * (end - start));
    return [...new Set([start, ...inside, end])].sort((one, other) => one - other);
  };
  const spans = (times: readonly number[]) =>
    times.slice(1).map((endSec, at) => ({ startSec: times[at] ?? 0, endSec, text: pick(LABELS) }));
  const some = <Of>(list: readonly Of[]) => list.filter(() => random() < 0.7);
  const tier = (
    change: Pick<ResultTier, 'role' | 'speaker'>,
    intervals: readonly Interval[],
  ): ResultTier => ({
    kind: 'interval',
    name: `${change.speaker} - ${change.role}`,
    startSec: 0,
    endSec: durationSec,
    intervals: fillGaps(intervals, 0, durationSec),
    ...change,
  });
  const said = Array.from({ length: below(4) }, (_, at): Said => {
    const speaker = `${pick(LABELS)} ${at}`;
    const words = some(spans(cuts(0, durationSec, below(12))));
    const phones = some(words.flatMap(({ startSec, endSec }) => spans(cuts(startSec, endSec, below(5)))));
    const ipa = phones.map((phone) => ({ ...phone, text: `ˈ${phone.text}` }));
    const others = [
      tier({ role: 'word', speaker }, words),
      tier({ role: 'trans', speaker }, some(spans(cuts(0, durationSec, below(4))))),
    ];
    return {
      phones: [tier({ role: 'phone', speaker }, phones), ...others],
      ipa: [tier({ role: 'phone', speaker }, ipa), ...others],
    };
  });
  const other = Array.from({ length: below(3) }, (): ResultTier => {
    const speaker = pick(LABELS);
    const points = cuts(0, durationSec, below(5)).map((timeSec) => ({ timeSec, text: pick(LABELS) }));
    if (random() < 0.5) return tier({ role: 'other', speaker }, some(spans(cuts(0, durationSec, below(5)))));
    return { kind: 'point', role: 'other', speaker, name: speaker, startSec: 0, endSec: durationSec, points };
  });
  return documentOf(durationSec, [...said, { phones: other, ipa: other }], {
    name,
    audio: { name: `${name}.wav`, sampleRateHz, sampleCount },
  });
}
