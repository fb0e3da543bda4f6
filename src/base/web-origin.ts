import { splitNames } from './names.ts';

const HOST = /^[a-z0-9.-]+(:\d{1,5})?$|^\[[0-9a-f:]+\](:\d{1,5})?$/i;
/** A constraint on `tasks.notify_url` says the same. */
const WEB_ADDRESS = /^https?:\/\/[^\s\p{Cc}]+$/u;
const EXAMPLE = 'such as app.example.org,app.example.org:8443';

/** What is wrong with a list of hosts that requests may be sent to; null: nothing. */
export function findOriginFault(list: string): string | null {
  const wrong = splitNames(list).find((one) => toOrigin(one) === null);
  if (wrong === undefined) return null;
  return `expected hosts with commas between them, ${EXAMPLE}, or http://HOST where https is not wanted, found ${JSON.stringify(wrong)}`;
}

/**
 * The origins that a list of hosts names: `https://` before each without a scheme.
 * @param list - in which `findOriginFault` found nothing
 */
export function splitOrigins(list: string): string[] {
  return splitNames(list).flatMap((one) => toOrigin(one) ?? []);
}

/** What is wrong with an address of this site as others reach it; null: nothing. */
export function findPublicUrlFault(text: string): string | null {
  const url = URL.parse(text);
  const isPlain = url?.search === '' && url.hash === '' && url.username === '' && url.password === '';
  if (isPlain && /^https?:$/.test(url.protocol)) return null;
  return 'expected an address that begins with https:// or http://, without ? and #, such as https://align.example.org';
}

/**
 * Why no request is sent to a URL; null: one may be sent.
 * @param origins - of the setting WEBHOOK_HOSTS
 */
export function findWebhookFault(url: string, origins: readonly string[]): string | null {
  const parsed = WEB_ADDRESS.test(url) ? URL.parse(url) : null;
  if (parsed === null)
    return 'expected a URL that begins with https:// and has no blanks, such as https://app.example.org/aligned';
  if (parsed.username !== '' || parsed.password !== '') return 'expected a URL without a user and a password';
  if (origins.includes(parsed.origin)) return null;
  return origins.length === 0
    ? 'this site sends no webhooks: its operator sets WEBHOOK_HOSTS for them'
    : `webhooks to ${parsed.origin} are not allowed here; the operator can add it to WEBHOOK_HOSTS`;
}

function toOrigin(host: string): string | null {
  const [, scheme = 'https', rest = ''] = /^(?:(https?):\/\/)?(.*)$/i.exec(host) ?? [];
  return HOST.test(rest) ? (URL.parse(`${scheme}://${rest}`)?.origin ?? null) : null;
}
