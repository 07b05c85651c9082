// What a page is.
import type { ComponentType } from 'preact';

export interface PageProps {
  /** Of the address after the page's own: `#/channels/market` → ['market']. */
  readonly parts: readonly string[];
  readonly query: URLSearchParams;
}

export interface Page {
  /** First part of the address. */
  readonly path: string;
  readonly title: string;
  /** All of these are needed to see it. */
  readonly scopes: readonly string[];
  /** False: it is only reached by links. */
  readonly inMenu?: boolean;
  /** Its module is fetched then. @throws TypeError when it cannot be */
  load(): Promise<{ readonly View: ComponentType<PageProps> }>;
}
