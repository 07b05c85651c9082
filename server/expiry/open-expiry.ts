// Puts expiry together with the read model and the actors, and shows how it goes in the log and the metrics.
import type { Timers } from '../../adapters/publishing/timers.ts';
import type { Telemetry } from '../../adapters/telemetry/telemetry.ts';
import type { EventLog } from '../../domain/event-log.ts';
import type { Clock } from '../../domain/time.ts';
import { createOpenHolds, OPEN_HOLDS, type OpenHolds } from '../../projections/open-holds.ts';
import type { ProjectionDefinition } from '../../projections/projection.ts';
import type { ReadModel } from '../../projections/read-model.ts';
import type { StockActors } from '../actors/answer.ts';
import type { Logger } from '../logging.ts';
import { type Expiry, startExpiry } from './expiry.ts';
import { createTrustedClock } from './trusted-clock.ts';

export const OPEN_HOLDS_PROJECTION: ProjectionDefinition<OpenHolds> = { name: OPEN_HOLDS, create: createOpenHolds };

export interface ExpiryRoom {
  readonly log: EventLog;
  /** With `OPEN_HOLDS_PROJECTION` among its projections. */
  readonly readModel: ReadModel;
  readonly actors: StockActors;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: () => number;
  /** How long the wall clock must stay where it jumped until that is believed, ms. */
  readonly confirmMs: number;
  readonly logger: Logger;
  readonly telemetry: Telemetry | undefined;
}

export async function openExpiry(room: ExpiryRoom): Promise<Expiry> {
  const { readModel, timers, logger } = room;
  const head = await room.log.head();
  let ready = false;
  const expiry = startExpiry({
    holds: () => readModel.projection(OPEN_HOLDS_PROJECTION),
    onSwitch: (listener) => readModel.onSwitch((name) => (name === OPEN_HOLDS ? listener() : undefined)),
    ready: () => (ready ||= readModel.status().position >= head),
    stocks: room.actors,
    clock: createTrustedClock({
      wall: room.clock,
      monotonic: timers.now,
      confirmMs: room.confirmMs,
      onDoubt: (offMs) =>
        offMs === undefined
          ? logger.info('the clock is trusted again')
          : logger.warn({ offMs, confirmMs: room.confirmMs }, 'the clock jumped: nothing expires by the jump alone'),
    }),
    timers,
    random: room.random,
  });
  gaugeExpiry(room.telemetry, expiry);
  return expiry;
}

function gaugeExpiry(telemetry: Telemetry | undefined, expiry: Expiry): void {
  if (telemetry === undefined) return;
  const gauge = (name: string, unit: string, description: string, read: () => number) =>
    telemetry.meter.createObservableGauge(name, { unit, description }).addCallback((result) => result.observe(read()));
  gauge(
    'evenstock.expiry.open_holds',
    '{reservation}',
    'Reservations that can still expire',
    () => expiry.status().openHolds,
  );
  gauge(
    'evenstock.expiry.overdue',
    '{reservation}',
    'Of them, those whose time has passed',
    () => expiry.status().overdue,
  );
  gauge(
    'evenstock.expiry.lag',
    's',
    'How long the longest of these has been overdue',
    () => expiry.status().lagMs / 1_000,
  );
}
