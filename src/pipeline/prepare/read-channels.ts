import { TaskError, type Warning } from '../../base/errors.ts';
import { findingAt } from '../../base/finding.ts';
import { must } from '../../base/must.ts';
import { listenToChannels } from '../../formats/channel-sounds.ts';
import { uniqueNames } from '../../formats/result.ts';
import type { WavSource } from '../../formats/wav-pcm.ts';
import { usualName } from '../channel-names.ts';
import type { Channel } from '../prepared.ts';

interface ReadChannels {
  /** See `ReadPair`. */
  readonly channels: readonly Channel[] | null;
  /** W_CHANNELS_SAME. */
  readonly warnings: readonly Warning[];
}

/**
 * The channels of a recording, with their names and what is heard in them.
 * @param given - names of the first channels; null: all are to be mixed
 * @param file - the user's name of the recording
 * @throws TaskError E_CHANNELS_UNCLEAR when there are more names than channels; the reason of the signal
 */
export async function readChannels(
  given: readonly string[] | null,
  source: WavSource,
  file: string,
  signal: AbortSignal,
): Promise<ReadChannels> {
  if (given === null) return { channels: null, warnings: [] };
  const { channelCount } = source.info;
  if (channelCount === 1) {
    const text = 'there is one channel only, so nothing is split';
    return { channels: null, warnings: [findingAt('W_CHANNELS_SAME', { file }, text)] };
  }
  if (given.length > channelCount) {
    const text =
      `expected at most ${channelCount} names, one for each channel, found ${given.length} ` +
      `(${given.join(', ')}); remove those that are too many`;
    throw new TaskError('E_CHANNELS_UNCLEAR', text, { place: { file } });
  }
  const { isSilent, sameAs } = await listenToChannels(source, signal);
  const names = uniqueNames(isSilent.map((_, index) => given[index] ?? usualName(index, channelCount)));
  const channels = isSilent.map((silent, index) => ({
    name: must(names[index], 'the name of a channel'),
    isNamed: given[index] !== undefined,
    isSilent: silent,
    sameAs: sameAs[index] ?? index,
  }));
  const copies = channels.filter((one, index) => one.sameAs !== index);
  return { channels, warnings: copies.map((copy) => sameAudio(copy, channels, file)) };
}

function sameAudio({ name, sameAs }: Channel, channels: readonly Channel[], file: string): Warning {
  const text =
    `the channels ${JSON.stringify(channels[sameAs]?.name)} and ${JSON.stringify(name)} hold the same audio, so splitting ` +
    'them gains nothing: the words of each speaker are aligned with the voices of both. Choose "mix", or use a recording with a microphone for each speaker';
  return findingAt('W_CHANNELS_SAME', { file }, text);
}
