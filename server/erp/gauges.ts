// Gauges of the ERPs, read when the meter exports.
import type { Telemetry } from '../../adapters/telemetry/telemetry.ts';
import type { Erps } from './erps.ts';
import type { ErpStatus } from './status.ts';

export function gaugeErps(telemetry: Telemetry | undefined, erps: Pick<Erps, 'ids' | 'status'>): void {
  if (telemetry === undefined) return;
  const gauge = (name: string, unit: string, description: string, read: (status: ErpStatus) => number) =>
    telemetry.meter.createObservableGauge(`evenstock.erp.${name}`, { unit, description }).addCallback((result) => {
      for (const erp of erps.ids()) {
        const status = erps.status(erp);
        if (status !== undefined) result.observe(read(status), { erp });
      }
    });
  gauge('waiting', '{event}', 'Events that wait to be posted to the ERP', ({ waiting }) => waiting);
  gauge(
    'oldest_waiting',
    's',
    'How long the first of them has waited',
    ({ oldestWaitingMs }) => oldestWaitingMs / 1_000,
  );
  gauge('parked', '{movement}', 'Movements that wait apart because the ERP refused them', ({ parked }) => parked);
  gauge('posted', '{movement}', 'Movements posted since the beginning', ({ posted }) => posted);
  gauge('posted_last_minute', '{movement}', 'Of them, in the last minute', ({ postedLastMinute }) => postedLastMinute);
  gauge('up', '{erp}', '1: it takes movements, or has none to take', ({ state }) =>
    state === 'current' || state === 'posting' ? 1 : 0,
  );
}
