// How many entries a policy document may have: judging and compiling it compares entries with each other, and a document
// that takes seconds stops the server for seconds. Not part of its shape, so that what is in the log stays readable.
import type { Issue } from './issue.ts';

export const ENTRIES_MAX = {
  skus: 100_000,
  locations: 10_000,
  channels: 500,
  channelLocations: 10_000,
  quotas: 10_000,
  safetyStock: 100_000,
  unitValues: 100_000,
  systemsOfRecord: 5_000,
  ownership: 1_000,
  ownershipEntries: 10_000,
  schedules: 5_000,
  escalation: 500,
} as const;

interface Lists {
  readonly skus: 'any' | readonly unknown[];
  readonly locations: readonly unknown[];
  readonly channels: readonly { readonly locations: readonly unknown[]; readonly quotas: readonly unknown[] }[];
  readonly safetyStock: readonly unknown[];
  readonly systemsOfRecord: readonly unknown[];
  readonly ownership: readonly {
    readonly locations?: readonly unknown[] | undefined;
    readonly channels?: readonly unknown[] | undefined;
    readonly owners: readonly unknown[];
  }[];
  readonly unitValues?: { readonly skus: readonly unknown[] } | undefined;
  readonly reconciliation: { readonly schedules: readonly unknown[] };
  readonly escalation: { readonly cases: readonly unknown[]; readonly steps: readonly unknown[] };
}

/** False: it says too much to be judged further. */
export function withinLimits(document: Lists, issue: Issue): boolean {
  let within = true;
  const check = (path: readonly (string | number)[], list: readonly unknown[] | undefined, max: number) => {
    if (list === undefined || list.length <= max) return;
    within = false;
    issue(path, `has ${list.length} entries, more than ${max}`);
  };
  if (document.skus !== 'any') check(['skus'], document.skus, ENTRIES_MAX.skus);
  for (const name of ['locations', 'channels', 'safetyStock', 'systemsOfRecord', 'ownership'] as const) {
    check([name], document[name], ENTRIES_MAX[name]);
  }
  check(['unitValues', 'skus'], document.unitValues?.skus, ENTRIES_MAX.unitValues);
  check(['reconciliation', 'schedules'], document.reconciliation.schedules, ENTRIES_MAX.schedules);
  check(['escalation', 'cases'], document.escalation.cases, ENTRIES_MAX.escalation);
  check(['escalation', 'steps'], document.escalation.steps, ENTRIES_MAX.escalation);
  document.channels.forEach(({ locations, quotas }, n) => {
    check(['channels', n, 'locations'], locations, ENTRIES_MAX.channelLocations);
    check(['channels', n, 'quotas'], quotas, ENTRIES_MAX.quotas);
  });
  document.ownership.forEach((rule, n) => {
    for (const name of ['locations', 'channels', 'owners'] as const) {
      check(['ownership', n, name], rule[name], ENTRIES_MAX.ownershipEntries);
    }
  });
  return within;
}
