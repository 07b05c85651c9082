// The ceiling: Hono alone, with the same request, reply and generator.
import { loadFigures, startGenerator } from '../load/generator.ts';
import type { Part } from '../part.ts';
import { startChild } from '../servers/child.ts';

export const httpCeiling: Part = {
  name: 'http-ceiling',
  title: 'Hono with nothing behind it',
  async run({ sizes }) {
    const server = startChild('servers/ceiling.ts');
    const generator = startGenerator(sizes);
    try {
      const { port } = await server.message<{ port: number }>();
      const result = await generator.run({ port, kind: 'sale', skus: 1, watch: [server.pid] });
      return loadFigures('http.ceiling', 'HTTP one by one, Hono with nothing behind it', result);
    } finally {
      await Promise.all([generator.stop(), server.stop()]);
    }
  },
};
