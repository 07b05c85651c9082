// How dangerous it is to tell a channel one SKU late: the probability that it sells more than there is before it knows,
// times the value of what it would sell. Orders updates of one urgency. Pure: velocity, stock and policy in, 0 … 1 out.
import { poissonTail } from '../signals/poisson.ts';
import { DAY } from '../time.ts';

/** What is known of one update that waits. */
export interface AtStake {
  /** Units a day that the channel itself sells of the SKU: what others sell comes as another update. */
  readonly soldPerDay: number;
  /** Units that the channel's locations have for it, those that a buffer holds back too. */
  readonly there: number;
  /** Most that the channel may show until it is told; undefined: anything. */
  readonly shown: number | undefined;
  /** From now until the update is applied, ms. */
  readonly withinMs: number;
  /** Of one unit that is oversold, as a part of the highest value that policy gives: (0, 1]. */
  readonly valuePart: number;
}

export interface PublishRisk {
  /** P(the channel sells more than is there before the update is applied). */
  readonly oversellProbability: number;
  /** 0: none threatens … 1: certain, of a SKU that is worth the most. */
  readonly risk: number;
}

/** Beyond it a Poisson number is its mean to about 1 %, and one tail would cost thousands of steps. */
const EXPECTED_MAX = 10_000;
/** Expected losses less than this part of the worst one are one like the other. */
const LEAST_LOSS_DECADES = 9;

/**
 * P = P(N > there), N Poisson with mean λ · W, λ = `soldPerDay`, W = `withinMs`; 0 where the channel shows no more than is
 * there, because it cannot sell more than it shows. Poisson demand in a fixed time as in `lagPrice` (its sources hold here).
 *
 * risk = 1 + log10(P · valuePart) / 9, at least 0: every factor of ten in expected loss counts the same, so that risks of
 * 1 in 10,000 and of 1 in 1,000 are as far apart as 1 in 10 and certainty. Most probabilities are small: on a linear scale
 * they would all be one. Monotone in λ, W and value, and falling in `there`. O(√(λ · W)), at most some hundred steps.
 */
export function publishRisk({ soldPerDay, there, shown, withinMs, valuePart }: AtStake): PublishRisk {
  const canOversell = shown === undefined || shown > there;
  const oversellProbability = !canOversell ? 0 : soldMoreThan(there, soldPerDay * (withinMs / DAY));
  const loss = oversellProbability * valuePart;
  const risk = loss > 0 ? 1 + Math.log10(loss) / LEAST_LOSS_DECADES : 0;
  return { oversellProbability, risk: Math.min(1, Math.max(0, risk)) };
}

function soldMoreThan(units: number, expected: number): number {
  const scale = Math.max(1, expected / EXPECTED_MAX);
  return Math.min(1, poissonTail(expected / scale, Math.floor(units / scale)));
}
