// Operations of replenishment signals and what they answer.
import { z } from 'zod';
import { LocationId, Sku } from '../../../domain/stock/stream.ts';
import { SignalsQuery, TransfersQuery } from '../signals.ts';
import { AFTER, JSON_TYPE, type Operation } from './operation.ts';
import { Position } from './parameters.ts';

const units = z.int();
const perDay = z.number().meta({ description: 'Units a day' });
const days = z.number().min(0);
const next = z.string().optional().meta({ description: '`cursor` of the next page; absent on the last' });

const StockSignalDocument = z
  .strictObject({
    sku: Sku,
    location: LocationId,
    life: z.enum(['active', 'frozen', 'retired']),
    velocityPerDay: perDay,
    available: units,
    inventoryPosition: units.meta({ description: 'Available, and on its way here' }),
    daysOfCover: days.optional().meta({ description: 'available ÷ velocity; absent without velocity' }),
    leadTimeDemand: z.number().min(0).meta({ description: 'velocity × lead time, in units' }),
    safetyUnits: z.number().min(0).meta({ description: 'Beyond it, for the service level' }),
    reorderPoint: units,
    reorder: z.boolean().meta({ description: 'The inventory position is at or below the reorder point' }),
    position: Position,
  })
  .meta({ id: 'StockSignal' });

const SuggestedTransferDocument = z
  .strictObject({
    sku: Sku,
    from: LocationId,
    to: LocationId,
    units: z.int().min(1),
    coverFromDays: days.optional(),
    coverToDays: days.optional(),
  })
  .meta({ id: 'SuggestedTransfer' });

const SignalList = z
  .strictObject({ asOf: Position, signals: z.array(StockSignalDocument), next })
  .meta({ id: 'SignalList' });
const TransferSuggestions = z
  .strictObject({ asOf: Position, transfers: z.array(SuggestedTransferDocument), next })
  .meta({ id: 'TransferSuggestions' });

const OTHER_TYPES = ['text/csv', 'application/x-ndjson'];

export const SIGNALS_OPERATIONS = [
  {
    method: 'get',
    path: '/v1/signals',
    id: 'getSignals',
    tag: 'Signals',
    summary: 'Velocity, days of cover and reorder point of stocks',
    description:
      'From the same events as stock itself; the terms are those of `signals` in the policy. As CSV or NDJSON the next page is ' +
      'in the header `Link`. For a feed send the `asOf` of the last answer as `changedAfter`.',
    scopes: ['signals:read'],
    query: SignalsQuery,
    headers: ['Accept'],
    answers: { 200: ['A page', JSON_TYPE, SignalList] },
    alsoAs: OTHER_TYPES,
    problems: AFTER,
  },
  {
    method: 'get',
    path: '/v1/signals/transfers',
    id: 'getSuggestedTransfers',
    tag: 'Signals',
    summary: 'Transfers that would take locations from surplus to their target cover',
    scopes: ['signals:read'],
    query: TransfersQuery,
    headers: ['Accept'],
    answers: { 200: ['A page', JSON_TYPE, TransferSuggestions] },
    alsoAs: OTHER_TYPES,
    problems: AFTER,
  },
] as const satisfies readonly Operation[];
