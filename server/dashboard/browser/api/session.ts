// Who looks: the API key, kept in this tab alone (sessionStorage) and sent as a header, so there is no cookie that
// another site could use. A server that asks for no key answers without one.
import { signal } from '@preact/signals';
import type { z } from 'zod';
import type { ClientDocument } from '../../../routes/openapi/client-document.ts';

export type Client = z.infer<typeof ClientDocument>;

export type Session =
  | { readonly state: 'opening' }
  /** `problem`: why the last key is not taken any more. */
  | { readonly state: 'out'; readonly problem?: string }
  | { readonly state: 'in'; readonly client: Client; readonly isOpen: boolean };

export const session = signal<Session>({ state: 'opening' });

const KEY = 'evenstock.key';

export function keptKey(): string | undefined {
  return sessionStorage.getItem(KEY) ?? undefined;
}

export function enter(client: Client, key: string | undefined): void {
  if (key === undefined) sessionStorage.removeItem(KEY);
  else sessionStorage.setItem(KEY, key);
  session.value = { state: 'in', client, isOpen: key === undefined };
}

export function leave(problem?: string): void {
  sessionStorage.removeItem(KEY);
  session.value = { state: 'out', ...(problem === undefined ? undefined : { problem }) };
}

/** Says beforehand what the server would refuse; the server decides. */
export function may(scope: string): boolean {
  const now = session.value;
  return now.state === 'in' && (now.client.scopes.includes('admin') || now.client.scopes.includes(scope));
}
