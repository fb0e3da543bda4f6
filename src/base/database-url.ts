import { nearest } from './nearest.ts';

const SSL_MODES = ['disable', 'prefer', 'require', 'verify-ca', 'verify-full', 'no-verify'];
const SSL_PARAMETERS = ['ssl', 'sslmode', 'sslrootcert', 'sslcert', 'sslkey', 'sslnegotiation'];

/** An address without a host, such as postgres://user@/database?host=/run/postgresql: Postgres takes it, `URL` does not. */
const NO_HOST = /(:\/\/(?:[^/@]*@)?)\//;

/**
 * What is wrong with the address of a database, and what was expected; null: nothing. The driver ignores a parameter for
 * TLS that it does not know, and the connection would be less safe than its operator wants.
 */
export function findUrlFault(url: string): string | null {
  // The driver encodes an address with a blank once more: %2F becomes %252F, and the login fails.
  if (/\s/.test(url)) return 'expected no blanks: in a name or a password a blank is written as %20';
  const parsed = URL.parse(url) ?? URL.parse(url.replace(NO_HOST, '$1localhost/'));
  // An @ in the path, or a fragment, comes from a password with characters that should have been encoded.
  const isWhole = parsed !== null && !parsed.pathname.includes('@') && parsed.hash === '';
  if (!isWhole || !/^postgres(ql)?:$/.test(parsed.protocol)) {
    return (
      'expected an address such as postgres://user:password@host:5432/database; ' +
      'in a password, characters other than letters, digits and ._~- are written as %40 and the like'
    );
  }
  for (const [name, value] of parsed.searchParams) {
    if (/^ssl/i.test(name) && !SSL_PARAMETERS.includes(name))
      return `unknown parameter ${name}${didYouMean(name, SSL_PARAMETERS)}`;
    if (name === 'sslmode' && !SSL_MODES.includes(value))
      return `sslmode=${value}: expected one of ${SSL_MODES.join(', ')}${didYouMean(value, SSL_MODES)}`;
  }
  return null;
}

/**
 * The address without its password, and the password, decoded; null: it has none.
 * @param url - one that `findUrlFault` finds nothing wrong with
 * @internal for scripts/psql.ts
 */
export function splitPassword(url: string): { readonly url: string; readonly password: string | null } {
  const hasHost = URL.canParse(url);
  const parsed = new URL(hasHost ? url : url.replace(NO_HOST, '$1localhost/'));
  const password = parsed.searchParams.get('password') ?? decodeURIComponent(parsed.password);
  parsed.password = '';
  if (parsed.searchParams.has('password')) {
    parsed.searchParams.delete('password');
    // URLSearchParams writes a blank as a plus, which libpq does not read as a blank.
    parsed.search = parsed.search.replaceAll('+', '%20');
  }
  const rest = hasHost ? parsed.href : parsed.href.replace('@localhost/', '@/');
  return { url: rest, password: password === '' ? null : password };
}

function didYouMean(word: string, candidates: readonly string[]): string {
  const meant = nearest(word, candidates);
  return meant === null ? '' : `; did you mean ${meant}?`;
}
