// A simulated channel as an HTTP server, on loopback unless told otherwise.
import { createAdaptorServer } from '@hono/node-server';
import type { SimulatorApp } from './misbehaving.ts';

export interface ServedSimulator {
  /** Where it can be reached, without a slash at the end. */
  readonly url: string;
  close(): Promise<void>;
}

export interface ServeOptions {
  /** 0, the default, takes any free one. */
  readonly port?: number | undefined;
  readonly host?: string | undefined;
}

export async function serveSimulator(app: SimulatorApp, options: ServeOptions = {}): Promise<ServedSimulator> {
  const host = options.host ?? '127.0.0.1';
  const server = createAdaptorServer({ fetch: app.fetch });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, host, resolve);
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : (options.port ?? 0);
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        if ('closeAllConnections' in server) server.closeAllConnections();
      }),
  };
}
