// The eBay simulator as an HTTP server, on loopback unless told otherwise.
import { type ServedSimulator, type ServeOptions, serveSimulator } from '../../simulator/serve.ts';
import { createEbaySimulator, type EbaySimulator, type EbaySimulatorOptions } from './app.ts';

export type RunningEbay = EbaySimulator & ServedSimulator;

/** `url` is what a policy gives as the connector's. */
export async function startEbay(options: EbaySimulatorOptions & ServeOptions): Promise<RunningEbay> {
  const simulator = createEbaySimulator(options);
  return { ...simulator, ...(await serveSimulator(simulator.app, options)) };
}
