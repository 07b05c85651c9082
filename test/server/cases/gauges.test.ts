// The gauges of exception cases say what the cases are, by the numbers.
import { expect, it } from 'vitest';
import { createMemoryLog } from '../../../adapters/event-log/memory.ts';
import type { Telemetry } from '../../../adapters/telemetry/telemetry.ts';
import { MINUTE } from '../../../domain/time.ts';
import { gaugeCases } from '../../../server/cases/gauges.ts';
import { casePolicy, GAP } from '../../support/case-story.ts';
import { casesOver } from '../../support/cases-node.ts';

type Observe = (result: { observe(value: number, attributes?: Record<string, string>): void }) => void;

it('count open cases by kind and severity, the age of the oldest of a kind, and those that are late', async () => {
  const gauges = new Map<string, Observe>();
  const meter = {
    createObservableGauge: (name: string) => ({ addCallback: (read: Observe) => void gauges.set(name, read) }),
  };
  const read = (name: string) => {
    const points: Record<string, number> = {};
    const observe = (value: number, { kind = '', severity = '' }: Record<string, string> = {}) => {
      points[`${kind} ${severity}`.trim()] = value;
    };
    gauges.get(`evenstock.cases.${name}`)!({ observe });
    return points;
  };
  const policy = casePolicy({ cases: [{ kind: 'sequence-gap', slaMinutes: 20 }] });
  const node = await casesOver(createMemoryLog(), { policy });
  const { cases, sink, time } = node;
  const telemetry = { meter } as unknown as Telemetry;
  gaugeCases({ telemetry, cases, pending: () => sink.pending, clock: time.clock });
  expect([read('open'), read('oldest_age'), read('overdue')]).toEqual([{}, {}, { '': 0 }]);
  sink.raise(GAP);
  await sink.settled();
  await time.advance(30 * MINUTE);
  sink.raise({ ...GAP, key: 'another' });
  sink.raise({ ...GAP, kind: 'drift' });
  await sink.settled();
  expect(read('open')).toEqual({ 'sequence-gap medium': 2, 'drift medium': 1 });
  expect(read('oldest_age')).toEqual({ 'sequence-gap': 1_800, drift: 0 });
  expect(read('overdue')).toEqual({ '': 1 });
  expect(read('pending')['']).toBeGreaterThanOrEqual(2);
  sink.cleared(GAP.kind, GAP.key);
  await sink.settled();
  expect([read('open'), read('overdue')]).toEqual([{ 'sequence-gap medium': 1, 'drift medium': 1 }, { '': 0 }]);
  await node.close();
});
