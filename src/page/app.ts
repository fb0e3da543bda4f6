import { useEffect } from 'preact/hooks';
import { Home } from './home/home.ts';
import { html, type View } from './html.ts';
import { addKeys, currentKeys, isKeyListOpen } from './keys.ts';
import { connection } from './live.ts';
import { Login, SignOut } from './login.ts';
import { OperatorView } from './operator/operator-view.ts';
import { Dialog } from './parts/dialog.ts';
import { Notices, ProblemBox, Skeleton } from './parts/notices.ts';
import { goTo, type Route, route } from './router.ts';
import { compareVersion, isOutdated, seesAll, session } from './session.ts';
import { useStore } from './store.ts';
import { TaskView } from './task/task-view.ts';
import { clockTime } from './times.ts';
import { KEY_WORDS } from './viewer/key-words.ts';

/** The whole page: the parts that are the same in all views, around the view that the address names. */
export function App(): View {
  const now = useStore(route);
  const who = useStore(session);
  useEffect(
    () =>
      addKeys([
        { key: '?', does: 'show or hide this list', run: () => isKeyListOpen.update((isOpen) => !isOpen) },
        { key: 'h', does: 'go to my tasks', run: () => goTo('/') },
        ...(seesAll(who) ? [{ key: 'o', does: 'go to the overview', run: () => goTo('/operator') }] : []),
      ]),
    [who],
  );
  return html`
    <a class="skip" href="#main">Skip to the content</a>
    <header class="top">
      <a class="brand" href="/"><img src="/icon.svg" alt="" width="24" height="24" />Autophon</a>
      <nav aria-label="Views">
        <a href="/" aria-current=${now.view === 'home' ? 'page' : undefined}>Tasks</a>
        ${seesAll(who) && html`<a href="/operator" aria-current=${now.view === 'operator' ? 'page' : undefined}>Overview</a>`}
      </nav>
      <span class="fill" />
      ${who.state === 'ready' && html`<span class="user" title=${`signed in as ${who.session.role}`}>${who.session.user}</span>`}
      ${who.state === 'ready' && who.session.mode === 'token' && html`<${SignOut} />`}
      <button class="quiet" aria-label="Keys" title="Keys (?)" onClick=${() => isKeyListOpen.set(true)}>?</button>
    </header>
    <${ConnectionLine} />
    <main id="main" tabindex="-1"><${Shown} now=${now} /></main>
    <${Notices} />
    <${KeyList} />`;
}

function Shown({ now }: { now: Route }): View {
  const who = useStore(session);
  if (who.state === 'failed' && who.problem.mode === 'token')
    return html`<${Login} hint=${who.problem.hint} />`;
  if (who.state === 'failed') return html`<${ProblemBox} problem=${who.problem} />`;
  switch (now.view) {
    case 'home':
      // The page must know the user first, to know whose tasks are shown.
      return who.state === 'loading' ? html`<${Skeleton} rows=${4} />` : html`<${Home} query=${now.query} />`;
    case 'task':
      return html`<${TaskView} key=${now.taskId} taskId=${now.taskId} query=${now.query} />`;
    case 'operator':
      return html`<${OperatorView} query=${now.query} />`;
    default:
      return html`<section class="empty"><h2>There is nothing at this address</h2><p><a href="/">All tasks</a></p></section>`;
  }
}

function ConnectionLine(): View {
  const { state, sinceMs } = useStore(connection);
  const who = useStore(session);
  const isOld = useStore(isOutdated);
  useEffect(() => {
    if (state === 'live') void compareVersion();
  }, [state]);
  return html`<div class="connection" role="status">
    ${isOld && html`<p>The server has been updated. <button onClick=${() => location.reload()}>Load the new page</button></p>`}
    ${state === 'lost' && who.state !== 'failed' && html`<p>No connection to the server. What is shown is from ${clockTime(sinceMs)}; the page tries again by itself.</p>`}
  </div>`;
}

function KeyList(): View {
  const isOpen = useStore(isKeyListOpen);
  if (!isOpen) return null;
  return html`<${Dialog} title="Keys" onClose=${() => isKeyListOpen.set(false)}>
    <table class="keys"><tbody>
      ${currentKeys().map(({ key, does }) => html`<tr><td><kbd>${key}</kbd></td><td>${does}</td></tr>`)}
      <tr><td><kbd>Tab</kbd></td><td>go to the next button or field</td></tr>
      <tr><td><kbd>Esc</kbd></td><td>close what is open</td></tr>
    </tbody></table>
    ${document.querySelector('.viewer') !== null && html`<${ViewerKeys} />`}
  <//>`;
}

/** The viewer listens to these keys itself. */
function ViewerKeys(): View {
  return html`<h3>In the picture of a recording, after a click on it or with Tab</h3>
    <table class="keys"><tbody>
      ${KEY_WORDS.map(([keys, does]) => html`<tr><td>${keys.map((key) => html`<kbd>${key}</kbd> `)}</td><td>${does}</td></tr>`)}
    </tbody></table>`;
}
