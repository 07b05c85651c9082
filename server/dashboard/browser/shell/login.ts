// The way in: asks the server whether it wants a key at all, and if so asks for one and tries it.
import { html } from 'htm/preact';
import { useState } from 'preact/hooks';
import { type Refusal, read, refusalOf } from '../api/call.ts';
import { type Client, enter, keptKey, leave, session } from '../api/session.ts';

/** Tries without a key, or with the one kept in this tab. @throws Refusal when the server cannot be asked */
export async function openSession(): Promise<void> {
  const key = keptKey();
  try {
    enter(await read<Client>('/v1/client', { key: key ?? '' }), key);
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal.status !== 401) throw refusal;
    leave(key === undefined ? undefined : 'Your key is not valid any more. Enter another one.');
  }
}

export function Login() {
  const [problem, setProblem] = useState<Refusal | undefined>(undefined);
  const [isTrying, setTrying] = useState(false);
  const now = session.value;
  const before = now.state === 'out' ? now.problem : undefined;
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const key = String(new FormData(event.target as HTMLFormElement).get('key')).trim();
    setTrying(true);
    try {
      enter(await read<Client>('/v1/client', { key }), key);
    } catch (error) {
      setProblem(refusalOf(error));
      setTrying(false);
    }
  };
  const said = problem === undefined ? before : saidOf(problem);
  return html`<main class="login" id="main">
    <form onSubmit=${submit}>
      <h1><span class="mark" aria-hidden="true"></span>Evenstock</h1>
      <p>Stock kept even across ERP, marketplaces, web shop and POS.</p>
      <label>
        API key
        <input name="key" type="password" required autofocus autocomplete="off" spellcheck=${false}
          placeholder="evs_…" aria-invalid=${problem !== undefined} aria-describedby="key-help" />
        <small id="key-help">Stays in this tab and is forgotten when you close it.</small>
      </label>
      ${said && html`<p class="problem" role="alert">${said}</p>`}
      <button type="submit" class="primary" disabled=${isTrying}>${isTrying ? 'Trying …' : 'Open'}</button>
    </form>
  </main>`;
}

function saidOf({ status, message }: Refusal): string {
  return status === 401 ? 'The server does not know this key, or it has expired.' : message;
}
