import { createHash } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { stripTypeScriptTypes } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

/** The files of the page, ready to be sent. */
export interface Assets {
  /**
   * Answers a request for the page or one of its files.
   * @param path - decoded, without the query
   * @returns false: the page has no such path, and nothing was sent
   */
  respond(request: IncomingMessage, response: ServerResponse, path: string): boolean;
  /**
   * Answers a browser that opens an address that does not exist: the page says so.
   * @returns false: it is not such a request
   */
  respondNothing(request: IncomingMessage, response: ServerResponse, path: string): boolean;
}

interface Asset {
  readonly type: string;
  readonly bytes: Buffer;
  readonly zipped: Buffer;
  readonly etag: string;
  /** Headers of its own, in addition to those of all answers. */
  readonly headers: Readonly<Record<string, string>>;
}

const SOURCE_DIR = path.resolve(import.meta.dirname, '..');
const PAGE_DIR = path.join(SOURCE_DIR, 'page');
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};
/** What the page's modules import by name. */
const LIBRARIES = ['preact', 'preact/hooks', 'htm'];
const ENTRY = '/main.js';
const MODULES_PLACE = '<!-- modules -->';
const STYLES_PLACE = '<!-- styles -->';
/** In this order: a later style may override an earlier one. */
const STYLES = ['theme', 'parts', 'views', 'operator'];
const RELATIVE_IMPORT = /(\bfrom\s*|\bimport\s*\(?\s*)(['"])(\.{1,2}\/[^'"]+)\.ts\2/g;
/** Addresses that the page itself shows. */
const VIEWS = /^\/(?:operator|tasks\/[A-Za-z0-9][A-Za-z0-9._-]*)?$/;

/**
 * Reads all files of the page once: `src/page/` is `/`, and what it shares with the server is beside it, so that
 * `src/base/time.ts` is `/base/time.js`. Types are stripped; there is no other build step.
 */
export function createAssets(): Assets {
  const modules = new Map<string, string>();
  for (const file of globSync('**/*.ts', { cwd: PAGE_DIR })) addModule(path.join(PAGE_DIR, file), modules);
  const assets = new Map<string, Asset>();
  for (const [address, text] of modules) assets.set(address, makeAsset('.js', text));
  for (const file of globSync('{*.svg,viewer/*.css}', { cwd: PAGE_DIR }))
    assets.set(`/${slashes(file)}`, makeAsset(path.extname(file), readFileSync(path.join(PAGE_DIR, file))));
  const imports: Record<string, string> = {};
  for (const name of LIBRARIES) {
    const address = `/libraries/${name.replace('/', '-')}.js`;
    imports[name] = address;
    const text = readFileSync(fileURLToPath(import.meta.resolve(name)), 'utf8');
    assets.set(address, makeAsset('.js', withoutSourceMap(text)));
  }
  const view = makeView(imports, [...Object.values(imports), ...reachable(ENTRY, modules)]);
  return {
    respond(request, response, address) {
      const asset = VIEWS.test(address) ? view : assets.get(address);
      if (asset === undefined || !isRead(request)) return false;
      send(request, response, asset);
      return true;
    },
    respondNothing(request, response, address) {
      const isToBeShown = /\btext\/html\b/.test(request.headers.accept ?? '');
      if (address.startsWith('/api/') || !isToBeShown || !isRead(request)) return false;
      send(request, response, view, 404);
      return true;
    },
  };
}

/** Adds a module and all that it imports. Paths above `src/page/` lose their `..`, as addresses do in a browser. */
function addModule(file: string, modules: Map<string, string>): void {
  const address = addressOf(file);
  if (modules.has(address)) return;
  const text = stripTypeScriptTypes(readFileSync(file, 'utf8'), { mode: 'transform' });
  modules.set(address, text.replace(RELATIVE_IMPORT, '$1$2$3.js$2'));
  for (const [, , , specifier = ''] of text.matchAll(RELATIVE_IMPORT))
    addModule(path.resolve(path.dirname(file), `${specifier}.ts`), modules);
}

function addressOf(file: string): string {
  const below = path.relative(PAGE_DIR, file);
  const named = below.startsWith('..') ? path.relative(SOURCE_DIR, file) : below;
  return `/${slashes(named).replace(/\.ts$/, '.js')}`;
}

function slashes(file: string): string {
  return file.split(path.sep).join('/');
}

/** Modules that are needed for the first paint. The browser fetches them at once, not level by level. */
function reachable(entry: string, modules: ReadonlyMap<string, string>, found = new Set<string>()): string[] {
  if (found.has(entry)) return [];
  found.add(entry);
  for (const [, specifier = ''] of (modules.get(entry) ?? '').matchAll(/\bfrom\s*['"](\.{1,2}\/[^'"]+)['"]/g))
    reachable(path.posix.resolve(path.posix.dirname(entry), specifier), modules, found);
  return [...found];
}

function withoutSourceMap(text: string): string {
  return text.replace(/\n\/\/# sourceMappingURL=.*\s*$/, '\n');
}

/**
 * The only document, which draws every view. Its policy allows its own files, the import map and the styles. Both are
 * in the document, so that the first paint waits for no other answer.
 */
function makeView(imports: Readonly<Record<string, string>>, modules: readonly string[]): Asset {
  const map = JSON.stringify({ imports });
  const tags = [
    `<script type="importmap">${map}</script>`,
    ...modules.map((address) => `<link rel="modulepreload" href="${address}">`),
    `<script type="module" src="${ENTRY}"></script>`,
  ];
  const style = STYLES.map((name) => readFileSync(path.join(PAGE_DIR, 'style', `${name}.css`), 'utf8')).join(
    '',
  );
  const html = readFileSync(path.join(PAGE_DIR, 'index.html'), 'utf8')
    .replace(STYLES_PLACE, () => `<style>${style}</style>`)
    .replace(MODULES_PLACE, () => tags.join('\n'));
  return makeAsset('.html', html, {
    'content-security-policy': [
      "default-src 'self'",
      `script-src 'self' ${hashOf(map)}`,
      `style-src 'self' ${hashOf(style)}`,
      "img-src 'self'",
      // A file that a user drops into the viewer to hear it never leaves the browser.
      "media-src 'self' blob:",
      "connect-src 'self'",
      "object-src 'none'",
      "base-uri 'none'",
      "form-action 'self'",
      "frame-ancestors 'none'",
    ].join('; '),
  });
}

/** The source for a policy that allows the text of these tags. */
function hashOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

function makeAsset(
  extension: string,
  content: string | Buffer,
  headers: Readonly<Record<string, string>> = {},
): Asset {
  const bytes = Buffer.from(content);
  const etag = `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`;
  const type = TYPES[extension] ?? 'application/octet-stream';
  return { type, bytes, zipped: gzipSync(bytes), etag, headers };
}

function isRead({ method }: IncomingMessage): boolean {
  return method === 'GET' || method === 'HEAD';
}

function send(request: IncomingMessage, response: ServerResponse, asset: Asset, status = 200): void {
  const isZipped = /\bgzip\b/.test(request.headers['accept-encoding'] ?? '');
  const body = isZipped ? asset.zipped : asset.bytes;
  // Requested each time and mostly answered without a body, so that no file of the old page is used after an upgrade.
  const headers = {
    ...asset.headers,
    'cache-control': 'no-cache',
    etag: asset.etag,
    vary: 'accept-encoding',
  };
  if (status === 200 && request.headers['if-none-match'] === asset.etag) {
    response.writeHead(304, headers).end();
    return;
  }
  response.writeHead(status, {
    ...headers,
    'content-type': asset.type,
    'content-length': body.length,
    'x-content-type-options': 'nosniff',
    ...(isZipped ? { 'content-encoding': 'gzip' } : {}),
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}
