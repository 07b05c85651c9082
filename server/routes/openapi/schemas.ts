// The shapes of what the API answers, for the OpenAPI document. They describe and never run on a request;
// tests parse real answers with them, so that the document cannot say what the server does not do.

import { z } from 'zod';
import { LagPriced } from '../../../domain/channel/lag-price.ts';
import { ChannelId, LocationId, Sku } from '../../../domain/stock/stream.ts';
import { PROBLEMS, type ProblemName } from '../../problems.ts';
import { InboundStateDocument } from './inbound.ts';
import { Position } from './parameters.ts';
import { PublishingState } from './publishing-state.ts';

export const count = z.int().min(0);
export const life = z
  .enum(['active', 'frozen', 'retired'])
  .meta({ description: 'Frozen and retired stock is not sold' });
const instant = z.iso.datetime({ offset: true });
const commandId = z.string();
const revision = z.int().min(0).meta({ description: 'Number of the event within this stock, from 0' });
const levels = {
  onHand: z.int().meta({ description: 'Negative: facts say more left than ever came' }),
  reserved: count,
  quarantined: count,
  inTransitIn: count,
  inTransitOut: count,
  available: z.int().meta({ description: 'on-hand − reserved − quarantined' }),
};
const recorded = {
  commandId,
  duplicate: z.boolean().meta({ description: 'true: this is the answer its first delivery got' }),
  event: z.string().meta({ example: 'UnitsSold' }),
  revision,
  position: Position,
};

export const Fault = z
  .strictObject({
    path: z
      .string()
      .meta({ description: 'JSON Pointer into the body, or the name of a parameter', example: '/quantity' }),
    rule: z.string().meta({ example: 'minimum' }),
    message: z.string().meta({ example: 'must be at least 1' }),
  })
  .meta({ id: 'Fault' });

export const ProblemDocument = z
  .strictObject({
    type: z.string().meta({ description: 'Stable; `/problems/<reason>`' }),
    title: z.string(),
    status: z.int(),
    reason: z.enum(Object.keys(PROBLEMS) as [ProblemName, ...ProblemName[]]),
    detail: z.string(),
    commandId: commandId.optional(),
    errors: z.array(Fault).optional(),
    retryAfterMs: z.int().optional().meta({ description: 'Send the same again after this long' }),
  })
  .meta({ id: 'Problem', description: 'RFC 9457' });

export const CommandAnswer = z
  .strictObject({
    ...recorded,
    outcome: z.enum(['accepted', 'parked']).meta({ description: 'parked: kept without effect, somebody must look' }),
    stock: z.strictObject({ sku: Sku, location: LocationId, ...levels }),
    bundle: z
      .strictObject({
        version: z.string().meta({ description: 'Of the definition it was exploded by; empty when it was parked' }),
        settled: z.boolean().meta({ description: 'false: components that wait will answer by themselves' }),
        components: z.array(
          z.strictObject({
            sku: Sku,
            quantity: count.meta({ description: 'Units in one bundle' }),
            outcome: z.enum(['accepted', 'parked', 'refused', 'waiting']),
            revision: count.optional().meta({ description: "Of the component's event" }),
          }),
        ),
      })
      .optional()
      .meta({ description: 'Of a bundle, whose `stock` is 0 because it holds none: what became of its components' }),
  })
  .meta({ id: 'CommandAnswer' });

export const LineAnswer = z
  .discriminatedUnion('outcome', [
    z.strictObject({ line: z.int(), ...recorded, outcome: z.literal('accepted') }),
    z.strictObject({ line: z.int(), ...recorded, outcome: z.literal('parked') }),
    z.strictObject({
      line: z.int(),
      commandId,
      outcome: z.literal('refused'),
      reason: z.string(),
      detail: z.string(),
    }),
    z.strictObject({
      line: z.int(),
      commandId,
      outcome: z.literal('failed').meta({ description: 'Send this command again' }),
      reason: z.string(),
      detail: z.string(),
      retryAfterMs: z.int(),
    }),
    z.strictObject({
      line: z.int(),
      commandId: commandId.optional(),
      outcome: z.literal('invalid').meta({ description: 'Mend it; the same again is invalid again' }),
      reason: z.string(),
      detail: z.string(),
      errors: z.array(Fault),
    }),
  ])
  .meta({ id: 'LineAnswer' });

export const StockFigures = z
  .strictObject({
    sku: Sku,
    location: LocationId,
    ...levels,
    oversold: count.meta({ description: 'Units promised or quarantined beyond what is there' }),
    transfers: z
      .array(
        z.strictObject({
          transfer: z.string(),
          from: LocationId,
          to: LocationId,
          in: count.meta({ description: 'On their way here' }),
          out: count.meta({ description: 'On their way from here' }),
          setAside: count.meta({ description: 'Set aside here and not dispatched' }),
        }),
      )
      .meta({ description: 'Open transfers to and from here, the oldest 100' }),
    life,
    revision,
    position: Position,
  })
  .meta({ id: 'StockFigures' });

/** The two times of a past figure, as they were asked for. */
export const at = z.strictObject({ asOf: instant.optional(), knownAt: instant.optional() });

export const StockFiguresAt = z
  .strictObject({
    sku: Sku,
    location: LocationId,
    at,
    ...levels,
    oversold: count,
    life,
    events: z.int().min(1).meta({ description: 'That count at these times' }),
    countedAt: instant.optional().meta({ description: 'When the last count of them was' }),
    revision: revision.meta({ description: 'Of the last of them' }),
    position: Position,
  })
  .meta({ id: 'StockFiguresAt', description: 'With asOf or knownAt: docs/audit.md' });

export const HistoryPage = z
  .strictObject({
    sku: Sku,
    location: LocationId,
    entries: z.array(
      z.looseObject({
        revision,
        position: Position,
        eventId: z.string(),
        event: z.string(),
        occurredAt: instant,
        recordedAt: instant,
        commandId,
        source: z.string(),
        sequence: count.optional(),
        levels: z.strictObject(levels),
      }),
    ),
    next: z.int().optional().meta({ description: 'The `cursor` of the next page; absent on the last' }),
  })
  .meta({ id: 'HistoryPage' });

export const units = count.meta({ description: 'Available-to-sell' });

export const AvailabilityList = z
  .strictObject({
    channel: ChannelId,
    asOf: Position,
    availability: z.array(z.strictObject({ sku: Sku, units })),
    next: Sku.optional().meta({ description: 'The `cursor` of the next page; absent on the last' }),
  })
  .meta({ id: 'AvailabilityList' });

export const AvailabilityFigure = z
  .strictObject({
    channel: ChannelId,
    sku: Sku,
    units,
    asOf: Position,
    at: at.optional(),
    policyVersion: z.string().optional().meta({ description: 'Of a past figure: in force then' }),
    lagPriceLeftOut: z
      .literal(true)
      .optional()
      .meta({ description: 'Of a past figure: the channel showed this or less' }),
  })
  .meta({ id: 'AvailabilityFigure' });

export const EventPage = z
  .strictObject({
    events: z.array(
      z.looseObject({
        position: Position,
        id: z.string(),
        type: z.string(),
        stream: z.string(),
        revision,
        sku: Sku.optional(),
        location: LocationId.optional(),
        data: z.looseObject({}),
        metadata: z.looseObject({}),
      }),
    ),
    next: Position.optional().meta({ description: '`after` of the next page' }),
    atHead: z.boolean().meta({ description: 'true: there was nothing after these' }),
    partial: z
      .literal(true)
      .optional()
      .meta({ description: 'The key is limited: events of others are not among them' }),
  })
  .meta({ id: 'EventPage' });

export const ChannelDocument = z
  .strictObject({
    channel: ChannelId,
    policy: z.strictObject({
      version: z.string(),
      on: z.boolean(),
      locations: z.array(LocationId),
      buffer: count,
      lagPriced: LagPriced.optional(),
      percentage: count,
      cap: count.optional(),
    }),
    publishing: PublishingState.optional(),
    connector: z.string().optional(),
    inbound: InboundStateDocument.optional(),
    changedAt: z.string(),
    asOf: z.string(),
  })
  .meta({ id: 'Channel' });

export const SourceList = z
  .strictObject({
    sources: z.array(
      z.looseObject({
        source: z.string(),
        highest: count,
        gaps: z.array(z.strictObject({ from: count, to: count })),
        lastSeenAt: instant.optional(),
      }),
    ),
  })
  .meta({ id: 'SourceList' });

export const HealthDocument = z.strictObject({ status: z.literal('ok') }).meta({ id: 'Health' });

export const ReadinessDocument = z
  .strictObject({
    status: z.enum(['ready', 'not-ready', 'stopping']),
    checks: z.record(z.string(), z.strictObject({ ok: z.boolean(), detail: z.string() })),
  })
  .meta({ id: 'Readiness' });
