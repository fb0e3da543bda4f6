import { withoutPassword } from '../base/without-password.ts';

const UNKNOWN_SIGNER = /^(UNABLE_TO_|SELF_SIGNED_CERT|DEPTH_ZERO_SELF_SIGNED)/;
const NOT_VALID_NOW = /^CERT_(HAS_EXPIRED|NOT_YET_VALID)$/;
const WRONG_HOST = 'ERR_TLS_CERT_ALTNAME_INVALID';
const NOT_LET_IN = '28000';

interface ConnectionError extends Error {
  /** SQLSTATE, or a code of Node. */
  readonly code?: string;
  readonly syscall?: string;
  /** With WRONG_HOST: the host name in DATABASE_URL, and the certificate. */
  readonly host?: string;
  readonly cert?: { readonly subjectaltname?: string };
}

/** A message that says why a connection failed, what was expected, and the fix. It does not contain the password. */
export function describeNoConnection(url: string, thrown: unknown): string {
  const error: ConnectionError = thrown instanceof Error ? thrown : new Error(String(thrown));
  return `no connection to ${withoutPassword(url)}: ${describe(error)}`;
}

function describe(error: ConnectionError): string {
  const { code = '', message, syscall, host, cert } = error;
  if (code === WRONG_HOST) {
    return (
      `the server's certificate is for ${cert?.subjectaltname ?? 'no host'}; expected one for ${host}. ` +
      'Put a name that is in it into DATABASE_URL, or give the server a certificate for this one.'
    );
  }
  if (UNKNOWN_SIGNER.test(code)) {
    return (
      `no trusted authority has signed the server's certificate (${code}); expected the authority of sslrootcert, or one ` +
      'that Node knows. Put sslrootcert=FILE into DATABASE_URL, with the certificate of the authority that signed it.'
    );
  }
  if (NOT_VALID_NOW.test(code))
    return `${message}; expected a certificate that is valid now. Renew the server's certificate, or correct this machine's clock.`;
  if (syscall === 'open') {
    return `${message}; expected sslrootcert, sslcert and sslkey of DATABASE_URL to be files that this user can read.`;
  }
  if (/does not support SSL/.test(message)) {
    return (
      'the server has no TLS; expected TLS, since DATABASE_URL asks for it. ' +
      'Turn ssl on in postgresql.conf or, for a server on this machine, put sslmode=disable into DATABASE_URL.'
    );
  }
  if (code === NOT_LET_IN && /no encryption|SSL off/.test(message)) {
    return (
      `${message}: the server expects TLS from this machine, and DATABASE_URL asks for none. ` +
      "Put sslmode=verify-full&sslrootcert=FILE into it, with the certificate of the authority that signed the server's."
    );
  }
  // The driver gives this message for each statement after the end of the connection.
  const what = /not queryable/.test(message) ? 'the server closed the connection' : message || code;
  return (
    `${what}. Check DATABASE_URL and that the server runs; ` +
    'leave DATABASE_URL empty to use the built-in server ("make db-start").'
  );
}
