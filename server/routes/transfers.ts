// /v1/transfers: asking for a transfer, telling what became of its units, and which are open. What a key may do is judged
// here; everything else is the transfer's own decision (domain/transfer).
import { z } from 'zod';
import { START } from '../../domain/event-log.ts';
import type { StockCommandType } from '../../domain/stock/commands.ts';
import { LocationId } from '../../domain/stock/stream.ts';
import { OpenTransfer, TransferCommandBody, TransferId } from '../../domain/transfer/commands.ts';
import { TRANSFER_STATUSES } from '../../domain/transfer/machine.ts';
import type { Transfer } from '../../domain/transfer/transfer.ts';
import type { Client } from '../auth/keys.ts';
import { mayUseLocation, requireLocation } from '../auth.ts';
import { HttpProblem, problem, problemResponse } from '../problems.ts';
import type { TransferAnswer } from '../transfers/transfer-process.ts';
import { type Api, type ApiContext, admit, json, parsePosition, type Route, traceparentOf } from './api.ts';
import { answerJson } from './intake/json-request.ts';
import { readQuery, segmentBy, waitForPosition } from './intake/query.ts';
import { workflowResponse } from './intake/workflow-answer.ts';
import { countTo, Flag, Position } from './openapi/parameters.ts';
import { transferSummary, transferView } from './transfer-view.ts';

async function postTransfer(api: Api, c: ApiContext, traceparent = traceparentOf(c)): Promise<Response> {
  return answerJson(api, c, { scope: 'transfers:write', schema: OpenTransfer }, async (client, command) => {
    // It takes units from sale there, as `transfer.request` of the stock does.
    requireOwner(api, client, 'open', [command.from]);
    const sender = { source: client.id, traceparent };
    const answer = await api.processes.transfers.submit(command.transferId, { type: 'open', ...command }, sender);
    return notSetAside(answer, command.id) ?? workflowResponse(answer, command.id, 'transfer', transferView);
  });
}

async function postTransferCommand(api: Api, c: ApiContext, traceparent = traceparentOf(c)): Promise<Response> {
  const id = segmentBy(c, 'transferId', TransferId);
  return answerJson(api, c, { scope: 'transfers:write', schema: TransferCommandBody }, async (client, command) => {
    const { state } = await transferOf(api, id);
    const ends = SAID_AT[command.type].map((end) => state[end]);
    requireOwner(api, client, command.type, ends);
    const answer = await api.processes.transfers.submit(id, command, { source: client.id, traceparent });
    return workflowResponse(answer, command.id, 'transfer', transferView);
  });
}

async function getTransfer(api: Api, c: ApiContext): Promise<Response> {
  const client = admit(api, c, 'transfers:read');
  const { state, revision } = await transferOf(api, segmentBy(c, 'transferId', TransferId));
  requireOneOf(client, [state.from, state.to]);
  return json(transferView(state, revision));
}

export const TransfersQuery = z.strictObject({
  status: z.enum(TRANSFER_STATUSES).exclude(['new']).optional(),
  location: LocationId.optional().meta({ description: 'At either end' }),
  stuck: Flag.optional(),
  after: Position.optional(),
  cursor: Position.optional().meta({ description: '`next` of a page' }),
  limit: countTo(1_000, 1).default(100).meta({ description: 'Transfers a page at most' }),
});

async function getTransfers(api: Api, c: ApiContext): Promise<Response> {
  const client = admit(api, c, 'transfers:read');
  const { after, cursor, ...filter } = readQuery(c, TransfersQuery);
  if (filter.location !== undefined) requireLocation(client, filter.location);
  await waitForPosition(api, after);
  const first = cursor === undefined ? START : parsePosition(cursor, 'cursor');
  const mayList = ({ from, to }: Ends) => mayUseLocation(client, from) || mayUseLocation(client, to);
  const { rows, next } = api.processes.transfers.page({ ...filter, after: first }, mayList);
  return json({ transfers: rows.map(transferSummary), next, asOf: api.availability.position() });
}

export const TRANSFERS_ROUTES: readonly Route[] = [
  ['post', '/v1/transfers', postTransfer],
  ['get', '/v1/transfers', getTransfers],
  ['get', '/v1/transfers/:transferId', getTransfer],
  ['post', '/v1/transfers/:transferId/commands', postTransferCommand],
];

/** @throws HttpProblem `no-such-transfer` */
async function transferOf(api: Api, id: string): Promise<{ readonly state: Transfer; readonly revision: number }> {
  const found = await api.processes.transfers.state(id);
  if (found === undefined) throw new HttpProblem('no-such-transfer', `There is no transfer ${id}`);
  return found;
}

type Ends = Pick<Transfer, 'from' | 'to'>;

type CommandType = z.output<typeof TransferCommandBody>['type'];

/** What each is at a stock, for whoever may send that there: keys and ownership are the same as for stock commands. */
const STOCK_COMMAND: Readonly<Record<'open' | CommandType, StockCommandType>> = {
  open: 'transfer.request',
  cancel: 'transfer.cancel',
  dispatch: 'transfer.dispatch',
  receive: 'transfer.receive',
  over: 'transfer.over',
  short: 'transfer.short',
  reject: 'transfer.receive',
  return: 'transfer.receive',
};

/** Each end says what happened there; what went missing between them, and that it is called off, either may say. */
const SAID_AT: Readonly<Record<CommandType, readonly (keyof Ends)[]>> = {
  dispatch: ['from'],
  return: ['from'],
  receive: ['to'],
  over: ['to'],
  reject: ['to'],
  short: ['from', 'to'],
  cancel: ['from', 'to'],
};

/** @throws HttpProblem `forbidden`, `not-owner` */
function requireOwner(api: Api, client: Client, what: 'open' | CommandType, locations: readonly LocationId[]): void {
  const own = requireOneOf(client, locations);
  const type = STOCK_COMMAND[what];
  const rules = own.map((location) => api.policy().notOwner({ client: client.id }, { type, location }));
  if (rules.includes(undefined)) return;
  const message = `${type} at ${own.join(' and ')} is not for ${client.id} to send, by rule ${rules[0]}`;
  throw new HttpProblem('not-owner', message, { errors: [{ path: '/type', rule: 'not-owner', message }] });
}

/** Those of the locations that the key may use. @throws HttpProblem `forbidden` */
function requireOneOf(client: Client, locations: readonly LocationId[]): readonly LocationId[] {
  const own = locations.filter((location) => mayUseLocation(client, location));
  if (own.length > 0) return own;
  throw new HttpProblem('forbidden', `This key is limited to other locations than ${locations.join(' and ')}`);
}

/** What was asked for did not come about, though the command was taken: whoever looks at the status alone must see it. */
function notSetAside(answer: TransferAnswer, commandId: string): Response | undefined {
  if (answer.outcome !== 'accepted' || answer.state.status !== 'refused') return undefined;
  const { id, lines } = answer.state;
  const errors = [...lines.values()].flatMap(({ sku, refusal }, n) => {
    if (refusal === undefined) return [];
    return { path: `/lines/${n}/quantity`, rule: refusal.reason, message: `${sku}: ${refusal.detail}` };
  });
  const detail = `transfer ${id} was refused whole: ${errors.map(({ message }) => message).join(', ')}`;
  return problemResponse(problem(errors[0]!.rule, detail, { commandId, errors }));
}
