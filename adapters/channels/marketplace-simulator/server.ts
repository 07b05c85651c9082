// The marketplace simulator as an HTTP server, on loopback unless told otherwise.
import { createAdaptorServer } from '@hono/node-server';
import { createMarketplace, type Marketplace, type MarketplaceOptions } from './app.ts';

export interface RunningMarketplace extends Marketplace {
  /** Where it can be reached, without a slash at the end. Availability is posted to `${url}/availability`. */
  readonly url: string;
  close(): Promise<void>;
}

/** `port` 0 takes any free one. */
export async function startMarketplace(
  options: MarketplaceOptions & { readonly port?: number; readonly host?: string },
): Promise<RunningMarketplace> {
  const marketplace = createMarketplace(options);
  const host = options.host ?? '127.0.0.1';
  const server = createAdaptorServer({ fetch: marketplace.app.fetch });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, host, resolve);
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : (options.port ?? 0);
  return {
    ...marketplace,
    url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        if ('closeAllConnections' in server) server.closeAllConnections();
      }),
  };
}
