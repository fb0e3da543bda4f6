import { atOnce } from '../src/base/pieces.ts';
import type { ResultDocument, ResultFormat, ResultTier } from '../src/formats/result.ts';
import { fillGaps } from '../src/formats/textgrid/write.ts';
import type { Interval } from '../src/formats/tiers.ts';

/** A word: its text, and its phones with IPA and times that follow each other. */
export interface SaidWord {
  readonly text: string;
  readonly phones: readonly (readonly [label: string, ipa: string, startSec: number, endSec: number])[];
}

/** The three tiers of a speaker, as the pipeline makes them. @param name - of the tier in the transcript */
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

/** Reads a file back as the package stage does, in pieces of so many bytes. @throws what is wrong with it */
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
