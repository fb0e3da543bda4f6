import type { BenchContext } from './benchmark.ts';
import { type BenchProcess, READY } from './processes.ts';
import { type BenchSite, createSite } from './site.ts';

/** A database, folders, and the server of the page. */
export interface PageSite extends AsyncDisposable {
  readonly site: BenchSite;
  readonly web: BenchProcess;
  /** Without the `/` at the end. */
  readonly address: string;
}

export async function createPageSite(
  context: BenchContext,
  options: { readonly logStatements?: boolean } = {},
): Promise<PageSite> {
  await using stack = new AsyncDisposableStack();
  const site = stack.use(await createSite(context, options));
  const web = stack.use(await site.start('web-main.ts', { slots: 1 }));
  const { address } = await web.event(READY);
  const all = stack.move();
  return {
    site,
    web,
    address: String(address).replace(/\/$/, ''),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}
