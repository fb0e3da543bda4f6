import { nameKey } from '../../base/channels.ts';
import type { Fault, Warning } from '../../base/errors.ts';
import { findingAt } from '../../base/finding.ts';
import { must } from '../../base/must.ts';
import { nameSome } from '../../base/name-some.ts';
import { usualKeys } from '../channel-names.ts';
import type { Channel, PreparedTier, TieredPair } from '../prepared.ts';

export interface AssignedTiers {
  readonly tiers: readonly PreparedTier[];
  /** E_CHANNELS_UNCLEAR. */
  readonly faults: readonly Fault[];
  /** W_CHANNEL_GUESSED, W_CHANNEL_EMPTY. */
  readonly warnings: readonly Warning[];
}

/** An interval tier that is not kept as it is. */
interface Speaker {
  /** Place in the transcript, from 0. */
  readonly index: number;
  readonly name: string;
  readonly hasWords: boolean;
  /** Whether it is a text without times. */
  readonly isUntimed: boolean;
}

const MAX_NAMED = 10;

/**
 * Finds the channel in which the words of each tier are said: the one with the name of the tier, otherwise the next by
 * order. Silent channels are left out of the order if there are enough others.
 */
export function assignChannels(pair: TieredPair): AssignedTiers {
  const { channels, tiers } = pair;
  if (channels === null) return { tiers, faults: [], warnings: [] };
  const byName = createFinder(channels);
  const all = findSpeakers(pair);
  const speakers =
    all.length <= channels.length ? all : all.filter((one) => one.hasWords || byName(one) >= 0);
  if (speakers.length > channels.length)
    return { tiers, faults: [tooMany(pair, speakers, channels)], warnings: [] };

  const byTier = new Map<number, number>();
  const taken = new Set<number>();
  const take = (speaker: Speaker, channel: number): void => {
    byTier.set(speaker.index, channel);
    taken.add(channel);
  };
  for (const speaker of speakers) {
    const channel = byName(speaker);
    if (channel >= 0 && !taken.has(channel)) take(speaker, channel);
  }
  const rest = speakers.filter(({ index }) => !byTier.has(index));
  const [only] = speakers.length === 1 ? rest : [];
  if (
    only?.isUntimed === true &&
    channels.filter((one, index) => !one.isSilent && one.sameAs === index).length > 1
  )
    return { tiers, faults: [oneText(pair, channels)], warnings: [] };
  const free = [...channels.keys()].filter((index) => !taken.has(index));
  const loud = free.filter((index) => channels[index]?.isSilent === false);
  const pool = loud.length < rest.length ? free : loud;
  for (const [at, speaker] of rest.entries()) take(speaker, must(pool[at], 'a channel for a tier'));

  const assigned = tiers.map((tier) => ({
    ...tier,
    channel: must(byTier.get(tier.index), 'a channel of a tier'),
  }));
  const guessed = rest.filter(({ hasWords }) => hasWords);
  return {
    tiers: assigned,
    faults: [],
    warnings: [
      ...(guessed.length === 0 ? [] : [guess(pair, guessed, byTier, channels)]),
      ...channels.flatMap((channel, index) =>
        describeEmpty(
          pair,
          channel,
          assigned.find((tier) => tier.channel === index),
        ),
      ),
    ],
  };
}

/** Finds the channel with the name of a tier: first among the names of channels, then among usual names. -1: none. */
function createFinder(channels: readonly Channel[]): (tier: Pick<Speaker, 'name'>) => number {
  const own = channels.map(({ name }) => nameKey(name));
  const usual = channels.map((_, index) => usualKeys(index, channels.length));
  return ({ name }) => {
    const key = nameKey(name);
    const at = own.indexOf(key);
    return at >= 0 ? at : usual.findIndex((keys) => keys.includes(key));
  };
}

function findSpeakers({ content, tiers }: TieredPair): Speaker[] {
  const withWords = new Set(tiers.map(({ index }) => index));
  return content.tiers.flatMap((tier, index) => {
    if (tier.kind === 'point' || content.keptTiers?.has(index) === true) return [];
    const isUntimed = tier.intervals.some(({ lines }) => lines !== undefined);
    return [{ index, name: tier.name, hasWords: withWords.has(index), isUntimed }];
  });
}

function quote(name: string): string {
  return JSON.stringify(name);
}

function nameAll(channels: readonly Channel[]): string {
  return nameSome(channels, MAX_NAMED, ({ name }) => quote(name));
}

function tooMany(
  { transcript, audio }: TieredPair,
  speakers: readonly Speaker[],
  channels: readonly Channel[],
): Fault {
  const found = nameSome(speakers, MAX_NAMED, ({ name }) => quote(name));
  const text =
    `expected at most ${channels.length} tiers of speakers, one for each channel of ${audio.originalName}, ` +
    `found ${speakers.length}: ${found}; keep one tier for each channel, or choose "mix" for the channels`;
  return findingAt('E_CHANNELS_UNCLEAR', { file: transcript.originalName }, text);
}

function oneText({ transcript, audio }: TieredPair, channels: readonly Channel[]): Fault {
  const text =
    `expected a tier for each channel of ${audio.originalName} (${nameAll(channels)}), since more than one of them is not ` +
    'silent, found one text without times; give a transcript with a tier for each channel, such as a TextGrid, or choose ' +
    '"mix" for the channels';
  return findingAt('E_CHANNELS_UNCLEAR', { file: transcript.originalName }, text);
}

function guess(
  { transcript }: TieredPair,
  guessed: readonly Speaker[],
  byTier: ReadonlyMap<number, number>,
  channels: readonly Channel[],
): Warning {
  const pairs = nameSome(guessed, MAX_NAMED, ({ index, name }) => {
    const channel = must(channels[byTier.get(index) ?? -1], 'the channel of a tier');
    return `tier ${quote(name)} for ${quote(channel.name)}`;
  });
  const text =
    `no channel has the name of these tiers, so they are assigned in order: ${pairs}. If that is wrong, call the tiers ` +
    `${nameAll(channels)}, or name the channels after the tiers, as in "split:Anna,Ben"`;
  return findingAt('W_CHANNEL_GUESSED', { file: transcript.originalName }, text);
}

function describeEmpty(
  { transcript, audio }: TieredPair,
  { name, isSilent }: Channel,
  tier: PreparedTier | undefined,
): Warning[] {
  if (!isSilent && tier !== undefined) return [];
  const file = isSilent ? audio.originalName : transcript.originalName;
  const what =
    tier === undefined
      ? `the channel ${quote(name)} ${isSilent ? 'is silent and ' : ''}has no tier with words, and is not aligned`
      : `the channel ${quote(name)} is silent, but tier ${quote(tier.name)} has words for it; is it the right channel?`;
  return [findingAt('W_CHANNEL_EMPTY', { file }, what)];
}
