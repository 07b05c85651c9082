// The policy of replenishment signals: how velocity is smoothed, how long an order takes, how sure to be, how many days
// to cover. One set for all locations, and what differs at some.
import { z } from 'zod';
import { type Issue, unique } from '../policy/issue.ts';
import { LocationId } from '../stock/stream.ts';
import { HALF_LIVES_HOURS } from './decay.ts';

const LeadTimeDays = z.number().min(0).max(365).meta({ description: 'From order to receipt' });
const ServiceLevel = z
  .number()
  .min(0.5)
  .max(0.999999)
  .meta({ description: 'Probability that stock at the reorder point lasts until the order arrives' });
const TargetCoverDays = z
  .number()
  .min(0)
  .max(365)
  .meta({ description: 'Days of velocity a location keeps, and is filled up to by transfers' });

export const SignalsPolicy = z.strictObject({
  halfLifeHours: z
    .literal([...HALF_LIVES_HOURS])
    .default(672)
    .meta({ description: 'How fast velocity forgets' }),
  leadTimeDays: LeadTimeDays.default(7),
  serviceLevel: ServiceLevel.default(0.95),
  targetCoverDays: TargetCoverDays.default(14),
  transferUnitsMin: z
    .int()
    .min(1)
    .max(1_000_000_000)
    .default(1)
    .meta({ description: 'No smaller transfer is suggested' }),
  locations: z
    .array(
      z.strictObject({
        id: LocationId,
        leadTimeDays: LeadTimeDays.optional(),
        serviceLevel: ServiceLevel.optional(),
        targetCoverDays: TargetCoverDays.optional(),
      }),
    )
    .default([])
    .meta({ description: 'What differs at a location' }),
});
export type SignalsPolicy = z.output<typeof SignalsPolicy>;

export function signalsIssues(
  signals: SignalsPolicy | undefined,
  knowsLocation: (id: string) => boolean,
  issue: Issue,
): void {
  const locations = signals?.locations ?? [];
  unique(locations, issue);
  locations.forEach(({ id }, n) => {
    if (!knowsLocation(id)) issue([n, 'id'], `unknown location ${id}`);
  });
}

export interface LocationTerms {
  readonly leadTimeDays: number;
  readonly serviceLevel: number;
  readonly targetCoverDays: number;
}

export interface SignalTerms extends Omit<SignalsPolicy, 'locations'> {
  at(location: LocationId): LocationTerms;
}

/** `policy` undefined: the defaults. */
export function signalTerms(policy: SignalsPolicy = SignalsPolicy.parse({})): SignalTerms {
  const { locations, ...all } = policy;
  const own = new Map(
    locations.map(({ id, leadTimeDays, serviceLevel, targetCoverDays }): [string, LocationTerms] => [
      id,
      {
        leadTimeDays: leadTimeDays ?? all.leadTimeDays,
        serviceLevel: serviceLevel ?? all.serviceLevel,
        targetCoverDays: targetCoverDays ?? all.targetCoverDays,
      },
    ]),
  );
  return { ...all, at: (location) => own.get(location) ?? all };
}
