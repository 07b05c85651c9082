// The marketplace simulator as an HTTP server.
import { type ServedSimulator, type ServeOptions, serveSimulator } from '../simulator/serve.ts';
import { createMarketplace, type Marketplace, type MarketplaceOptions } from './app.ts';

/** Availability is posted to `${url}/availability`. */
export type RunningMarketplace = Marketplace & ServedSimulator;

export async function startMarketplace(options: MarketplaceOptions & ServeOptions): Promise<RunningMarketplace> {
  const marketplace = createMarketplace(options);
  // Not spread: the statistics are alive.
  return Object.assign(marketplace, await serveSimulator(marketplace.app, options));
}
