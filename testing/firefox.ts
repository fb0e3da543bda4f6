import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';

const PLACES = ['/usr/bin/firefox-esr', '/usr/bin/firefox'];
const LISTENS = /WebDriver BiDi listening on (ws:\/\/\S+)/;

/** The path of a Firefox on this machine; null: there is none. */
export const firefoxPath = PLACES.find((file) => existsSync(file)) ?? null;

/** One tab of a Firefox, driven by its protocol WebDriver BiDi. */
export interface Firefox extends AsyncDisposable {
  /** Errors of scripts and of the console. */
  readonly errors: readonly string[];
  goTo(address: string): Promise<void>;
  /** The value of an expression in the page: a text, a number or a truth value. */
  evaluate(expression: string): Promise<unknown>;
  /** Gives files to an input element. */
  setFiles(selector: string, files: readonly string[]): Promise<void>;
  /** Presses keys one after the other: characters, or WebDriver's codes of other keys. */
  press(...keys: readonly string[]): Promise<void>;
}

/** Keys that are not characters. Source: WebDriver, "Keyboard actions". */
export const KEYS = { enter: '\uE007', right: '\uE014', down: '\uE015' } as const;

interface Message {
  readonly id?: number;
  readonly method?: string;
  // biome-ignore lint/suspicious/noExplicitAny: each answer has its own shape
  readonly params?: any;
  // biome-ignore lint/suspicious/noExplicitAny: as above
  readonly result?: any;
  readonly error?: string;
  readonly message?: string;
}

export async function launchFirefox(): Promise<Firefox> {
  const profile = await mkdtemp(path.join(os.tmpdir(), 'autophon-firefox-'));
  const args = ['--headless', '--no-remote', '--profile', profile, '--remote-debugging-port', '0'];
  const child = spawn(firefoxPath ?? '', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = once(child, 'exit');
  const socket = new WebSocket(`${await findAddress(child.stderr)}/session`);
  await once(socket, 'open');
  const waiting = new Map<number, PromiseWithResolvers<Message['result']>>();
  const errors: string[] = [];
  socket.addEventListener('message', ({ data }) => {
    const { id, method, params, result, error, message } = JSON.parse(data) as Message;
    if (method === 'log.entryAdded' && params.level === 'error') errors.push(params.text);
    const asked = waiting.get(id ?? -1);
    if (error === undefined) asked?.resolve(result);
    else asked?.reject(new Error(`${error}: ${message}`));
  });
  let count = 0;
  const ask = (method: string, params: object): Promise<Message['result']> => {
    const answer = Promise.withResolvers<Message['result']>();
    waiting.set(++count, answer);
    socket.send(JSON.stringify({ id: count, method, params }));
    return answer.promise;
  };
  await ask('session.new', { capabilities: {} });
  await ask('session.subscribe', { events: ['log.entryAdded'] });
  const { contexts } = await ask('browsingContext.getTree', {});
  const { context } = contexts[0];
  return {
    errors,
    goTo: async (url) => void (await ask('browsingContext.navigate', { context, url, wait: 'complete' })),
    evaluate: async (expression) => {
      const target = { context };
      const said = await ask('script.evaluate', { expression, target, awaitPromise: true });
      if (said.type === 'exception') throw new Error(said.exceptionDetails.text);
      return said.result.value;
    },
    setFiles: async (selector, files) => {
      const { nodes } = await ask('browsingContext.locateNodes', {
        context,
        locator: { type: 'css', value: selector },
      });
      await ask('input.setFiles', { context, element: { sharedId: nodes[0].sharedId }, files });
    },
    press: async (...keys) => {
      const actions = keys.flatMap((value) => [
        { type: 'keyDown', value },
        { type: 'keyUp', value },
      ]);
      await ask('input.performActions', { context, actions: [{ type: 'key', id: 'keyboard', actions }] });
    },
    [Symbol.asyncDispose]: async () => {
      socket.close();
      child.kill('SIGTERM');
      await ended;
      await rm(profile, { recursive: true, force: true });
    },
  };
}

async function findAddress(output: NodeJS.ReadableStream): Promise<string> {
  const lines: string[] = [];
  for await (const line of createInterface({ input: output })) {
    const [, address] = LISTENS.exec(line) ?? [];
    if (address !== undefined) {
      // Goes on reading, because a full pipe would stop the browser.
      output.resume();
      return address;
    }
    lines.push(line);
  }
  throw new Error(`Firefox did not start: ${lines.join('\n')}`);
}
