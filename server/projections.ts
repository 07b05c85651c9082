// Every projection of the product beside the read model's own: add yours to the list. All are stored, rebuilt and proven.
import { CASES_PROJECTION } from '../projections/cases.ts';
import { IDENTIFIERS_PROJECTION } from '../projections/identifiers.ts';
import { INBOUND_PROJECTION } from '../projections/inbound.ts';
import { OPEN_BUNDLES_PROJECTION } from '../projections/open-bundles.ts';
import type { ProjectionDefinition } from '../projections/projection.ts';
import { createPublished, type Published } from '../projections/published.ts';
import { RECONCILIATIONS_PROJECTION } from '../projections/reconciliations.ts';
import { TRANSFERS_PROJECTION } from '../projections/transfers.ts';
import { STOCKTAKES_PROJECTION } from './counts/open-counts.ts';
import { OPEN_HOLDS_PROJECTION } from './expiry/open-expiry.ts';
import { ORDERS_PROJECTION } from './orders/open-orders.ts';

export const PUBLISHED_PROJECTION: ProjectionDefinition<Published> = { name: 'published', create: createPublished };

export const PROJECTIONS = [
  PUBLISHED_PROJECTION,
  OPEN_HOLDS_PROJECTION,
  CASES_PROJECTION,
  ORDERS_PROJECTION,
  TRANSFERS_PROJECTION,
  RECONCILIATIONS_PROJECTION,
  STOCKTAKES_PROJECTION,
  OPEN_BUNDLES_PROJECTION,
  INBOUND_PROJECTION,
  IDENTIFIERS_PROJECTION,
] as const;
