// An available-to-sell figure as of two times, under the policy that was in force then; or why there was none.
import type { EventLog } from '../../domain/event-log.ts';
import type { PolicyHistory } from '../../domain/policy/history.ts';
import type { Explanation } from '../../projections/availability.ts';
import { explainAt, type FigureAt, policyOfTimes, stocksOf } from '../../projections/explain-at.ts';
import { HttpProblem } from '../problems.ts';
import { timesText } from './times.ts';

/**
 * @param charge told how many stocks are read, before they are
 * @throws HttpProblem `unknown-channel` or `unknown-availability` of that time · Unavailable
 */
export async function readFigureAt(
  log: Pick<EventLog, 'read'>,
  history: PolicyHistory,
  figure: Omit<FigureAt, 'policy'>,
  charge: (stocks: number) => void = () => {},
): Promise<Explanation> {
  const { channel, sku } = figure;
  const policy = policyOfTimes(history, figure);
  if (policy === undefined) {
    throw new HttpProblem('unknown-channel', 'No policy was in force then, so no channel had a figure');
  }
  if (policy.channel(channel) === undefined) {
    throw new HttpProblem('unknown-channel', `Policy ${policy.version}, in force then, has no channel ${channel}`);
  }
  charge(stocksOf({ ...figure, policy }).length);
  const explanation = await explainAt(log, { ...figure, policy });
  if (explanation !== undefined) return explanation;
  const detail = `Of SKU ${sku} nothing ${timesText(figure)} at any location of ${channel}`;
  throw new HttpProblem('unknown-availability', detail);
}
