// The Amazon simulator as an HTTP server.
import { type ServedSimulator, type ServeOptions, serveSimulator } from '../../simulator/serve.ts';
import { type AmazonSimulator, type AmazonSimulatorOptions, createAmazonSimulator } from './app.ts';

export interface RunningAmazon extends AmazonSimulator, ServedSimulator {
  /** Of Login with Amazon. */
  readonly tokenUrl: string;
}

export async function startAmazon(options: AmazonSimulatorOptions & ServeOptions): Promise<RunningAmazon> {
  const { port, host, ...rest } = options;
  const simulator = createAmazonSimulator(rest);
  const served = await serveSimulator(simulator.app, { port, host });
  return { ...simulator, ...served, tokenUrl: `${served.url}/auth/o2/token` };
}
