// The ceiling: Hono alone, with the same request, reply and generator.
import { startChild } from '../servers/child.ts';
import type { OpenFamily } from './family.ts';

export const openCeiling: OpenFamily = async () => {
  const server = startChild('servers/ceiling.ts');
  const { port } = await server.message<{ port: number }>();
  const title = 'HTTP one by one, Hono with nothing behind it';
  const shared = { port, headers: {}, watch: [server.pid], batches: false };
  return {
    sides: [{ id: 'http.ceiling', title, kind: 'sale', skus: 1, ...shared }],
    async verify() {},
    close: server.stop,
  };
};
