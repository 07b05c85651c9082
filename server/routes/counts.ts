// /v1/stocktakes: opening one, sending counted lines while trade goes on, deciding about variances, ending it. What a key
// may do is judged here; everything else is the decision of the stocktake and its sheets (domain/count).
import { z } from 'zod';
import { OpenStocktake, StocktakeCommandBody, StocktakeId } from '../../domain/count/commands.ts';
import { STOCKTAKE_STATUSES } from '../../domain/count/machine.ts';
import { LocationId } from '../../domain/stock/stream.ts';
import type { Client, Scope } from '../auth/keys.ts';
import { mayUseLocation, requireLocation, requireScope } from '../auth.ts';
import { HttpProblem } from '../problems.ts';
import { type Api, type ApiContext, admit, charge, json, parsePosition, type Route, traceparentOf } from './api.ts';
import { getStocktakeLines } from './count-lines.ts';
import { linesResponse } from './count-verdicts.ts';
import { stocktakeSummary, stocktakeView } from './count-view.ts';
import { answerJson } from './intake/json-request.ts';
import { readQuery, segmentBy, waitForPosition } from './intake/query.ts';
import { workflowResponse } from './intake/workflow-answer.ts';
import { countTo, Position } from './openapi/parameters.ts';

async function postStocktake(api: Api, c: ApiContext, traceparent = traceparentOf(c)): Promise<Response> {
  return answerJson(api, c, { scope: 'counts:write', schema: OpenStocktake }, async (client, command) => {
    const { location, scope } = command;
    requireLocation(client, location);
    requireKnown(api, command);
    // What is expected at the location is read from the figures: from old ones, SKUs would be missing.
    if (scope.type === 'full') await waitForPosition(api, positionText(await api.log.head()));
    const answer = await api.processes.counts.open(command, { source: client.id, traceparent });
    return workflowResponse(answer, command.id, 'stocktake', stocktakeSummary);
  });
}

const WRITE: readonly Scope[] = ['counts:write', 'counts:approve'];
const SCOPES: Readonly<Record<StocktakeCommandBody['type'], Scope>> = {
  count: 'counts:write',
  zero: 'counts:write',
  explain: 'counts:write',
  complete: 'counts:write',
  cancel: 'counts:write',
  approve: 'counts:approve',
  reject: 'counts:approve',
  recount: 'counts:approve',
};

async function postStocktakeCommand(api: Api, c: ApiContext, traceparent = traceparentOf(c)): Promise<Response> {
  const id = segmentBy(c, 'stocktakeId', StocktakeId);
  const request = { scope: WRITE, schema: StocktakeCommandBody, bytesMax: api.limits.batchBytesMax };
  return answerJson(api, c, request, async (client, command) => {
    requireScope(client, SCOPES[command.type]);
    const { counts } = api.processes;
    const location = await locationOf(api, id);
    requireLocation(client, location);
    if (command.type === 'count' || command.type === 'zero') requireOwner(api, client, location);
    const sender = { source: client.id, traceparent };
    if (command.type === 'complete' || command.type === 'cancel') {
      return workflowResponse(await counts.end(id, command, sender), command.id, 'stocktake', stocktakeSummary);
    }
    // One unit has been charged with the request.
    charge(api, client, (command.type === 'count' ? command.lines : command.skus).length - 1);
    return linesResponse(await counts.lines(id, command, sender), command);
  });
}

async function getStocktake(api: Api, c: ApiContext): Promise<Response> {
  const client = admit(api, c, 'counts:read');
  const id = segmentBy(c, 'stocktakeId', StocktakeId);
  const { after } = readQuery(c, StocktakeQuery);
  await waitForPosition(api, after);
  const row = api.processes.counts.rows().stocktake(id);
  if (row === undefined) throw unknownStocktake(id);
  requireLocation(client, row.location);
  return json(stocktakeView(row));
}

export const StocktakeQuery = z.strictObject({ after: Position.optional() });

export const StocktakesQuery = z.strictObject({
  location: LocationId.optional(),
  status: z.enum(STOCKTAKE_STATUSES).exclude(['new']).optional(),
  after: Position.optional(),
  cursor: Position.optional().meta({ description: '`next` of a page' }),
  limit: countTo(1_000, 1).default(100).meta({ description: 'Stocktakes a page at most' }),
});
/** Looked at for one page: a narrow key must not make one request go through all. */
const LOOKED_AT_MAX = 10_000;

async function getStocktakes(api: Api, c: ApiContext): Promise<Response> {
  const client = admit(api, c, 'counts:read');
  const { location, status, after, cursor, limit } = readQuery(c, StocktakesQuery);
  if (location !== undefined) requireLocation(client, location);
  await waitForPosition(api, after);
  const stocktakes: unknown[] = [];
  let next: bigint | undefined;
  let looked = 0;
  const from = cursor === undefined ? undefined : parsePosition(cursor, 'cursor');
  for (const row of api.processes.counts.rows().newestFirst(from)) {
    if (stocktakes.length === limit || looked === LOOKED_AT_MAX) return page(api, stocktakes, next);
    looked += 1;
    next = row.position;
    if (location !== undefined && row.location !== location) continue;
    if (status !== undefined && row.status !== status) continue;
    if (mayUseLocation(client, row.location)) stocktakes.push(stocktakeView(row));
  }
  return page(api, stocktakes, undefined);
}

function page(api: Api, stocktakes: readonly unknown[], next: bigint | undefined): Response {
  return json({ stocktakes, next, asOf: api.availability.position() });
}

export const COUNTS_ROUTES: readonly Route[] = [
  ['post', '/v1/stocktakes', postStocktake],
  ['get', '/v1/stocktakes', getStocktakes],
  ['get', '/v1/stocktakes/:stocktakeId', getStocktake],
  ['get', '/v1/stocktakes/:stocktakeId/lines', getStocktakeLines],
  ['post', '/v1/stocktakes/:stocktakeId/commands', postStocktakeCommand],
];

function positionText(position: bigint): string | undefined {
  return position < 0n ? undefined : position.toString();
}

/** From the stocktake itself: one that was just opened may not be in the figures yet. @throws HttpProblem `unknown-stocktake` */
async function locationOf(api: Api, id: string): Promise<string> {
  const found = await api.processes.counts.stocktake(id);
  if (found === undefined) throw unknownStocktake(id);
  return found.location;
}

/** Who may send counts for a location may count it; whoever decides about them needs not. @throws HttpProblem `not-owner` */
function requireOwner(api: Api, client: Client, location: string): void {
  const rule = api.policy().notOwner({ client: client.id }, { type: 'count', location });
  if (rule === undefined) return;
  const message = `count at ${location} is not for ${client.id} to send, by rule ${rule}`;
  throw new HttpProblem('not-owner', `/type ${message}`, { errors: [{ path: '/type', rule: 'not-owner', message }] });
}

function unknownStocktake(id: string): HttpProblem {
  return new HttpProblem('unknown-stocktake', `There is no stocktake ${id}`);
}

/** @throws HttpProblem `unknown-location`, `unknown-sku` or `bundle-has-no-stock` */
function requireKnown(api: Api, { id, location, scope }: OpenStocktake): void {
  const policy = api.policy();
  const unknown = (reason: 'unknown-location' | 'unknown-sku' | 'bundle-has-no-stock', path: string, message: string) =>
    new HttpProblem(reason, `${path} ${message}`, { commandId: id, errors: [{ path, rule: reason, message }] });
  if (!policy.knowsLocation(location)) {
    throw unknown('unknown-location', '/location', `the policy has no location ${location}`);
  }
  if (scope.type === 'full') return;
  const at = scope.skus.findIndex((sku) => !policy.knowsSku(sku));
  if (at >= 0) throw unknown('unknown-sku', `/scope/skus/${at}`, `the policy has no SKU ${scope.skus[at]}`);
  const bundle = scope.skus.findIndex((sku) => policy.bundles.of(sku) !== undefined);
  if (bundle < 0) return;
  const message = `${scope.skus[bundle]} is a bundle and holds no stock of its own: count its components`;
  throw unknown('bundle-has-no-stock', `/scope/skus/${bundle}`, message);
}
