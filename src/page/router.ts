import { createStore } from './store.ts';

/** The view that the address names. */
export type Route =
  | { readonly view: 'home'; readonly query: string }
  | { readonly view: 'task'; readonly taskId: string; readonly query: string }
  | { readonly view: 'operator'; readonly query: string }
  | { readonly view: 'nothing' };

function parseRoute(path: string, query: string): Route {
  if (path === '/') return { view: 'home', query };
  if (path === '/operator') return { view: 'operator', query };
  // Ids have no other characters, see `VIEWS` of http/assets.ts.
  const taskId = /^\/tasks\/([A-Za-z0-9][A-Za-z0-9._-]*)$/.exec(path)?.[1];
  return taskId === undefined ? { view: 'nothing' } : { view: 'task', taskId, query };
}

export const route = createStore<Route>({ view: 'home', query: '' });

/** Follows the address: links of the page, and the browser's back and forward buttons. */
export function startRouter(): void {
  window.addEventListener('popstate', follow);
  document.addEventListener('click', (event) => {
    const link = event.target instanceof Element ? event.target.closest('a') : null;
    if (link === null || event.defaultPrevented || event.button !== 0) return;
    if (
      event.metaKey ||
      event.ctrlKey ||
      event.shiftKey ||
      link.target !== '' ||
      link.hasAttribute('download')
    )
      return;
    const to = new URL(link.href);
    if (to.origin !== location.origin || parseRoute(to.pathname, to.search).view === 'nothing') return;
    event.preventDefault();
    goTo(to.pathname + to.search);
  });
  follow();
}

export function goTo(address: string): void {
  if (address !== location.pathname + location.search) history.pushState(null, '', address);
  follow();
  window.scrollTo(0, 0);
}

/** Changes the part after the `?`, without a new entry in the browser's history. */
export function setQuery(query: string): void {
  history.replaceState(null, '', location.pathname + query);
  follow();
}

function follow(): void {
  route.set(parseRoute(location.pathname, location.search));
}
