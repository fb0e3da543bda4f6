import { TaskError } from '../../base/errors.ts';
import { type InPieces, Piece } from '../../base/pieces.ts';
import type { WrittenFile } from '../result.ts';
import { CONFIG_FILE, DATABASE } from './bundles.ts';

type TimeKey = 'sampleStart' | 'sampleDur' | 'samplePoint';
type Times = Readonly<Partial<Record<TimeKey, unknown>>>;

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const CONFIG_KEYS = [
  'name',
  'UUID',
  'mediafileExtension',
  'ssffTrackDefinitions',
  'levelDefinitions',
  'linkDefinitions',
  'EMUwebAppConfig',
] as const;
const ANNOTATION_KEYS = ['name', 'annotates', 'sampleRate', 'levels', 'links'] as const;

/**
 * Whether a file follows the rules of EMU for configurations or annotations, and what we promise beyond: segments cover
 * the recording, ids are unique, and links lead from an item to one on the level below.
 * @throws TaskError E_OUTPUT_INVALID with the place
 */
export function* checkEmu(text: string, file: WrittenFile): InPieces<void> {
  const json: unknown = JSON.parse(text);
  yield;
  if (file.name === CONFIG_FILE) checkConfig(json);
  else yield* checkAnnotation(json, file);
}

function checkConfig(json: unknown): void {
  const config = object(json, 'the configuration', CONFIG_KEYS);
  const { name, UUID: uuid, mediafileExtension } = config;
  expect(name === DATABASE, `the name ${DATABASE}`, name);
  expect(UUID.test(string(uuid)), 'a UUID', uuid);
  expect(mediafileExtension === 'wav', 'the extension wav', mediafileExtension);
  expect(array(config.ssffTrackDefinitions).length === 0, 'no tracks', config.ssffTrackDefinitions);
  const levels = new Set<string>();
  const attributes = new Set<string>();
  for (const one of array(config.levelDefinitions)) {
    const level = object(one, 'a level', ['name', 'type', 'attributeDefinitions']);
    takeOnce(levels, string(level.name), 'a level');
    expect(level.type === 'SEGMENT' || level.type === 'EVENT', 'SEGMENT or EVENT', level.type);
    const own = array(level.attributeDefinitions).map((attribute) =>
      object(attribute, 'an attribute', ['name', 'type', 'description']),
    );
    expect(own[0]?.name === level.name, 'a first attribute of the name of its level', own[0]?.name);
    for (const attribute of own) {
      takeOnce(attributes, string(attribute.name), 'an attribute');
      expect(attribute.type === 'STRING', 'the type STRING', attribute.type);
      string(attribute.description);
    }
  }
  const known = (level: unknown) => expect(levels.has(string(level)), 'a level that is defined', level);
  for (const one of array(config.linkDefinitions)) {
    const link = object(one, 'a link', ['type', 'superlevelName', 'sublevelName']);
    expect(link.type === 'ONE_TO_MANY', 'ONE_TO_MANY', link.type);
    known(link.superlevelName);
    known(link.sublevelName);
  }
  const web = object(config.EMUwebAppConfig, 'EMUwebAppConfig', ['perspectives', 'activeButtons']);
  for (const one of array(web.perspectives)) {
    const parts = ['name', 'signalCanvases', 'levelCanvases', 'twoDimCanvases'];
    const { levelCanvases } = object(one, 'a perspective', parts);
    array(object(levelCanvases, 'levelCanvases', ['order']).order).forEach(known);
  }
}

function* checkAnnotation(json: unknown, { name: path, durationsSec }: WrittenFile): InPieces<void> {
  const annotation = object(json, 'the annotation', ANNOTATION_KEYS);
  const name = string(annotation.name);
  expect(path.endsWith(`_ses/${name}_bndl/${name}_annot.json`), 'the name of its folder', name);
  expect(annotation.annotates === `${name}.wav`, `${name}.wav`, annotation.annotates);
  const sampleRate = integer(annotation.sampleRate, 1);
  const sampleCount = Math.round((durationsSec[0] ?? 0) * sampleRate);
  const levels = new Set<string>();
  const levelOf = new Map<number, string>();
  const piece = new Piece();
  for (const one of array(annotation.levels)) {
    const level = object(one, 'a level', ['name', 'type', 'items']);
    const levelName = string(level.name);
    takeOnce(levels, levelName, 'a level');
    const items = array(level.items);
    const times = level.type === 'EVENT' ? new EventTimes(sampleCount) : new SegmentTimes(sampleCount);
    if (level.type !== 'EVENT') expect(level.type === 'SEGMENT', 'SEGMENT or EVENT', level.type);
    for (const item of items) {
      const id = checkItem(item, levelName, times);
      expect(!levelOf.has(id), 'an id that no other item has', id);
      levelOf.set(id, levelName);
      if (piece.add('')) yield;
    }
    if (items.length > 0) times.end();
  }
  const linked = new Set<number>();
  for (const one of array(annotation.links)) {
    const { fromID, toID } = object(one, 'a link', ['fromID', 'toID']);
    const to = integer(toID, 1);
    const [above, below] = [levelOf.get(integer(fromID, 1)), levelOf.get(to)];
    expect(isAbove(above, below), 'a link to an item of the level below', one);
    expect(!linked.has(to), 'one link to each item', one);
    linked.add(to);
    if (piece.add('')) yield;
  }
}

function checkItem(json: unknown, level: string, times: SegmentTimes | EventTimes): number {
  const item = object(json, `an item of ${level}`, ['id', ...times.keys, 'labels']);
  times.add(item);
  const labels = array(item.labels).map((label) => object(label, 'a label', ['name', 'value']));
  expect(labels[0]?.name === level, 'a first label of the name of its level', labels[0]?.name);
  for (const { name, value } of labels)
    expect(typeof name === 'string' && typeof value === 'string', 'text', value);
  return integer(item.id, 1);
}

/** Segments follow each other from the first sample to the last. */
class SegmentTimes {
  readonly keys: readonly TimeKey[] = ['sampleStart', 'sampleDur'];
  readonly #sampleCount: number;
  #reached = 0;

  constructor(sampleCount: number) {
    this.#sampleCount = sampleCount;
  }

  add({ sampleStart, sampleDur }: Times): void {
    expect(sampleStart === this.#reached, `the start ${this.#reached}`, sampleStart);
    this.#reached += integer(sampleDur, 0) + 1;
  }

  end(): void {
    expect(this.#reached === this.#sampleCount, `segments up to sample ${this.#sampleCount}`, this.#reached);
  }
}

class EventTimes {
  readonly keys: readonly TimeKey[] = ['samplePoint'];
  readonly #sampleCount: number;
  #reached = 0;

  constructor(sampleCount: number) {
    this.#sampleCount = sampleCount;
  }

  add({ samplePoint }: Times): void {
    this.#reached = integer(samplePoint, this.#reached);
    expect(this.#reached < this.#sampleCount, `a sample before ${this.#sampleCount}`, samplePoint);
  }

  end(): void {}
}

/** `Text_2` is above `Word_2`, which is above `Phone_2`. */
function isAbove(above = '', below = ''): boolean {
  return (
    (/^Text(_\d+)?$/.test(above) && below === above.replace('Text', 'Word')) ||
    (/^Word(_\d+)?$/.test(above) && below === above.replace('Word', 'Phone'))
  );
}

/** @param keys - all that it has */
function object<Key extends string>(
  json: unknown,
  what: string,
  keys: readonly Key[],
): Readonly<Record<Key, unknown>> {
  const isObject = typeof json === 'object' && json !== null && !Array.isArray(json);
  const found = isObject ? Object.keys(json) : [];
  const fits = isObject && found.length === keys.length && keys.every((key) => Object.hasOwn(json, key));
  expect(fits, `${what} with ${keys.join(', ')}`, isObject ? found : json);
  return json as Readonly<Record<Key, unknown>>;
}

function array(json: unknown): readonly unknown[] {
  expect(Array.isArray(json), 'a list', json);
  return json as readonly unknown[];
}

function string(json: unknown): string {
  expect(typeof json === 'string' && json !== '', 'text', json);
  return json as string;
}

function integer(json: unknown, least: number): number {
  expect(Number.isSafeInteger(json) && (json as number) >= least, `a whole number from ${least}`, json);
  return json as number;
}

function takeOnce(taken: Set<string>, name: string, what: string): void {
  expect(!taken.has(name), `${what} of a name of its own`, name);
  taken.add(name);
}

function expect(isTrue: boolean, expected: string, found: unknown): void {
  if (isTrue) return;
  const short = (JSON.stringify(found) ?? 'nothing').slice(0, 200);
  throw new TaskError('E_OUTPUT_INVALID', `expected ${expected}, found ${short}`);
}
