// What orders updates of one urgency: how dangerous it is to tell the channel this SKU late. Stock-outs and decreases have
// a risk; an increase threatens no oversell. O(1) a change, whatever the catalogue.
import { type AtStake, type PublishRisk, publishRisk } from '../../domain/channel/publish-risk.ts';
import type { Stakes } from '../../projections/stakes.ts';
import { SLACK_MS } from './backlog.ts';
import type { Urgency } from './difference.ts';
import type { Known } from './known.ts';
import type { Recent } from './recent.ts';

/** A risk with everything it was made from. */
export interface UpdateRisk extends AtStake, PublishRisk {}

/** Undefined: it threatens nothing. */
export type RiskOf = (sku: string, urgency: Urgency) => UpdateRisk | undefined;

interface RisksRoom {
  readonly channel: string;
  readonly stakes: Stakes;
  readonly known: Pick<Known, 'mostShown'>;
  /** How long each update had been wrong when the channel was known to show it, ms. */
  readonly lags: Recent;
}

/**
 * The time that counts is as long as an update of its urgency may be overtaken, and the channel's usual lag on top (median of
 * the last 1,000 updates). The length of the backlog is left out on purpose: it grows while a burst of changes comes in, and
 * would put the last of them before the first for no other reason.
 */
export function createRisks({ channel, stakes, known, lags }: RisksRoom): RiskOf {
  return (sku, urgency) => {
    if (urgency === 'increase') return undefined;
    const [, mayWaitMs] = SLACK_MS[urgency];
    const atStake = {
      soldPerDay: stakes.soldPerDay(channel, sku),
      there: stakes.there(channel, sku),
      shown: known.mostShown(sku),
      withinMs: mayWaitMs + Math.round(lags.percentile(0.5) ?? 0),
      valuePart: stakes.valuePart(sku),
    };
    return { ...atStake, ...publishRisk(atStake) };
  };
}
