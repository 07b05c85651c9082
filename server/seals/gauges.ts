// Gauges of a server that seals its log: is it done, and is the log what was written.
import type { Telemetry } from '../../adapters/telemetry/telemetry.ts';
import { gaugesOf } from '../observe/gauge.ts';
import type { Sealing } from './sealing.ts';

export function gaugeSealing(telemetry: Telemetry | undefined, { status }: Pick<Sealing, 'status'>): void {
  const gauge = gaugesOf(telemetry);
  gauge('evenstock.seal.events', '{event}', 'Events that are sealed', () => status().last?.count ?? 0);
  gauge('evenstock.seal.due', 's', 'How long a seal has been due; 0: none is', () => status().dueMs / 1_000);
  gauge('evenstock.seal.altered', '{log}', '1: the event log or its seals are not what was written', () =>
    status().trouble?.kind === 'altered' ? 1 : 0,
  );
}
