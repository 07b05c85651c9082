// The Vendure simulator as an HTTP server, with webhooks if it is told where to.
import { type ServedSimulator, type ServeOptions, serveSimulator } from '../../simulator/serve.ts';
import { createVendureSimulator, type VendureSimulator, type VendureSimulatorOptions } from './app.ts';
import { deliver } from './webhooks.ts';

export interface RunningVendure extends VendureSimulator, ServedSimulator {
  /** From now on; undefined: none are sent. */
  sendWebhooksTo(target: { readonly url: string; readonly secret: string } | undefined): void;
}

export async function startVendureSimulator(
  options: Omit<VendureSimulatorOptions, 'onOrder'> & ServeOptions,
): Promise<RunningVendure> {
  const { port, host, ...rest } = options;
  let target: Parameters<RunningVendure['sendWebhooksTo']>[0];
  const simulator = createVendureSimulator({
    ...rest,
    onOrder: ({ id }) => {
      if (target !== undefined) void deliver(target.url, id, target.secret, options.now);
    },
  });
  const served = await serveSimulator(simulator.app, { port, host });
  return {
    ...simulator,
    ...served,
    sendWebhooksTo(next) {
      target = next;
    },
  };
}
