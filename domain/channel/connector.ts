// How a channel is reached and how fast it may be called: by which adapter, at which address, with which secret. What an
// adapter wants to know beyond that (a seller's id, a marketplace) stands under `settings` and is judged by the adapter.
import { z } from 'zod';

/** Limits of the generic HTTP channel where its policy has none; other adapters declare their own. */
const HTTP_LIMITS = { batchSize: 100, ratePerSecond: 5, burst: 5 } as const;

export const Connector = z
  .strictObject({
    type: z
      .string()
      .regex(/^[a-z][a-z0-9-]{0,31}$/, 'must be the name of an adapter, such as http')
      .meta({ description: 'The adapter: http, or the name of a vendor' }),
    url: z.url({ protocol: /^https?$/ }),
    secretEnv: z
      .string()
      .regex(/^[A-Z][A-Z0-9_]*$/)
      .meta({
        description:
          'Environment variable that holds the secret, or the path of a file with it under <name>_FILE; an adapter with several secrets adds _<WHICH>',
      }),
    settings: z
      .record(z.string().max(64), z.json())
      .optional()
      .meta({ description: 'What the adapter asks for besides (docs of the adapter)' }),
    inbound: z
      .enum(['on', 'off'])
      .optional()
      .meta({ description: 'off: nothing is taken from it by webhook or poll; default: on' }),
    batchSize: z.int().min(1).max(100_000).optional(),
    ratePerSecond: z.number().positive().max(10_000).optional(),
    burst: z.int().min(1).max(10_000).optional(),
    timeoutMs: z.int().min(50).max(120_000).default(10_000),
  })
  .overwrite((connector) => (connector.type === 'http' ? { ...HTTP_LIMITS, ...connector } : connector));
export type ConnectorPolicy = z.output<typeof Connector>;
