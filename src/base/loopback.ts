import { splitNames } from './names.ts';

/** Host and port, as the setting WEB names them. */
export interface Address {
  /** IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
}

const ADDRESS = /^(\[[0-9a-f:]+\]|[a-z0-9.-]+):(\d{1,5})$/i;
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1)$/i;
const HOST_NAME = /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/i;
const MAX_PORT = 65_535;

/** Whether a host can be reached from this machine only. @param host - IPv6 without brackets */
export function isLoopback(host: string): boolean {
  return LOOPBACK.test(host);
}

/** What is wrong with an address to listen at; null: nothing. */
export function findAddressFault(text: string): string | null {
  const found = ADDRESS.exec(text);
  if (found === null || Number(found[2]) > MAX_PORT) {
    return 'expected a host and a port, such as 127.0.0.1:8017';
  }
  return null;
}

/** @param text - in which `findAddressFault` found nothing */
export function parseAddress(text: string): Address {
  const [, host = '', port = ''] = ADDRESS.exec(text) ?? [];
  return { host: host.replace(/^\[|\]$/g, ''), port: Number(port) };
}

/** What is wrong with a list of host names; null: nothing. */
export function findHostNameFault(list: string): string | null {
  const wrong = splitHostNames(list).find((name) => !HOST_NAME.test(name));
  if (wrong === undefined) return null;
  return `expected names of hosts with commas between them, without ports, found ${JSON.stringify(wrong)}`;
}

/** In lower case. */
export function splitHostNames(list: string): string[] {
  return splitNames(list.toLowerCase());
}
