import { render } from 'preact';
import { App } from './app.ts';
import { html } from './html.ts';
import { startKeys } from './keys.ts';
import { loadLanguages } from './languages.ts';
import { startLive } from './live.ts';
import { startRouter } from './router.ts';
import { loadSession } from './session.ts';

startRouter();
startKeys();
startLive();
void loadSession();
void loadLanguages();
const root = document.getElementById('page');
if (root !== null) render(html`<${App} />`, root);
