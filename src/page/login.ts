import { useId, useState } from 'preact/hooks';
import { addressOf, ask } from './api.ts';
import { html, type View } from './html.ts';

/**
 * Replaces the whole page if the server asks for a token.
 * @param hint - what to do if there is none yet
 */
export function Login({ hint }: { hint: string | null }): View {
  const id = useId();
  const [fault, setFault] = useState('');
  const [isBusy, setBusy] = useState(false);
  const signIn = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    setBusy(true);
    try {
      const token = String(new FormData(form).get('token')).trim();
      await ask(addressOf('login'), { method: 'POST', body: { token } });
      // All refused requests are sent again.
      location.reload();
    } catch (error) {
      setFault((error as Error).message);
      setBusy(false);
    }
  };
  return html`<section class="empty"><h2>Sign in</h2>
    <p>This server asks for a token. Ask its operator for one.</p>
    ${hint !== null && html`<p>If that is you: ${hint}.</p>`}
    <form class="field" onSubmit=${signIn}>
      <label for=${id}>Token</label>
      <input id=${id} name="token" type="password" required autocomplete="current-password" spellcheck=${false}
        aria-invalid=${fault === '' ? undefined : 'true'} aria-describedby=${`${id}-fault`} />
      <p id=${`${id}-fault`} role="alert">${fault}</p>
      <button class="main" disabled=${isBusy}>Sign in</button>
    </form></section>`;
}

/** For users who have signed in with a token. */
export function SignOut(): View {
  const signOut = async (): Promise<void> => {
    await ask(addressOf('logout'), { method: 'POST' });
    location.assign('/');
  };
  return html`<button class="quiet" onClick=${signOut}>Sign out</button>`;
}
