// One SKU at all its locations, and how its figure came to be, for the OpenAPI document.
import { TimelineQuery } from '../figure-timeline.ts';
import { SkuStockQuery } from '../sku-stock.ts';
import { AFTER, JSON_TYPE, type Operation } from './operation.ts';
import { FigureTimeline, SkuStock } from './sku-documents.ts';

export const SKU_OPERATIONS = [
  {
    method: 'get',
    path: '/v1/stock/{sku}',
    id: 'getSkuStock',
    tag: 'Stock',
    summary: 'One SKU at every location that ever held it, now or as of two times',
    scopes: ['stock:read'],
    query: SkuStockQuery,
    answers: { 200: ['By location', JSON_TYPE, SkuStock] },
    problems: [...AFTER, 'unknown-stock'],
  },
  {
    method: 'get',
    path: '/v1/availability/{channel}/{sku}/timeline',
    id: 'getFigureTimeline',
    tag: 'Availability',
    summary: 'The last events of a SKU, with on-hand, reserved and the figure after each',
    scopes: ['availability:read', 'stock:read'],
    query: TimelineQuery,
    answers: { 200: ['Under the policy of each moment', JSON_TYPE, FigureTimeline] },
    problems: [...AFTER, 'unknown-channel', 'unknown-stock', 'bundle-has-no-stock'],
  },
] as const satisfies readonly Operation[];
