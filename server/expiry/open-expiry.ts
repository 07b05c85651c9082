// Puts expiry together with the read model and the actors, and shows how it goes in the log and the metrics.
import type { Timers } from '../../adapters/publishing/timers.ts';
import type { Telemetry } from '../../adapters/telemetry/telemetry.ts';
import type { EventLog } from '../../domain/event-log.ts';
import { createOpenHolds, OPEN_HOLDS, type OpenHolds } from '../../projections/open-holds.ts';
import type { ProjectionDefinition } from '../../projections/projection.ts';
import type { ReadModel } from '../../projections/read-model.ts';
import type { StockActors } from '../actors/answer.ts';
import { gaugesOf } from '../observe/gauge.ts';
import type { TrustedClock } from '../trusted-clock.ts';
import { type Expiry, startExpiry } from './expiry.ts';

export const OPEN_HOLDS_PROJECTION: ProjectionDefinition<OpenHolds> = { name: OPEN_HOLDS, create: createOpenHolds };

export interface ExpiryRoom {
  readonly log: EventLog;
  /** With `OPEN_HOLDS_PROJECTION` among its projections. */
  readonly readModel: ReadModel;
  readonly actors: StockActors;
  readonly clock: TrustedClock;
  readonly timers: Timers;
  readonly random: () => number;
  readonly telemetry: Telemetry | undefined;
}

export async function openExpiry(room: ExpiryRoom): Promise<Expiry> {
  const { readModel, clock, timers } = room;
  const head = await room.log.head();
  let ready = false;
  const expiry = startExpiry({
    holds: () => readModel.projection(OPEN_HOLDS_PROJECTION),
    onSwitch: (listener) => readModel.onSwitch((name) => (name === OPEN_HOLDS ? listener() : undefined)),
    ready: () => (ready ||= readModel.status().position >= head),
    stocks: room.actors,
    clock,
    timers,
    random: room.random,
  });
  gaugeExpiry(room.telemetry, expiry);
  return expiry;
}

function gaugeExpiry(telemetry: Telemetry | undefined, expiry: Expiry): void {
  const gauge = gaugesOf(telemetry);
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
