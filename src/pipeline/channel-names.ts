import { nameKey } from '../base/channels.ts';

/** Of stereo, in the order of its channels. */
const SIDES = [
  ['left', 'l', 'left channel'],
  ['right', 'r', 'right channel'],
];
/** What readers call the tier of a transcript that names no speaker. */
const UNNAMED = 'speaker';

/** What a channel is called if its user gives it no name. @param index - of the channel, from 0 */
export function usualName(index: number, channelCount: number): string {
  return channelCount === 2 ? (index === 0 ? 'left' : 'right') : `channel ${index + 1}`;
}

/** What people call a channel, as `nameKey`s. */
export function usualKeys(index: number, channelCount: number): string[] {
  const number = index + 1;
  const numbered = [`channel ${number}`, `channel${number}`, `ch ${number}`, `ch${number}`, `${number}`];
  return channelCount === 2 ? [...(SIDES[index] ?? []), ...numbered] : numbered;
}

/** Whether a tier is named after its channel only, or not at all. */
export function isNameOfChannel(tierName: string, index: number, channelCount: number): boolean {
  const key = nameKey(tierName);
  return key === '' || key === UNNAMED || usualKeys(index, channelCount).includes(key);
}
