// Who a key belongs to, as the API shows it. Imports only zod: the dashboard takes its type from here.
import { z } from 'zod';

const limits = z.union([z.literal('all'), z.array(z.string())]);

export const ClientDocument = z
  .strictObject({
    client: z.string().meta({ description: 'Stands as `by` in what it has done' }),
    scopes: z.array(z.string()).meta({ description: '`admin` includes all others' }),
    locations: limits.meta({ description: 'Those it is limited to' }),
    channels: limits.meta({ description: 'Those it is limited to' }),
  })
  .meta({ id: 'Client' });
