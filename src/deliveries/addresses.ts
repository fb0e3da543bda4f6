import { lookup } from 'node:dns/promises';
import type { BlockList, LookupFunction } from 'node:net';
import { includesAddress, toBlockList } from '../base/networks.ts';

/**
 * Addresses outside the public internet: this machine, private networks, and addresses with a special meaning (RFC
 * 6890).
 */
const NOT_PUBLIC_4 = toBlockList([
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12'],
  ...['192.0.0.0/24', '192.0.2.0/24', '192.88.99.0/24', '192.168.0.0/16', '198.18.0.0/15'],
  ...['198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4'],
]);
/** All public addresses of IPv6 are in here, but also these others, some of which contain an address of IPv4. */
const PUBLIC_6 = toBlockList(['2000::/3']);
const NOT_PUBLIC_6 = toBlockList(['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20']);

interface HostAddress {
  readonly address: string;
  readonly family: number;
}

/**
 * The addresses of a host. Connections must use these addresses and not the name, because a second look-up may give
 * others.
 * @param host - of a URL: IPv6 in brackets
 * @param allowed - networks that may be used although they are not public
 * @throws Error when there is none, or one that is not allowed
 */
export async function findAddresses(host: string, allowed: BlockList): Promise<readonly HostAddress[]> {
  const name = host.replace(/^\[|\]$/g, '');
  const found = await lookup(name, { all: true });
  const refused = found.find((one) => !isPublic(one) && !includesAddress(allowed, one.address));
  if (refused === undefined) return found;
  throw new Error(
    `${name} has the address ${refused.address}, which is not public; the operator can allow it with WEBHOOK_NETWORKS`,
  );
}

/** For a connection: gives these addresses for every look-up. */
export function lookupOf(addresses: readonly HostAddress[]): LookupFunction {
  return (_, { all }, callback) => {
    const [first] = addresses;
    if (all === true || first === undefined) callback(null, [...addresses]);
    else callback(null, first.address, first.family);
  };
}

function isPublic({ address, family }: HostAddress): boolean {
  if (family === 4) return !NOT_PUBLIC_4.check(address, 'ipv4');
  // An address with a zone (fe80::1%eth0) belongs to this link alone.
  if (address.includes('%')) return false;
  return PUBLIC_6.check(address, 'ipv6') && !NOT_PUBLIC_6.check(address, 'ipv6');
}
