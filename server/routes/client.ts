// GET /v1/client: whom a key belongs to and what it may do, so that a page can say beforehand what will be refused.
import { z } from 'zod';
import { type Api, type ApiContext, charge, headerOf, json } from './api.ts';
import { readQuery } from './intake/query.ts';

const NoQuery = z.strictObject({});

/** Any valid key may ask. */
export function getClient(api: Api, c: ApiContext): Response {
  const client = api.authenticate(headerOf(c, 'authorization'));
  charge(api, client, 1);
  readQuery(c, NoQuery);
  const { id, scopes, locations, channels } = client;
  return json({ client: id, scopes: [...scopes], locations: limits(locations), channels: limits(channels) });
}

function limits(to: ReadonlySet<string> | 'all'): readonly string[] | 'all' {
  return to === 'all' ? 'all' : [...to];
}
