import { type InPieces, Piece } from '../../base/pieces.ts';
import { type ResultAudio, type ResultDocument, uniqueNames } from '../result.ts';
import { doubtsInTurn, parentsInTurn, type Speaker, speakersOf } from '../result-words.ts';
import { hasLabel, type SampleSpan, toSamples } from '../samples.ts';
import type { PointTier } from '../tiers.ts';
import { type Level, type OtherLevels, speakerLevels } from './levels.ts';

interface Item extends SampleSpan {
  readonly id: number;
}

type Write = (text: string) => void;

/**
 * Writes the annotation of one recording, with a line for each item and link: `checkAnnotation` reads it line by line.
 * Segments cover the recording; those without a label are pauses. EMU does not count the last sample of a segment:
 * `sampleDur` is the number of its samples - 1.
 */
export class Annotation {
  readonly #audio: ResultAudio;
  readonly #write: Write;
  readonly #piece = new Piece();
  #lastId = 0;
  #separator = '\n';
  #links: [from: number, to: number][] = [];

  constructor(audio: ResultAudio, write: Write) {
    this.#audio = audio;
    this.#write = write;
  }

  /**
   * @param bundle - name of the bundle
   * @param others - gets the levels of tiers that were not aligned
   * @returns the number of speakers whose levels were written, at least 1
   */
  *add(document: ResultDocument, bundle: string, alphabet: string, others: OtherLevels): InPieces<number> {
    const { sampleRateHz } = this.#audio;
    const [name, annotates] = [JSON.stringify(bundle), JSON.stringify(`${bundle}.wav`)];
    this.#write(`{"name":${name},"annotates":${annotates},"sampleRate":${sampleRateHz},"levels":[`);
    const speakers = speakersOf(document);
    // Each bundle has the levels of a first speaker, even if nobody speaks: the EMU-webApp shows them by default.
    const count = Math.max(1, speakers.length);
    for (let number = 1; number <= count; number++)
      yield* this.#addSpeaker(speakers[number - 1], number, alphabet, document.durationSec);
    const tiers = document.phones.filter(({ role }) => role === 'other');
    const names = uniqueNames(tiers.map((tier) => tier.name));
    for (const [index, tier] of tiers.entries()) {
      const level = others.of(names[index] ?? tier.name, tier.kind);
      if (tier.kind === 'point') yield* this.#addEvents(level, tier);
      else yield* this.#addSegments(level, toSamples(tier.intervals, this.#audio), ({ text }) => [text]);
    }
    this.#write('\n],"links":[');
    yield* this.#addAll(this.#links, ([from, to]) => `{"fromID":${from},"toID":${to}}`);
    this.#write('\n]}\n');
    return count;
  }

  *#addSpeaker(
    speaker: Speaker | undefined,
    number: number,
    alphabet: string,
    endSec: number,
  ): InPieces<void> {
    const levels = speakerLevels(number, alphabet);
    const whole = speaker === undefined ? [] : [{ startSec: 0, endSec, text: '' }];
    const spans = toSamples(speaker?.trans?.intervals ?? whole, this.#audio);
    const texts = yield* this.#addSegments(levels.text, spans, ({ text }) => [text, speaker?.name ?? '']);
    const qualityOf = doubtsInTurn(speaker?.doubtful ?? []);
    const words = yield* this.#addSegments(
      levels.word,
      toSamples(speaker?.word?.intervals ?? [], this.#audio),
      (word) => [word.text, hasLabel(word) ? qualityOf(word) : ''],
    );
    const phones = yield* this.#addSegments(
      levels.phone,
      toSamples(speaker?.phone?.intervals ?? [], this.#audio),
      ({ index, text }) => [text, speaker?.ipa?.intervals[index]?.text ?? ''],
    );
    yield* this.#link(texts, words);
    yield* this.#link(words.filter(hasLabel), phones);
  }

  *#addSegments(
    level: Level,
    spans: readonly SampleSpan[],
    valuesOf: (span: SampleSpan) => readonly string[],
  ): InPieces<Item[]> {
    const items = spans.map((span): Item => ({ ...span, id: ++this.#lastId }));
    yield* this.#addLevel(level, items, (item) => {
      const { id, firstSample, sampleCount } = item;
      const times = `"sampleStart":${firstSample},"sampleDur":${sampleCount - 1}`;
      return `{"id":${id},${times},"labels":${labels(level, valuesOf(item))}}`;
    });
    return items;
  }

  *#addEvents(level: Level, { points }: PointTier): InPieces<void> {
    const { sampleRateHz, sampleCount } = this.#audio;
    yield* this.#addLevel(level, points, ({ timeSec, text }) => {
      // As with labels of segments, points after the end of the audio are moved to its end.
      const sample = Math.max(0, Math.min(Math.round(timeSec * sampleRateHz), sampleCount - 1));
      return `{"id":${++this.#lastId},"samplePoint":${sample},"labels":${labels(level, [text])}}`;
    });
  }

  *#addLevel<Of>({ name, type }: Level, items: readonly Of[], toJson: (item: Of) => string): InPieces<void> {
    this.#write(`${this.#separator}{"name":${JSON.stringify(name)},"type":"${type}","items":[`);
    this.#separator = ',\n';
    yield* this.#addAll(items, toJson);
    this.#write('\n]}');
  }

  *#addAll<Of>(entries: readonly Of[], toJson: (entry: Of) => string): InPieces<void> {
    let text = '';
    for (const [index, entry] of entries.entries()) {
      const json = toJson(entry);
      text += index === 0 ? `\n${json}` : `,\n${json}`;
      if (!this.#piece.add(json)) continue;
      this.#write(text);
      text = '';
      yield;
    }
    this.#write(text);
  }

  /** Links each item that has a label to the item of the level above in which its middle lies. */
  *#link(above: readonly Item[], below: readonly Item[]): InPieces<void> {
    const parentOf = parentsInTurn(above);
    for (const item of below) {
      if (this.#piece.add('')) yield;
      const parent = hasLabel(item) ? parentOf(item) : null;
      const from = parent === null ? undefined : above[parent]?.id;
      if (from !== undefined) this.#links.push([from, item.id]);
    }
  }
}

/** The labels of an item: one value for each attribute of its level. */
function labels({ attributes }: Level, values: readonly string[]): string {
  return JSON.stringify(attributes.map(({ name }, index) => ({ name, value: values[index] ?? '' })));
}
