import { BlockList, isIP } from 'node:net';
import { splitNames } from './names.ts';

const BITS: Readonly<Record<number, number>> = { 4: 32, 6: 128 };

/** What is wrong with a list of addresses and networks; null: nothing. */
export function findNetworkFault(list: string): string | null {
  const wrong = splitNames(list).find((one) => parseNetwork(one) === null);
  if (wrong === undefined) return null;
  return `expected addresses or networks with commas between them, such as 127.0.0.1,10.1.0.0/16, found ${JSON.stringify(wrong)}`;
}

/** @param list - in which `findNetworkFault` found nothing */
export function toBlockList(list: readonly string[]): BlockList {
  const found = new BlockList();
  for (const one of list) {
    const network = parseNetwork(one);
    if (network !== null) found.addSubnet(network.address, network.bits, network.family);
  }
  return found;
}

/** Whether an address is in one of the networks. IPv4 written as IPv6 (`::ffff:10.0.0.1`) counts as IPv4. */
export function includesAddress(networks: BlockList, address: string): boolean {
  const family = isIP(address);
  return family !== 0 && networks.check(address, family === 4 ? 'ipv4' : 'ipv6');
}

function parseNetwork(text: string) {
  const [, address = '', prefix] = /^([0-9a-f.:]+)(?:\/(\d{1,3}))?$/i.exec(text) ?? [];
  const version = isIP(address);
  const most = BITS[version];
  if (most === undefined) return null;
  const bits = prefix === undefined ? most : Number(prefix);
  return bits > most
    ? null
    : { address, bits, family: version === 4 ? ('ipv4' as const) : ('ipv6' as const) };
}
