// The operations of /v1/transfers and the shapes of their answers.
import { z } from 'zod';
import { LocationId, Sku } from '../../../domain/stock/stream.ts';
import { OpenTransfer, TransferCommandBody, TransferId } from '../../../domain/transfer/commands.ts';
import { TRANSFER_STATUSES } from '../../../domain/transfer/machine.ts';
import { TransfersQuery } from '../transfers.ts';
import { AFTER, BODY, JSON_TYPE, type Operation, READ } from './operation.ts';
import { Position } from './parameters.ts';

const count = z.int().min(0);
const instant = z.iso.datetime({ offset: true });
const frame = {
  id: TransferId,
  status: z.enum(TRANSFER_STATUSES).exclude(['new']),
  from: LocationId,
  to: LocationId,
  openedAt: instant,
  heardAt: instant.meta({ description: 'When something was last heard of it' }),
  stuck: z.boolean().meta({ description: 'Nothing was heard of it for longer than policy allows' }),
};
const owed = count.meta({ description: 'Commands that stocks have not answered; 0: what it says is settled' });
const setAside = count.meta({ description: 'Set aside at the origin and not dispatched' });
const underWay = count.meta({ description: 'In-transit: dispatched and not accounted for' });
const comingBack = count.meta({ description: 'In-transit: rejected, and on the way back' });

export const TransferDocument = z
  .strictObject({
    ...frame,
    lines: z.array(
      z.strictObject({
        sku: Sku,
        requested: count,
        setAside,
        dispatched: count,
        underWay,
        received: count.meta({ description: 'Of those dispatched' }),
        over: count.meta({ description: 'Received beyond those dispatched' }),
        short: count.meta({ description: 'Lost on the way' }),
        rejected: count,
        comingBack,
        returned: count,
        shortBack: count.meta({ description: 'Lost on the way back' }),
        refusal: z
          .strictObject({ reason: z.string(), detail: z.string() })
          .optional()
          .meta({ description: 'Why its units could not be set aside' }),
      }),
    ),
    discrepancies: z.array(
      z.strictObject({
        type: z.enum(['short', 'over', 'rejected']),
        leg: z.enum(['out', 'back']).optional(),
        occurredAt: instant,
        reason: z.string().optional(),
        lines: z.array(z.strictObject({ sku: Sku, quantity: count })),
      }),
    ),
    owed,
    revision: count.meta({ description: 'Number of its last event, from 0' }),
  })
  .meta({ id: 'Transfer' });

export const TransferAnswerDocument = z
  .strictObject({
    commandId: z.string(),
    outcome: z.literal('accepted'),
    duplicate: z.boolean().meta({ description: 'true: it was taken before; the transfer is as it is now' }),
    settled: z.boolean().meta({ description: 'false (status 202): a stock could not be asked yet, and will be' }),
    revision: count,
    position: Position.optional(),
    transfer: TransferDocument,
  })
  .meta({ id: 'TransferAnswer' });

export const TransferList = z
  .strictObject({
    transfers: z.array(z.strictObject({ ...frame, setAside, underWay, comingBack, owed })),
    next: Position.optional().meta({ description: 'The `cursor` of the next page; absent on the last' }),
    asOf: Position,
  })
  .meta({ id: 'TransferList' });

const TAKEN = {
  200: ['Taken, and every stock has answered', JSON_TYPE, TransferAnswerDocument],
  202: ['Taken; a stock could not be asked yet', JSON_TYPE, TransferAnswerDocument],
} as const;
const UNDECIDED = [
  'conflict',
  'unavailable',
  'unknown-outcome',
  'disk-full',
  'invalid-command',
  'unknown-sku',
  'bundle-has-no-stock',
  'not-owner',
] as const;

export const TRANSFERS_OPERATIONS = [
  {
    method: 'post',
    path: '/v1/transfers',
    id: 'postTransfer',
    tag: 'Transfers',
    summary: 'Ask for a transfer',
    description:
      'Sets the units of all lines aside at the origin, or of none: then it is refused (409), with the reason of each line.',
    scopes: ['transfers:write'],
    headers: ['Idempotency-Key', 'traceparent'],
    body: { [JSON_TYPE]: OpenTransfer },
    answers: TAKEN,
    problems: [
      ...BODY,
      ...UNDECIDED,
      ...(['transfer-exists', 'same-location', 'unknown-location'] as const),
      ...(['insufficient-available', 'stock-frozen', 'stock-retired'] as const),
    ],
  },
  {
    method: 'get',
    path: '/v1/transfers',
    id: 'getTransfers',
    tag: 'Transfers',
    summary: 'Transfers that are open, the oldest first',
    description: 'Open: something is set aside, under way, on the way back or owed. Ended ones are found by their id.',
    scopes: ['transfers:read'],
    query: TransfersQuery,
    answers: { 200: ['A page; it may be short and have a next one', JSON_TYPE, TransferList] },
    problems: AFTER,
  },
  {
    method: 'get',
    path: '/v1/transfers/{transferId}',
    id: 'getTransfer',
    tag: 'Transfers',
    summary: 'One transfer, open or ended',
    scopes: ['transfers:read'],
    answers: { 200: ['As it is now', JSON_TYPE, TransferDocument] },
    problems: [...READ, 'no-such-transfer'],
  },
  {
    method: 'post',
    path: '/v1/transfers/{transferId}/commands',
    id: 'postTransferCommand',
    tag: 'Transfers',
    summary: 'Dispatch, receive, over, short, reject, return, cancel',
    description: 'Taken whole or not at all. A key that is limited to locations says what happened at its own.',
    scopes: ['transfers:write'],
    headers: ['Idempotency-Key', 'traceparent'],
    body: { [JSON_TYPE]: TransferCommandBody },
    answers: TAKEN,
    problems: [
      ...BODY,
      ...UNDECIDED,
      ...(['no-such-transfer', 'exceeds-in-transit', 'nothing-to-cancel', 'outside-window', 'too-many-lines'] as const),
    ],
  },
] as const satisfies readonly Operation[];
