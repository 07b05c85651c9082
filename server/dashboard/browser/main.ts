// Where the browser begins.
import { signal } from '@preact/signals';
import { html, render } from 'htm/preact';
import { type Refusal, refusalOf } from './api/call.ts';
import { session } from './api/session.ts';
import { Loading, Problem } from './parts/states.ts';
import { fetchRouted, Layout } from './shell/layout.ts';
import { Login, openSession } from './shell/login.ts';
import './shell/theme.ts';

const RETRY_MS = 3_000;
const problem = signal<Refusal | undefined>(undefined);

function App() {
  switch (session.value.state) {
    case 'opening':
      return problem.value === undefined
        ? html`<${Loading} />`
        : html`<main id="main" class="login"><${Problem} problem=${problem.value} retry=${open} /></main>`;
    case 'out':
      return html`<${Login} />`;
    case 'in':
      return html`<${Layout} />`;
  }
}

async function open(): Promise<void> {
  try {
    await openSession();
  } catch (error) {
    problem.value = refusalOf(error);
    setTimeout(() => session.value.state === 'opening' && void open(), RETRY_MS);
  }
}

void open();
// The page that is asked for comes while the server says who asks; where it does not, the page says so when it is shown.
fetchRouted().catch(() => {});
render(html`<${App} />`, document.getElementById('app')!);
