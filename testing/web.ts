import { openApp } from '../src/app/open.ts';
import type { SiteResources } from '../src/app/resources.ts';
import { silentLog } from '../src/base/log.ts';
import { readConfig } from '../src/config.ts';
import { WebServer, type WebServerOptions } from '../src/http/server.ts';
import { loadLanguage } from '../src/lexicon/load-languages.ts';
import { createAudioDecoder } from '../src/pipeline/prepare/decode-audio.ts';
import type { Site } from './site.ts';
import { createTrivial } from './trivial-engine.ts';

/** The page's server of a site, with the trivial engine, in the process of the test. */
export interface Web extends AsyncDisposable {
  /** Such as `http://127.0.0.1:40123`, without the `/` at the end. */
  readonly address: string;
  /** Sends a request to the API. A body that is not text is sent as JSON. */
  call(
    method: string,
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<WebAnswer>;
  stop(): Promise<void>;
}

export interface WebAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** The body of the answer as JSON; null if it is not JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: tests compare it with what they expect
  readonly json: any;
  readonly bytes: Buffer;
}

export async function startWeb(
  site: Site,
  env: Readonly<Record<string, string>> = {},
  options: WebServerOptions = {},
): Promise<Web> {
  const config = readConfig({ ...site.env, ...env }, {}, site.dir);
  const trivial = createTrivial(site.dir);
  const builtIn = [...trivial.builtInLanguages];
  const resources: SiteResources = {
    engines: new Map([[trivial.name, trivial]]),
    languages: new Map(builtIn.map((language) => [language.code, language])),
    decodeAudio: createAudioDecoder(config.engines),
    findLanguage: (code) => loadLanguage(code, { adminDir: null, builtIn }),
  };
  const app = await openApp(config, silentLog, 'web test');
  const server = new WebServer(app, resources, { ...options, port: 0 });
  const address = (await server.start()).replace(/\/$/, '');
  let isStopped = false;
  const stop = async () => {
    if (isStopped) return;
    isStopped = true;
    await server.stop();
    await app[Symbol.asyncDispose]();
  };
  return {
    address,
    stop,
    [Symbol.asyncDispose]: stop,
    call: async (method, path, body, headers = {}) => {
      const isRaw = body === undefined || typeof body === 'string' || body instanceof Uint8Array;
      const response = await fetch(address + path, {
        method,
        headers: { ...(isRaw ? {} : { 'Content-Type': 'application/json' }), ...headers },
        ...(body === undefined ? {} : { body: (isRaw ? body : JSON.stringify(body)) as string }),
      });
      const bytes = Buffer.from(await response.arrayBuffer());
      const isJson = /json/.test(response.headers.get('content-type') ?? '') && bytes.length > 0;
      const { status } = response;
      return { status, headers: response.headers, bytes, json: isJson ? JSON.parse(bytes.toString()) : null };
    },
  };
}
