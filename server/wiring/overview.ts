// Puts the overview over the parts whose figures it shows.
import type { Publishing } from '../../adapters/publishing/publisher.ts';
import type { ReadModel } from '../../projections/read-model.ts';
import { type Overview, openOverview } from '../overview/overview.ts';
import type { CommandCounter } from '../overview/tally.ts';
import type { PolicyBook } from '../policy/book.ts';
import type { RunningProcesses } from '../processes.ts';
import { PUBLISHED_PROJECTION } from '../projections.ts';
import { channelStatus } from '../reports.ts';
import type { Sealing } from '../seals/sealing.ts';
import type { ProcessTime } from './time.ts';

export interface OverviewParts {
  readonly readModel: ReadModel;
  readonly publishing: Publishing;
  readonly running: Pick<RunningProcesses, 'processes'>;
  readonly policies: Pick<PolicyBook, 'policy'>;
  readonly counter: CommandCounter;
  readonly sealing: Sealing | undefined;
  readonly time: ProcessTime;
}

export function openProductOverview(parts: OverviewParts): Overview {
  const { readModel, running, policies, counter, time } = parts;
  const published = () => readModel.projection(PUBLISHED_PROJECTION);
  return openOverview({
    readModel,
    published,
    processes: running.processes,
    policy: policies.policy,
    channelStatus: (channel) => channelStatus(channel, published(), parts),
    commands: counter.now,
    seals: () => parts.sealing?.status(),
    now: time.clock.now,
    timers: time.timers,
  });
}
