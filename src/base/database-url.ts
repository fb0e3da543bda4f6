import { nearest } from './nearest.ts';

const SSL_MODES = ['disable', 'prefer', 'require', 'verify-ca', 'verify-full', 'no-verify'];
const SSL_PARAMETERS = ['ssl', 'sslmode', 'sslrootcert', 'sslcert', 'sslkey', 'sslnegotiation'];

/**
 * What is wrong with the address of a database, and what was expected. A parameter about TLS that the driver does not
 * know would be ignored, and the connection be less safe than it was meant to be.
 */
export function findUrlFault(url: string): string | null {
  // Without a host, as in postgres://user@/database?host=/run/postgresql, it is no URL for anybody else.
  const parsed = URL.parse(url) ?? URL.parse(url.replace('@/', '@localhost/'));
  // A path with an @, or a fragment, is the end of a password that should have been encoded.
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

function didYouMean(word: string, candidates: readonly string[]): string {
  const meant = nearest(word, candidates);
  return meant === null ? '' : `; did you mean ${meant}?`;
}
