// The generic HTTP channel: one signed JSON POST a batch, an answer per SKU. docs/publishing.md describes it for whoever
// writes the other side. Turns everything that can go wrong on the way into a reply; never throws for it.
import { z } from 'zod';
import type { ConnectorPolicy } from '../../domain/channel/connector.ts';
import type { Clock } from '../../domain/time.ts';
import type { Batch, Connector, Declaration, Reply } from './channel.ts';
import { answerOf } from './http-answer.ts';
import { replyOf, replyOfError } from './http-reply.ts';
import { readHttpStatement } from './http-statement.ts';
import { SIGNATURE_HEADER, sign, TIMESTAMP_HEADER } from './signature.ts';
import { createVendor } from './vendor.ts';

export interface HttpChannelOptions {
  readonly channel: string;
  readonly connector: ConnectorPolicy;
  readonly secret: string;
  readonly clock: Clock;
}

export const HTTP_DECLARES: Omit<Declaration, 'batchSizeMax'> = {
  concurrency: 4,
  semantics: 'set',
  ordering: 'version',
  idempotent: true,
  acknowledgement: 'applied',
  isolation: 'halving',
};

const HTTP_BATCH_SIZE = 100;

export function createHttpChannel({ channel, connector, secret, clock }: HttpChannelOptions): Connector {
  return {
    declares: { ...HTTP_DECLARES, batchSizeMax: connector.batchSize ?? HTTP_BATCH_SIZE },
    async publish(batch, signal): Promise<Reply> {
      try {
        const body = bodyOf(channel, batch);
        const timestamp = String(Math.floor(clock.now() / 1_000));
        const response = await fetch(connector.url, {
          method: 'POST',
          redirect: 'manual',
          signal,
          headers: {
            'content-type': 'application/json',
            accept: 'application/json',
            'user-agent': 'evenstock',
            'idempotency-key': batch.batchId,
            [TIMESTAMP_HEADER]: timestamp,
            [SIGNATURE_HEADER]: sign(secret, timestamp, body),
            ...(batch.traceparent === undefined ? {} : { traceparent: batch.traceparent }),
          },
          body,
        });
        return replyOf(await answerOf(response), batch, clock.now());
      } catch (error) {
        return replyOfError(error);
      }
    },
    readStatement: readHttpStatement({ channel, connector, secret, clock }),
  };
}

export const httpVendor = createVendor({
  type: 'http',
  settings: z.strictObject({}),
  identifiers: 'same',
  connect: ({ channel, connector, secret, clock }) =>
    createHttpChannel({ channel, connector, secret: secret(), clock }),
});

function bodyOf(channel: string, batch: Batch): string {
  const version = String(batch.version);
  const updates = batch.updates.map(({ sku, units }) => ({ sku, units, version }));
  return JSON.stringify({ channel, batchId: batch.batchId, updates });
}
