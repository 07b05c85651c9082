// Where the page is: `#/channels/market?tab=refused`. In the part of the address that no server sees, so a proxy in front
// needs no rule, and going back works as everywhere.
import { signal } from '@preact/signals';

export interface Route {
  /** `/channels/market` → ['channels', 'market'], decoded. */
  readonly parts: readonly string[];
  readonly query: URLSearchParams;
}

export const route = signal<Route>(routeOf(location.hash));

addEventListener('hashchange', () => {
  route.value = routeOf(location.hash);
});

export function routeOf(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?', 2);
  const parts = path.split('/').filter((part) => part !== '');
  return { parts: parts.map(decoded), query: new URLSearchParams(query) };
}

/** The address of a page: `hrefOf('channels', 'market')`. */
export function hrefOf(...parts: readonly string[]): string {
  return `#/${parts.map(encodeURIComponent).join('/')}`;
}

/** The same with a query: `hrefWith({ kind: 'drift' }, 'cases')`. */
export function hrefWith(query: Readonly<Record<string, string>>, ...parts: readonly string[]): string {
  return `${hrefOf(...parts)}?${new URLSearchParams(query)}`;
}

/** Changes the query of the page that is shown, without a step back to before it. */
export function setQuery(changes: Readonly<Record<string, string | undefined>>): void {
  const { parts, query } = route.value;
  const next = new URLSearchParams(query);
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined || value === '') next.delete(name);
    else next.set(name, value);
  }
  const text = next.toString();
  history.replaceState(null, '', hrefOf(...parts) + (text === '' ? '' : `?${text}`));
  route.value = { parts, query: next };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
